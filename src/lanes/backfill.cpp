// SPDX-License-Identifier: Apache-2.0
#include "lanes/backfill.h"

#include <utility>

#include "platform/log.h"

namespace gpud::lanes {

bool Backfill::Add(const Root& root, LogSpan span) {
  auto journal = OpenJournal(root, span.boot_id, false);
  if (!journal) return false;
  parts_.push_back({std::move(span), std::move(*journal)});
  return true;
}

bool Backfill::Next(std::string_view& record, LogSpan& span) {
  switch (parts_.front().input->Next(record)) {
    case LogInput::Got::kLine:
      span = parts_.front().span;
      return true;
    case LogInput::Got::kUnusable:
      return false;
    case LogInput::Got::kFailed:
      log::Warn("older kernel lines were not read to their end",
                {{"error", parts_.front().input->error().what}});
      break;
    case LogInput::Got::kNothing:
    case LogInput::Got::kEnd:
      break;
  }
  parts_.pop_front();
  return false;
}

}  // namespace gpud::lanes
