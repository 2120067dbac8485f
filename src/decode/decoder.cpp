// SPDX-License-Identifier: Apache-2.0
#include "decode/decoder.h"

#include <exception>

#include "platform/log.h"
#include "platform/text.h"

namespace gpud::decode {
namespace {

class Collector final : public LineSink {
 public:
  Collector(const ComponentType& type, std::vector<Found>& found) : type_(type), found_(found) {}

  void Add(LineFinding finding) override {
    // Kernel lines are bytes; what goes out is JSON.
    finding.device = ValidUtf8(finding.device);
    finding.message = ValidUtf8(finding.message);
    for (auto& [name, value] : finding.details) value = ValidUtf8(value);
    found_.push_back({&type_, std::move(finding)});
  }
  void Detail(std::string_view name, std::string value) override {
    LineFinding only_details;
    only_details.details.emplace(name, ValidUtf8(value));
    found_.push_back({&type_, std::move(only_details)});
  }

 private:
  const ComponentType& type_;
  std::vector<Found>& found_;
};

// A bug in one matcher must not end the reader for all.
void Ask(LineMatcher& matcher, const ComponentType& type, const KernelLine& line,
         std::vector<Found>& found) {
  Collector collector(type, found);
  try {
    matcher.OnLine(line, collector);
  } catch (const std::exception& failure) {
    log::Err("a matcher of kernel lines failed; its line was skipped",
             {{"component", std::string(type.name)},
              {"error", failure.what()},
              {"line", ValidUtf8(line.text)}});
  }
}

}  // namespace

Decoder::Decoder(std::span<const ComponentType* const> components) {
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

void Decoder::Decode(const KernelLine& line, std::vector<Found>& found) {
  found.clear();
  needles_->Find(line.text, wanted_by_);
  for (const std::size_t index : wanted_by_) {
    Ask(*listeners_[index].matcher, *listeners_[index].type, line, found);
  }
}

}  // namespace gpud::decode
