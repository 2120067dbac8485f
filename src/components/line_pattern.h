// SPDX-License-Identifier: Apache-2.0
// Forms of kernel lines, written as the driver's own format string with its fields named.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace gpud {

/// The fields of a line that a form has matched: views into the line.
class LineFields {
 public:
  /// Empty when the form has no such field.
  std::string_view operator[](std::string_view name) const;
  std::size_t size() const { return size_; }
  std::string_view name(std::size_t i) const { return fields_[i].name; }
  std::string_view value(std::size_t i) const { return fields_[i].value; }

 private:
  friend bool MatchForm(std::string_view form, std::string_view text, LineFields& fields);
  struct OneField {
    std::string_view name;
    std::string_view value;
  };
  static constexpr std::size_t kMost = 8;
  void Put(std::string_view name, std::string_view value) {
    if (size_ < kMost) fields_[size_++] = {name, value};
  }
  std::array<OneField, kMost> fields_;
  std::size_t size_ = 0;
};

/// Whether `text` holds the form, anywhere. A form is literal text, in which a blank stands for one
/// or more blanks or tabs, and fields <KIND> or, to keep the value, <NAME:KIND>:
///   n    digits, with or without a sign       x    hex digits, with or without 0x
///   w    a run of anything but blanks         dev  a device's name: letters, digits and _-.+!
///   pci  a PCI address: 9b:00.0, 0000:9b:00.0, 0000:9b:00
///   *    anything, as little as possible, also over line ends
///   maj  device numbers: 253:4
/// No regular expressions: the time is bounded by the length of form times text, nothing is
/// compiled, no memory is taken. At most 8 named fields.
bool MatchForm(std::string_view form, std::string_view text, LineFields& fields);

/// A PCI address as everything in gpud writes it: "0000:9b:00.0" from "9b:00.0", "PCI:0000:9B:00"
/// (function 0) and the like. Empty when it is none.
std::string PciAddress(std::string_view text);

}  // namespace gpud
