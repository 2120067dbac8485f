// SPDX-License-Identifier: Apache-2.0
#include "sources/sysfs/value_file.h"

#include <fcntl.h>

#include <cerrno>

#include "platform/text.h"

namespace gpud::sysfs {

Result<std::string> ReadText(const Root& root, std::string_view path) {
  return root.Read(path, 1 << 16).map([](const std::string& text) {
    return std::string(Trim(text));
  });
}

Result<std::uint64_t> ReadUnsigned(const Root& root, std::string_view path) {
  auto text = ReadText(root, path);
  if (!text) return tl::unexpected<Error>(std::move(text).error());
  const bool hexadecimal = text->starts_with("0x");
  const auto value = hexadecimal ? ParseNumber<std::uint64_t>(text->substr(2), 16)
                                 : ParseNumber<std::uint64_t>(*text);
  if (!value) {
    return Fail(ErrorCode::kParse,
                std::string(path) + ": \"" + text->substr(0, 40) + "\" is not a number");
  }
  return *value;
}

Result<std::string> ReadHead(const Root& root, std::string_view path, std::size_t bytes) {
  auto fd = root.Open(path, O_RDONLY);
  if (!fd) return tl::unexpected<Error>(std::move(fd).error());
  std::string text(bytes, '\0');
  const ssize_t n = ::read(fd->get(), text.data(), text.size());
  if (n < 0) return FailErrno(std::string(path), errno);
  text.resize(static_cast<std::size_t>(n));
  return text;
}

}  // namespace gpud::sysfs
