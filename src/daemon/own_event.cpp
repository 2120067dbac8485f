// SPDX-License-Identifier: Apache-2.0
#include "daemon/own_event.h"

#include "store/identity.h"

namespace gpud::daemon {

Event OwnEvent(std::string component, WallTime time, std::string name, EventType type,
               std::string message) {
  Event event{.component = std::move(component),
              .time = time,
              .name = std::move(name),
              .type = type,
              .message = std::move(message)};
  event.identity = store::OwnIdentity(event);
  return event;
}

}  // namespace gpud::daemon
