// SPDX-License-Identifier: Apache-2.0
#include "store/identity.h"

#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::store {

std::string OwnIdentity(const Event& event) {
  std::string text = event.component;
  for (const std::string& part :
       {event.name, Rfc3339Micros(event.time), std::string(Word(event.type)), event.message}) {
    text += '\0';
    text += part;
  }
  return "own:" + std::to_string(StableHash(text));
}

}  // namespace gpud::store
