// SPDX-License-Identifier: Apache-2.0
// The compact binary form of snapshots on a lane's pipe. Both ends are the same build of the same
// binary, so there is no versioning; every length is checked, as the other end may be insane.
#pragma once

#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/clock.h"
#include "platform/result.h"

namespace gpud {

class BinaryWriter {
 public:
  template <class T>
  void Put(const T& value) {
    if constexpr (HasFields<T>) {
      ForEachField<T>([&](const auto& field) { Put(value.*field.member); });
    } else {
      static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "no binary form for this type");
      char raw[sizeof(T)];
      std::memcpy(raw, &value, sizeof(T));
      out_.append(raw, sizeof(T));
    }
  }
  void Put(const std::string& value) {
    Put(static_cast<std::uint32_t>(value.size()));
    out_ += value;
  }
  void Put(const WallTime& value) { Put(value.time_since_epoch().count()); }
  void Put(const BootTime& value) { Put(value.time_since_epoch().count()); }
  template <class Rep, class Period>
  void Put(const std::chrono::duration<Rep, Period>& value) {
    Put(value.count());
  }
  template <class T>
  void Put(const std::optional<T>& value) {
    Put(value.has_value());
    if (value) Put(*value);
  }
  template <class T>
  void Put(const std::vector<T>& value) {
    Put(static_cast<std::uint32_t>(value.size()));
    for (const T& item : value) Put(item);
  }
  template <class T>
  void Put(const std::map<std::string, T>& value) {
    Put(static_cast<std::uint32_t>(value.size()));
    for (const auto& [key, item] : value) {
      Put(key);
      Put(item);
    }
  }
  void Put(const Error& value) {
    Put(value.code);
    Put(value.what);
    Put(value.sys);
  }
  template <class T>
  void Put(const Result<T>& value) {
    Put(value.has_value());
    if (value) {
      Put(*value);
    } else {
      Put(value.error());
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

/// Reads what BinaryWriter wrote. After anything wrong `ok()` is false and values keep defaults.
class BinaryReader {
 public:
  explicit BinaryReader(std::string_view in) : in_(in) {}

  template <class T>
  void Get(T& value) {
    if constexpr (HasFields<T>) {
      ForEachField<T>([&](const auto& field) { Get(value.*field.member); });
    } else if constexpr (std::is_same_v<T, bool>) {
      unsigned char raw = 0;
      Get(raw);
      value = raw != 0;
    } else {
      static_assert(std::is_arithmetic_v<T> || std::is_enum_v<T>, "no binary form for this type");
      const std::string_view raw = Bytes(sizeof(T));
      if (ok_) std::memcpy(&value, raw.data(), sizeof(T));
    }
  }
  void Get(std::string& value) { value = Bytes(Length()); }
  void Get(WallTime& value) {
    WallTime::duration::rep count = 0;
    Get(count);
    value = WallTime(WallTime::duration(count));
  }
  void Get(BootTime& value) {
    BootTime::duration::rep count = 0;
    Get(count);
    value = BootTime(BootTime::duration(count));
  }
  template <class Rep, class Period>
  void Get(std::chrono::duration<Rep, Period>& value) {
    Rep count = 0;
    Get(count);
    value = std::chrono::duration<Rep, Period>(count);
  }
  template <class T>
  void Get(std::optional<T>& value) {
    bool has = false;
    Get(has);
    if (has && ok_) Get(value.emplace());
  }
  template <class T>
  void Get(std::vector<T>& value) {
    for (std::uint32_t n = Length(); n > 0 && ok_; --n) Get(value.emplace_back());
  }
  template <class T>
  void Get(std::map<std::string, T>& value) {
    for (std::uint32_t n = Length(); n > 0 && ok_; --n) {
      std::string key;
      Get(key);
      Get(value[key]);
    }
  }
  void Get(Error& value) {
    Get(value.code);
    Get(value.what);
    Get(value.sys);
  }
  template <class T>
  void Get(Result<T>& value) {
    bool has = false;
    Get(has);
    if (has) {
      T good{};
      Get(good);
      value = std::move(good);
    } else {
      Error error;
      Get(error);
      value = tl::unexpected<Error>(std::move(error));
    }
  }

  bool ok() const { return ok_; }
  bool AtEnd() const { return in_.empty(); }

 private:
  /// A count of items: each takes at least one byte, so more than what is left is a lie.
  std::uint32_t Length() {
    std::uint32_t n = 0;
    Get(n);
    if (n > in_.size()) ok_ = false;
    return ok_ ? n : 0;
  }
  std::string_view Bytes(std::size_t n) {
    if (n > in_.size()) ok_ = false;
    if (!ok_) return {};
    const std::string_view bytes = in_.substr(0, n);
    in_.remove_prefix(n);
    return bytes;
  }

  std::string_view in_;
  bool ok_ = true;
};

}  // namespace gpud
