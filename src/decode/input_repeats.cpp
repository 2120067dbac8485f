// SPDX-License-Identifier: Apache-2.0
#include "decode/input_repeats.h"

#include <functional>

#include "platform/clock.h"

namespace gpud::decode {
namespace {

constexpr std::size_t kMostYoung = 32 << 10;

// splitmix64's finisher; times differ in few bits.
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a + 0x9e3779b97f4a7c15u * (b + 1);
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
  x = (x ^ x >> 27) * 0x94d049bb133111ebu;
  return x ^ x >> 31;
}

enum Kind : std::uint64_t { kText, kKernelTime, kSecond };

}  // namespace

InputRepeats::Entry& InputRepeats::At(std::uint64_t key) {
  if (const auto found = young_.find(key); found != young_.end()) return found->second;
  if (young_.size() >= kMostYoung) {
    old_ = std::move(young_);
    young_.clear();
  }
  Entry entry;
  if (const auto found = old_.find(key); found != old_.end()) entry = found->second;
  return young_.emplace(key, entry).first->second;
}

bool InputRepeats::Seen(const InputLine& line, std::uint64_t section) {
  const std::uint64_t text = std::hash<std::string_view>()(line.text);
  const bool kernel_time = line.since_boot.has_value();
  if (!kernel_time && !line.wall) return false;
  const auto time = static_cast<std::uint64_t>(
      kernel_time ? line.since_boot->count() : Seconds(line.wall->time_since_epoch()));
  const std::uint64_t key = Mix(Mix(text, time), kernel_time ? kKernelTime : kSecond);
  Entry& same = At(key);
  if (same.section != section) same.in_section = 0;
  same.section = section;
  if (++same.in_section <= same.different) return true;
  same.different = same.in_section;

  Entry& of_text = At(Mix(text, kText));
  const std::uint32_t others = kernel_time ? of_text.by_second : of_text.by_kernel_time;
  return ++(kernel_time ? of_text.by_kernel_time : of_text.by_second) <= others;
}

}  // namespace gpud::decode
