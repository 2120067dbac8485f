# SPDX-License-Identifier: Apache-2.0
# The compiler's flags, the libraries, and the two functions by which folders become targets.

find_program(CCACHE ccache)
if(CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(OpenSSL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(ZLIB REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(GTest REQUIRED)
find_package(Boost 1.75 REQUIRED COMPONENTS json)
find_path(EXPECTED_INCLUDE tl/expected.hpp REQUIRED)
find_path(RE2_INCLUDE re2/re2.h REQUIRED)
find_path(CLI11_INCLUDE CLI/CLI.hpp REQUIRED)

# Static archives: the shipped binary needs glibc alone (docs/architecture.md, "Dependencies").
foreach(lib ssl crypto sqlite3 re2 yaml-cpp boost_json nghttp2 z)
  string(MAKE_C_IDENTIFIER ${lib} id)
  find_library(STATIC_${id} NAMES lib${lib}.a REQUIRED)
endforeach()

# Small code is worth more here than quick code: -Os saves an eighth of the binary. Folders with loops
# that a profile shows ask for gpud_quick_code().
set(CMAKE_CXX_FLAGS_RELEASE "-Os -DNDEBUG")
function(gpud_quick_code target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O2>)
endfunction()

add_library(gpud_flags INTERFACE)
target_include_directories(gpud_flags INTERFACE ${PROJECT_SOURCE_DIR}/src)
target_compile_options(gpud_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror
  -Wno-missing-field-initializers  # designated initialisers leave members at their defaults
  -Wno-restrict  # g++ 12 sees overlaps in std::string operator+ that are not there (PR 105329)
  -ffunction-sections -fdata-sections -fno-plt)
target_compile_definitions(gpud_flags INTERFACE
  FMT_HEADER_ONLY BOOST_ASIO_NO_DEPRECATED
  GPUD_VERSION="${PROJECT_VERSION}")
target_link_libraries(gpud_flags INTERFACE Threads::Threads ${CMAKE_DL_LIBS})
target_link_options(gpud_flags INTERFACE -Wl,--gc-sections -Wl,--as-needed)
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_link_options(gpud_flags INTERFACE -static-libstdc++ -static-libgcc)
endif()
find_program(MOLD mold)
if(MOLD)
  target_link_options(gpud_flags INTERFACE -fuse-ld=mold)
endif()
if(GPUD_SANITIZE)
  target_compile_options(gpud_flags INTERFACE
    -fsanitize=${GPUD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all -O1)
  target_link_options(gpud_flags INTERFACE -fsanitize=${GPUD_SANITIZE})
  if(GPUD_SANITIZE MATCHES thread)
    target_compile_options(gpud_flags INTERFACE -Wno-tsan)
  endif()
endif()

# gpud_library(NAME DEPS...): every .cpp of this folder and below but *_test.cpp is library
# gpud_NAME; every *_test.cpp goes to the test binary test_NAME (not in `all`; target `tests` has
# all of them).
add_custom_target(tests)
function(gpud_library name)
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS *.cpp)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cpp$")
  list(FILTER tests INCLUDE REGEX "_test\\.cpp$")
  add_library(gpud_${name} STATIC ${sources})
  target_link_libraries(gpud_${name} PUBLIC gpud_flags ${ARGN})
  if(tests)
    add_executable(test_${name} EXCLUDE_FROM_ALL ${tests})
    target_link_libraries(test_${name} PRIVATE gpud_${name} gpud_testing GTest::gtest GTest::gtest_main)
    target_compile_definitions(test_${name} PRIVATE GPUD_SOURCE_DIR="${PROJECT_SOURCE_DIR}")
    add_dependencies(tests test_${name})
    add_test(NAME ${name} COMMAND test_${name})
  endif()
endfunction()

# gpud_components(FOLDER...): the registry. Each folder is built, tested and listed in the
# generated all.cpp; a wrong name is a link error that names the missing symbol.
function(gpud_components)
  set(declarations "")
  set(rows "")
  foreach(folder ${ARGN})
    string(REPLACE "/" "_" space ${folder})
    string(REPLACE "-" "_" space ${space})
    string(APPEND declarations "namespace gpud::${space} { extern const ComponentType kType; }\n")
    string(APPEND rows "      &${space}::kType,\n")
  endforeach()
  file(CONFIGURE OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/all.cpp @ONLY CONTENT
"// Made by gpud_components() from src/components/CMakeLists.txt.
#include \"components/all.h\"

@declarations@
namespace gpud {

std::span<const ComponentType* const> AllComponents() {
  static constexpr const ComponentType* kAll[] = {
@rows@  };
  return kAll;
}

}  // namespace gpud
")
  gpud_library(components gpud_sources)
  target_sources(gpud_components PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/all.cpp)
endfunction()
