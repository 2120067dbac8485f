// SPDX-License-Identifier: Apache-2.0
#include "sources/nvml/library.h"

#include <dlfcn.h>
#include <link.h>

#include <cstdlib>

namespace gpud::nvml {
namespace {

constexpr const char* kFile = "libnvidia-ml.so.1";
// Where distributions and the container toolkit put it, in the order of the original.
constexpr std::string_view kFolders[] = {
    "/usr/lib/x86_64-linux-gnu/", "/usr/lib/aarch64-linux-gnu/", "/usr/lib/powerpc64le-linux-gnu/",
    "/usr/lib64/", "/usr/lib/"};

std::string Setting(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

Result<std::string> FindBelow(const Root& root) {
  for (const std::string_view folder : kFolders) {
    const std::string path = std::string(folder) + kFile;
    if (root.Exists(path)) return root.path() + path;
  }
  return Fail(ErrorCode::kUnsupported, std::string(kFile) + ": not found below " + root.path());
}

std::string LoadedFrom(void* handle, const std::string& asked) {
  link_map* map = nullptr;
  const bool known = ::dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0 && map && *map->l_name;
  return known ? map->l_name : asked;
}

}  // namespace

Result<std::string> LibraryPath(const Root& root) {
  if (std::string path = Setting("GPUD_NVML_LIBRARY_PATH"); !path.empty()) return path;
  if (const std::string folder = Setting("GPUD_NVIDIA_DRIVER_ROOT"); !folder.empty()) {
    return FindBelow(Root(folder));
  }
  if (root.path() != "/") return FindBelow(root);
  return kFile;
}

void Library::Close::operator()(void* handle) const { ::dlclose(handle); }

Result<std::unique_ptr<Library>> Library::Load(const Root& root) {
  const auto path = LibraryPath(root);
  if (!path) return tl::unexpected<Error>(path.error());
  Handle handle(::dlopen(path->c_str(), RTLD_NOW | RTLD_LOCAL));
  if (!handle) {
    const char* told = ::dlerror();
    std::string why = told ? told : *path;
    // As the machine itself names the file.
    if (root.path() != "/" && why.starts_with(root.path())) why.erase(0, root.path().size());
    return Fail(ErrorCode::kUnsupported, std::move(why));
  }
  std::string loaded = LoadedFrom(handle.get(), *path);
  return std::unique_ptr<Library>(new Library(std::move(handle), std::move(loaded)));
}

void* Library::AddressOf(Symbol& symbol) const {
  if (!symbol.sought) {
    symbol.sought = true;
    symbol.address = ::dlsym(handle_.get(), symbol.name);
    if (!symbol.address && symbol.older) symbol.address = ::dlsym(handle_.get(), symbol.older);
  }
  return symbol.address;
}

std::string Library::Simulated() const {
  using Name = decltype(abi::gpudSimulated);
  const auto name = reinterpret_cast<Name*>(::dlsym(handle_.get(), "gpudSimulated"));
  const char* scenario = name ? name() : nullptr;
  return scenario ? scenario : "";
}

}  // namespace gpud::nvml
