// SPDX-License-Identifier: Apache-2.0
#include "decode/needles.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

#include "platform/log.h"

namespace gpud::decode {
namespace {

RE2::Options SetOptions() {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // kernel lines are bytes
  options.set_log_errors(false);
  options.set_max_mem(8 << 20);
  return options;
}

void SortOnce(std::vector<std::size_t>& owners) {
  std::sort(owners.begin(), owners.end());
  owners.erase(std::unique(owners.begin(), owners.end()), owners.end());
}

}  // namespace

struct NeedleSet::Automaton {
  RE2::Set set{SetOptions(), RE2::UNANCHORED};
  std::vector<std::size_t> first;  // of each pattern, its first needle; one more for the end
  std::vector<int> found;
};

NeedleSet::NeedleSet(std::vector<Needle> needles) : needles_(std::move(needles)) {
  if (needles_.empty()) return;
  std::sort(needles_.begin(), needles_.end(),
            [](const Needle& a, const Needle& b) { return a.text < b.text; });
  auto automaton = std::make_unique<Automaton>();
  for (std::size_t i = 0; i < needles_.size(); ++i) {
    if (i > 0 && needles_[i].text == needles_[i - 1].text) continue;
    const re2::StringPiece text(needles_[i].text.data(), needles_[i].text.size());
    if (automaton->set.Add(RE2::QuoteMeta(text), nullptr) < 0) return;
    automaton->first.push_back(i);
  }
  automaton->first.push_back(needles_.size());
  if (automaton->set.Compile()) automaton_ = std::move(automaton);
}

NeedleSet::~NeedleSet() = default;

void NeedleSet::Find(std::string_view text, std::vector<std::size_t>& owners) const {
  owners.clear();
  if (needles_.empty()) return;
  RE2::Set::ErrorInfo error{};
  const bool any = automaton_ && automaton_->set.Match(re2::StringPiece(text.data(), text.size()),
                                                       &automaton_->found, &error);
  if (!automaton_ || error.kind != RE2::Set::kNoError) {
    if (slow_++ == 0)
      log::Warn("kernel lines are searched the slow way: RE2 ran out of its memory");
    return FindPlainly(needles_, text, owners);
  }
  if (!any) return;
  for (const int pattern : automaton_->found) {
    const auto at = static_cast<std::size_t>(pattern);
    for (std::size_t i = automaton_->first[at]; i < automaton_->first[at + 1]; ++i) {
      owners.push_back(needles_[i].owner);
    }
  }
  SortOnce(owners);
}

void FindPlainly(std::span<const Needle> needles, std::string_view text,
                 std::vector<std::size_t>& owners) {
  owners.clear();
  for (const Needle& needle : needles) {
    if (text.find(needle.text) != std::string_view::npos) owners.push_back(needle.owner);
  }
  SortOnce(owners);
}

}  // namespace gpud::decode
