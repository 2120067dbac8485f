// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target over the files of its corpus, so that every test run replays them with any
// compiler; `./dev fuzz` links the same targets with libFuzzer instead.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

int main(int argc, char** argv) {
  std::size_t count = 0;
  for (int i = 1; i < argc; ++i) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(argv[i])) {
      if (!entry.is_regular_file()) continue;
      std::ifstream file(entry.path(), std::ios::binary);
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      // The whole file, and every shorter one up to a bound: cut input is the usual bad input.
      for (std::size_t n = text.size() > 512 ? text.size() - 512 : 0; n <= text.size(); ++n) {
        LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), n);
        ++count;
      }
    }
  }
  std::printf("%zu inputs\n", count);
  return count > 0 ? 0 : 1;
}
