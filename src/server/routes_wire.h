// SPDX-License-Identifier: Apache-2.0
// The bodies of the API that are not values of the model: one struct each, docs/api.md.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "model/event.h"
#include "model/fields.h"
#include "model/health.h"
#include "model/metric.h"

namespace gpud::server {

struct Healthz {
  std::string status = "ok";
  std::string version = "v1";  ///< of the API

  static constexpr auto Fields() {
    return std::tuple{Field{"status", &Healthz::status}, Field{"version", &Healthz::version}};
  }
};

/// GET /v1/components?details=true.
struct ComponentDetail {
  std::string name;
  bool supported = true;
  std::string reason;  ///< why it is not supported
  std::vector<std::string> tags;
  std::optional<Health> health;  ///< of the supported
  std::optional<WallTime> since;
  bool clearable = false;
  bool deregisterable = false;

  static constexpr auto Fields() {
    using C = ComponentDetail;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"name", &C::name},
                      Field{"supported", &C::supported},
                      Field{"reason", &C::reason, kOmit},
                      Field{"tags", &C::tags},
                      Field{"health", &C::health, kOmit},
                      Field{"since", &C::since, kOmit},
                      Field{"clearable", &C::clearable},
                      Field{"deregisterable", &C::deregisterable}};
  }
};

struct ComponentHealthStates {
  std::string component;
  std::vector<HealthState> states;

  static constexpr auto Fields() {
    using C = ComponentHealthStates;
    return std::tuple{Field{"component", &C::component}, Field{"states", &C::states}};
  }
};

/// An event with what the v1 format has no room for.
struct DetailedEvent : Event {
  static constexpr auto Fields() {
    return std::tuple_cat(Event::Fields(),
                          std::tuple{Field{"origin", &Event::origin, When::kNonEmpty}});
  }
};

template <class AnyEvent>
struct ComponentEvents {
  std::string component;
  std::string startTime, endTime;               ///< RFC 3339 with fractions
  std::optional<std::vector<AnyEvent>> events;  ///< null when there are none

  static constexpr auto Fields() {
    using C = ComponentEvents;
    return std::tuple{Field{"component", &C::component}, Field{"startTime", &C::startTime},
                      Field{"endTime", &C::endTime}, Field{"events", &C::events}};
  }
};

struct Info {
  std::optional<std::vector<HealthState>> states;
  std::optional<std::vector<Event>> events;
  std::optional<std::vector<Metric>> metrics;

  static constexpr auto Fields() {
    return std::tuple{Field{"states", &Info::states}, Field{"events", &Info::events},
                      Field{"metrics", &Info::metrics}};
  }
};

struct ComponentInfo {
  std::string component;
  std::string startTime, endTime;
  Info info;

  static constexpr auto Fields() {
    using C = ComponentInfo;
    return std::tuple{Field{"component", &C::component}, Field{"startTime", &C::startTime},
                      Field{"endTime", &C::endTime}, Field{"info", &C::info}};
  }
};

/// GET /v1/components/trigger-tag.
struct TagAnswer {
  std::vector<std::string> components;
  int exit = 0;
  bool success = true;
  std::string error;  ///< why the checks could not run at all

  static constexpr auto Fields() {
    using A = TagAnswer;
    return std::tuple{Field{"components", &A::components}, Field{"exit", &A::exit},
                      Field{"success", &A::success}, Field{"error", &A::error, When::kNonEmpty}};
  }
};

/// The answer of a request that changed something.
struct DoneAnswer {
  int code = 200;
  std::string component;
  std::string message;

  static constexpr auto Fields() {
    using A = DoneAnswer;
    return std::tuple{Field{"code", &A::code}, Field{"component", &A::component, When::kNonEmpty},
                      Field{"message", &A::message}};
  }
};

struct SetHealthyAnswer {
  int code = 200;
  std::string message;
  std::vector<std::string> successful;
  std::map<std::string, std::string> failed;

  static constexpr auto Fields() {
    using A = SetHealthyAnswer;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"code", &A::code}, Field{"message", &A::message},
                      Field{"successful", &A::successful, kOmit},
                      Field{"failed", &A::failed, kOmit}};
  }
};

struct MessageAnswer {
  std::string message;

  static constexpr auto Fields() { return std::tuple{Field{"message", &MessageAnswer::message}}; }
};

/// The body of POST /inject-fault; `xid` wins.
struct InjectRequest {
  struct KernelMessage {
    std::string priority, message;

    static constexpr auto Fields() {
      return std::tuple{Field{"priority", &KernelMessage::priority, When::kNonEmpty},
                        Field{"message", &KernelMessage::message, When::kNonEmpty}};
    }
  };
  struct Xid {
    double id = 0;  ///< a whole number, which JSON may write as 79.0

    static constexpr auto Fields() { return std::tuple{Field{"id", &Xid::id}}; }
  };
  std::optional<KernelMessage> kernel_message;
  std::optional<Xid> xid;

  static constexpr auto Fields() {
    using R = InjectRequest;
    return std::tuple{Field{"kernel_message", &R::kernel_message, When::kNonEmpty},
                      Field{"xid", &R::xid, When::kNonEmpty}};
  }
};

}  // namespace gpud::server
