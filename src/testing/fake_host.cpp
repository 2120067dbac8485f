// SPDX-License-Identifier: Apache-2.0
#include "testing/fake_host.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace gpud {
namespace {

std::string MakeFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "gpud-test-XXXXXX").string();
  if (!mkdtemp(name.data())) throw std::runtime_error("mkdtemp: " + name);
  return name;
}

}  // namespace

FakeHost::FakeHost() : folder_(MakeFolder()), root(folder_) {}
FakeHost::~FakeHost() { std::filesystem::remove_all(folder_); }

std::string FakeHost::Path(std::string_view path) const { return folder_ + std::string(path); }

void FakeHost::Write(std::string_view path, std::string_view text) {
  const std::filesystem::path file = Path(path);
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << text;
}

void FakeHost::Link(std::string_view path, std::string_view target) {
  const std::filesystem::path file = Path(path);
  std::filesystem::create_directories(file.parent_path());
  std::filesystem::create_symlink(target, file);
}

void FakeHost::Remove(std::string_view path) { std::filesystem::remove_all(Path(path)); }

}  // namespace gpud
