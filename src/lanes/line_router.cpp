// SPDX-License-Identifier: Apache-2.0
#include "lanes/line_router.h"

#include <array>
#include <charconv>
#include <exception>

#include "platform/log.h"
#include "platform/text.h"

namespace gpud::lanes {
namespace {

std::string HashText(std::string_view text) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.begin(), digits.end(), StableHash(text), 16).ptr;
  return {digits.data(), end};
}

// A bug in one matcher must not end the reader for all.
std::optional<Event> Ask(LineMatcher& matcher, const ComponentType& type, const KernelLine& line) {
  try {
    return matcher.OnLine(line);
  } catch (const std::exception& failure) {
    log::Err("a matcher of kernel lines failed; its line was skipped",
             {{"component", std::string(type.name)},
              {"error", failure.what()},
              {"line", ValidUtf8(line.text)}});
  }
  return std::nullopt;
}

// Kernel lines are bytes; events go out as JSON.
void MakeUtf8(Event& event) {
  event.message = ValidUtf8(event.message);
  for (auto& [key, value] : event.extra_info) value = ValidUtf8(value);
}

std::string_view Suffix(Origin origin) {
  switch (origin) {
    case Origin::kGpud:
    case Origin::kKernel:
      break;
    case Origin::kInjected:
      return kInjectedMark;
    case Origin::kUserSpace:
      return " [written by a program, not the kernel]";
  }
  return "";
}

}  // namespace

LineRouter::LineRouter(std::span<const ComponentType* const> components) {
  std::vector<Needle> needles;
  for (const ComponentType* type : components) {
    if (!type->create_matcher) continue;
    for (const std::string_view needle : type->needles) {
      needles.push_back({needle, listeners_.size()});
    }
    listeners_.push_back({type, type->create_matcher()});
  }
  needles_.emplace(std::move(needles));
}

void LineRouter::Route(const KernelLine& line, const LineIdentity& identity,
                       std::vector<Event>& events) {
  needles_->Find(line.text, wanted_by_);
  for (const std::size_t index : wanted_by_) {
    const Listener& listener = listeners_[index];
    auto event = Ask(*listener.matcher, *listener.type, line);
    if (!event) continue;
    event->component = listener.type->name;
    if (event->time == WallTime{}) event->time = line.time;
    event->origin = line.origin;
    event->message += Suffix(line.origin);
    if (line.origin != Origin::kKernel) event->extra_info["origin"] = Word(line.origin);
    if (identity.sequence) {
      event->extra_info["kmsg_sequence"] = std::to_string(*identity.sequence);
    } else {
      event->extra_info["time"] = "approximate";
    }
    event->identity = identity.prefix + ':' + HashText(line.text);
    MakeUtf8(*event);
    events.push_back(std::move(*event));
  }
}

}  // namespace gpud::lanes
