// SPDX-License-Identifier: Apache-2.0
#include "lanes/needles.h"

#include <re2/re2.h>
#include <re2/set.h>

#include <algorithm>

namespace gpud::lanes {
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
  std::vector<int> found;
};

NeedleSet::NeedleSet(std::vector<Needle> needles) : needles_(std::move(needles)) {
  if (needles_.empty()) return;
  auto automaton = std::make_unique<Automaton>();
  for (const Needle& needle : needles_) {
    const re2::StringPiece text(needle.text.data(), needle.text.size());
    if (automaton->set.Add(RE2::QuoteMeta(text), nullptr) < 0) return;
  }
  if (automaton->set.Compile()) automaton_ = std::move(automaton);
}

NeedleSet::~NeedleSet() = default;

void NeedleSet::Find(std::string_view text, std::vector<std::size_t>& owners) const {
  owners.clear();
  if (!automaton_) return FindPlainly(needles_, text, owners);
  RE2::Set::ErrorInfo error{};
  const bool any =
      automaton_->set.Match(re2::StringPiece(text.data(), text.size()), &automaton_->found, &error);
  if (error.kind != RE2::Set::kNoError) return FindPlainly(needles_, text, owners);
  if (!any) return;
  for (const int index : automaton_->found) {
    owners.push_back(needles_[static_cast<std::size_t>(index)].owner);
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

}  // namespace gpud::lanes
