// SPDX-License-Identifier: Apache-2.0
// Libraries that may be missing on a machine, opened when they are needed (dlopen(3)).
#pragma once

#include <dlfcn.h>

#include <memory>

namespace gpud {

struct CloseLibrary {
  void operator()(void* handle) const { ::dlclose(handle); }
};
/// An open library, or null.
using SharedLibrary = std::unique_ptr<void, CloseLibrary>;

/// `name`: as dlopen takes it. Null when it is not there; dlerror(3) says why.
inline SharedLibrary OpenLibrary(const char* name) {
  return SharedLibrary(::dlopen(name, RTLD_NOW | RTLD_LOCAL));
}

/// Takes the address of a function; false when the library has none of that name.
template <class Function>
bool FindFunction(const SharedLibrary& library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library.get(), name));
  return function != nullptr;
}

}  // namespace gpud
