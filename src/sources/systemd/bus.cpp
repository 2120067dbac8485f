// SPDX-License-Identifier: Apache-2.0
#include "sources/systemd/bus.h"

#include <cerrno>
#include <string_view>
#include <utility>

#include "platform/shared_library.h"

struct sd_bus;          // libsystemd's (sd-bus(3))
struct sd_bus_message;  // the same

namespace gpud::systemd {
namespace {

constexpr const char* kSystemd = "org.freedesktop.systemd1";
constexpr const char* kObject = "/org/freedesktop/systemd1";
constexpr const char* kManager = "org.freedesktop.systemd1.Manager";
constexpr std::string_view kSocket = "/run/dbus/system_bus_socket";
constexpr std::uint64_t kCallMicroseconds = 1'000'000;

/// As sd_bus_error of <systemd/sd-bus.h>.
struct BusError {
  const char* name = nullptr;
  const char* message = nullptr;
  int must_be_freed = 0;
};

/// All return a negative errno for an error.
struct Library {
  SharedLibrary handle;
  int (*new_bus)(sd_bus**) = nullptr;
  int (*set_address)(sd_bus*, const char*) = nullptr;
  int (*set_bus_client)(sd_bus*, int) = nullptr;
  int (*set_call_timeout)(sd_bus*, std::uint64_t) = nullptr;  // null before systemd 240
  int (*start)(sd_bus*) = nullptr;
  void (*close)(sd_bus*) = nullptr;
  sd_bus* (*unref)(sd_bus*) = nullptr;
  int (*new_call)(sd_bus*, sd_bus_message**, const char* destination, const char* path,
                  const char* interface, const char* member) = nullptr;
  int (*append_texts)(sd_bus_message*, char** texts) = nullptr;
  int (*call)(sd_bus*, sd_bus_message*, std::uint64_t microseconds, BusError*,
              sd_bus_message**) = nullptr;
  int (*enter)(sd_bus_message*, char type, const char* contents) = nullptr;
  int (*leave)(sd_bus_message*) = nullptr;
  int (*read_basic)(sd_bus_message*, char type, void* value) = nullptr;
  sd_bus_message* (*unref_message)(sd_bus_message*) = nullptr;
  void (*free_error)(BusError*) = nullptr;
  int (*get_trivial)(sd_bus*, const char* destination, const char* path, const char* interface,
                     const char* member, BusError*, char type, void* value) = nullptr;
  int (*get_text)(sd_bus*, const char* destination, const char* path, const char* interface,
                  const char* member, BusError*, char** value) = nullptr;
};

Result<Library> Load() {
  Library lib;
  lib.handle = OpenLibrary("libsystemd.so.0");
  const SharedLibrary& handle = lib.handle;
  if (!handle) return Fail(ErrorCode::kUnsupported, "D-Bus: no libsystemd.so.0");
  const bool whole = FindFunction(handle, "sd_bus_new", lib.new_bus) &&
                     FindFunction(handle, "sd_bus_set_address", lib.set_address) &&
                     FindFunction(handle, "sd_bus_set_bus_client", lib.set_bus_client) &&
                     FindFunction(handle, "sd_bus_start", lib.start) &&
                     FindFunction(handle, "sd_bus_close", lib.close) &&
                     FindFunction(handle, "sd_bus_unref", lib.unref) &&
                     FindFunction(handle, "sd_bus_message_new_method_call", lib.new_call) &&
                     FindFunction(handle, "sd_bus_message_append_strv", lib.append_texts) &&
                     FindFunction(handle, "sd_bus_call", lib.call) &&
                     FindFunction(handle, "sd_bus_message_enter_container", lib.enter) &&
                     FindFunction(handle, "sd_bus_message_exit_container", lib.leave) &&
                     FindFunction(handle, "sd_bus_message_read_basic", lib.read_basic) &&
                     FindFunction(handle, "sd_bus_message_unref", lib.unref_message) &&
                     FindFunction(handle, "sd_bus_error_free", lib.free_error) &&
                     FindFunction(handle, "sd_bus_get_property_trivial", lib.get_trivial) &&
                     FindFunction(handle, "sd_bus_get_property_string", lib.get_text);
  if (!whole) return Fail(ErrorCode::kUnsupported, "D-Bus: libsystemd.so.0 is another");
  (void)FindFunction(handle, "sd_bus_set_method_call_timeout",
                     lib.set_call_timeout);  // may be missing
  return lib;
}

std::vector<char*> Pointers(std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  for (std::string& text : texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

struct Bus::Connection {
  Library lib;
  sd_bus* bus = nullptr;

  using Message = std::unique_ptr<sd_bus_message, sd_bus_message* (*)(sd_bus_message*)>;
  Message Own(sd_bus_message* message) const { return {message, lib.unref_message}; }

  /// What the last call said.
  tl::unexpected<Error> Failure(int negative_errno, BusError& error) const {
    const std::string_view name = error.name ? error.name : "";
    const std::string_view said = error.message ? error.message : "";
    const std::string what = "systemd over D-Bus: " + std::string(said.substr(0, said.find('\n')));
    const bool absent = name.ends_with(".ServiceUnknown") || name.ends_with(".NameHasNoOwner") ||
                        name.find(".Spawn.") != std::string_view::npos;
    const bool named = error.message != nullptr;
    lib.free_error(&error);
    if (absent) return Fail(ErrorCode::kUnsupported, what);
    auto failure = FailErrno("systemd over D-Bus", -negative_errno);
    if (named) failure.value().what = what;
    return failure;
  }
};

void Bus::Close::operator()(Connection* connection) const {
  if (connection->bus) {
    connection->lib.close(connection->bus);
    connection->lib.unref(connection->bus);
  }
  delete connection;
}

Bus::Bus(std::unique_ptr<Connection, Close> connection) : connection_(std::move(connection)) {}

Result<Bus> Bus::Open(const Root& root) {
  if (!root.Exists(kSocket)) {
    return Fail(ErrorCode::kUnsupported, std::string(kSocket) + ": D-Bus does not run");
  }
  auto lib = Load();
  if (!lib) return tl::unexpected<Error>(std::move(lib).error());
  std::unique_ptr<Connection, Close> connection(new Connection{.lib = *std::move(lib)});
  const Library& sd = connection->lib;
  const std::string base = root.path() == "/" ? "" : root.path();
  const std::string address = "unix:path=" + base + std::string(kSocket);
  int done = sd.new_bus(&connection->bus);
  if (done >= 0) done = sd.set_address(connection->bus, address.c_str());
  if (done >= 0) done = sd.set_bus_client(connection->bus, 1);
  if (done >= 0 && sd.set_call_timeout) {
    done = sd.set_call_timeout(connection->bus, kCallMicroseconds);
  }
  if (done >= 0) done = sd.start(connection->bus);
  if (done == -ECONNREFUSED) {
    return Fail(ErrorCode::kUnsupported, std::string(kSocket) + ": nobody listens", -done);
  }
  if (done < 0) return FailErrno("D-Bus at " + std::string(kSocket), -done);
  return Bus(std::move(connection));
}

Result<std::vector<ListedUnit>> Bus::List(const std::vector<std::string>& states,
                                          const std::vector<std::string>& patterns) {
  const Library& sd = connection_->lib;
  sd_bus_message* raw = nullptr;
  int done =
      sd.new_call(connection_->bus, &raw, kSystemd, kObject, kManager, "ListUnitsByPatterns");
  const auto question = connection_->Own(raw);
  for (std::vector<std::string> texts : {states, patterns}) {
    if (done >= 0) done = sd.append_texts(raw, Pointers(texts).data());
  }
  BusError error;
  sd_bus_message* answered = nullptr;
  if (done >= 0) {
    done = sd.call(connection_->bus, raw, kCallMicroseconds, &error, &answered);
  }
  const auto answer = connection_->Own(answered);
  if (done < 0) return connection_->Failure(done, error);
  std::vector<ListedUnit> units;
  done = sd.enter(answered, 'a', "(ssssssouso)");
  while (done >= 0 && (done = sd.enter(answered, 'r', "ssssssouso")) > 0) {
    // Name, description, load state, active state, sub state, followed unit, object path; then the
    // job's number, type and object path.
    constexpr std::string_view kTypes = "ssssssouso";
    const char* texts[kTypes.size()] = {};
    std::uint32_t job = 0;
    for (std::size_t i = 0; done >= 0 && i < kTypes.size(); ++i) {
      void* const into = kTypes[i] == 'u' ? static_cast<void*>(&job) : &texts[i];
      done = sd.read_basic(answered, kTypes[i], into);
    }
    if (done < 0) break;
    units.push_back({.name = texts[0], .active = texts[3], .sub = texts[4], .path = texts[6]});
    done = sd.leave(answered);
  }
  if (done < 0) return Fail(ErrorCode::kParse, "systemd over D-Bus: a list of units in a new form");
  return units;
}

std::string Bus::Text(const std::string& path, const char* interface, const char* property) {
  BusError error;
  char* raw = nullptr;
  const int done = connection_->lib.get_text(connection_->bus, kSystemd, path.c_str(), interface,
                                             property, &error, &raw);
  const std::unique_ptr<char, void (*)(void*)> text(raw, ::free);
  connection_->lib.free_error(&error);
  return done >= 0 && text ? std::string(text.get()) : std::string();
}

std::optional<std::uint64_t> Bus::Number64(const std::string& path, const char* interface,
                                           const char* property) {
  BusError error;
  std::uint64_t value = 0;
  const int done = connection_->lib.get_trivial(connection_->bus, kSystemd, path.c_str(), interface,
                                                property, &error, 't', &value);
  connection_->lib.free_error(&error);
  return done >= 0 ? std::optional(value) : std::nullopt;
}

std::optional<std::uint64_t> Bus::Number32(const std::string& path, const char* interface,
                                           const char* property) {
  BusError error;
  std::uint32_t value = 0;
  const int done = connection_->lib.get_trivial(connection_->bus, kSystemd, path.c_str(), interface,
                                                property, &error, 'u', &value);
  connection_->lib.free_error(&error);
  return done >= 0 ? std::optional<std::uint64_t>(value) : std::nullopt;
}

}  // namespace gpud::systemd
