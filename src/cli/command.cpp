// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"

namespace gpud::cli {

const Json* Arguments::Find(std::string_view flag) const {
  const auto found = flags_.find(flag);
  return found == flags_.end() ? nullptr : &found->second;
}

bool Arguments::On(std::string_view flag) const {
  const Json* value = Find(flag);
  const bool* on = value ? std::get_if<bool>(&value->value) : nullptr;
  return on && *on;
}

std::string Arguments::Text(std::string_view flag, std::string_view otherwise) const {
  const Json* value = Find(flag);
  const std::string* text = value ? value->AsString() : nullptr;
  return std::string(text && !text->empty() ? *text : otherwise);
}

}  // namespace gpud::cli
