// SPDX-License-Identifier: Apache-2.0
#include "cli/decode_view.h"

#include <algorithm>

#include "cli/event_view.h"
#include "cli/table.h"
#include "decode/input_incidents.h"
#include "platform/text.h"
#include "platform/time_text.h"

namespace gpud::cli {
namespace {

constexpr std::size_t kMostGroups = 1000;  // nobody reads more; bad ones may be twice as many
constexpr std::size_t kMostIncidents = 100'000;
constexpr std::size_t kMostEchoes = 20;  // shown below one root

std::string TimeText(WallTime time) {
  if (!decode::IsSinceBoot(time)) return Rfc3339Seconds(time);
  return DurationText(std::chrono::floor<std::chrono::seconds>(time.time_since_epoch())) +
         " after boot";
}

std::string SpanText(WallTime first, WallTime last) {
  const std::string from = TimeText(first), to = TimeText(last);
  return from == to ? from : from + " to " + to;
}

std::string CountText(std::uint64_t count, std::string_view of) {
  return std::to_string(count) + ' ' + std::string(of) + (count == 1 ? "" : "s");
}

// "xid 79 on 0000:9b:00.0, 3 times".
std::string TitleOf(const decode::Incident& incident) {
  const LineFinding& finding = incident.finding;
  std::string title = std::string(finding.family) + ' ' + finding.code;
  if (!finding.device.empty()) title += " on " + finding.device;
  if (incident.count > 1) title += ", " + std::to_string(incident.count) + " times";
  return title;
}

std::string WhenOf(const decode::Incident& incident) {
  const bool known = incident.first.time != WallTime{};
  return (known ? SpanText(incident.first.time, incident.last) + ", line " : "line ") +
         std::to_string(incident.first.line);
}

// What the message does not say.
std::string DetailsOf(const LineFinding& finding) {
  std::string text;
  for (const auto& [name, value] : finding.details) {
    if (value == finding.code || finding.message.find(value) != std::string::npos) continue;
    text += (text.empty() ? "" : ", ") + name + ": " + value;
  }
  return text;
}

// "drain the GPU and reset it; if it returns: ...".
std::string AdviceText(const LineFinding& finding, std::string_view (*text_of)(Advice)) {
  std::string text(text_of(finding.action));
  const std::string_view next = text_of(finding.follow_up);
  if (next.empty() || next == text) return text;
  return text.empty() ? std::string(next) : text + "; if it returns: " + std::string(next);
}

}  // namespace

void DecodeView::Add(const decode::Incident& incident) {
  if (group_of_.size() >= kMostIncidents) group_of_.clear();
  const auto root = group_of_.find(incident.root);
  std::string key(incident.component->name);
  for (const std::string& part :
       {incident.finding.code, incident.finding.device, incident.finding.part,
        root == group_of_.end() ? std::to_string(incident.root)
                                : "group " + std::to_string(root->second)}) {
    key += '\0' + part;
  }
  const auto [known, fresh] = by_key_.try_emplace(std::move(key), groups_.size());
  if (fresh) {
    const std::size_t most =
        incident.finding.severity >= EventType::kCritical ? 2 * kMostGroups : kMostGroups;
    if (groups_.size() >= most) {
      by_key_.erase(known);
      ++left_out_;
      return;
    }
    groups_.push_back({.incident = incident, .worst = incident.finding.severity});
  } else {
    Group& group = groups_[known->second];
    decode::Incident& all = group.incident;
    if (incident.finding.severity > all.finding.severity) all.finding = incident.finding;
    group.worst = all.finding.severity;
    all.count += incident.count;
    all.last = std::max(all.last, incident.last);
  }
  group_of_[incident.id] = known->second;
}

std::vector<DecodeView::Group> DecodeView::WithEchoes(std::vector<std::size_t>& roots) const {
  std::vector<Group> groups = groups_;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto root = group_of_.find(groups[i].incident.root);
    if (root != group_of_.end() && root->second != i) {
      groups[root->second].echoes.push_back(i);
    } else {
      roots.push_back(i);
    }
  }
  for (const std::size_t root : roots) {
    Group& group = groups[root];
    for (const std::size_t echo : group.echoes) {
      group.worst = std::max(group.worst, groups[echo].worst);
    }
  }
  std::stable_sort(roots.begin(), roots.end(), [&groups](std::size_t a, std::size_t b) {
    if (groups[a].worst != groups[b].worst) return groups[a].worst > groups[b].worst;
    return groups[a].incident.first.line < groups[b].incident.first.line;
  });
  return groups;
}

std::string DecodeView::Text(const Terminal& terminal) const {
  std::vector<std::size_t> roots;
  const std::vector<Group> groups = WithEchoes(roots);
  Table table;
  for (const std::size_t root : roots) {
    const decode::Incident& incident = groups[root].incident;
    const LineFinding& finding = incident.finding;
    if (!table.empty()) table.Add({""});
    const EventType worst = groups[root].worst;
    table.Add({{ToLower(Word(worst)), ColourOf(worst)}, {TitleOf(incident), Colour::kBold}});
    table.Add({"when", WhenOf(incident)});
    table.Add({"what", finding.message});
    if (const std::string more = DetailsOf(finding); !more.empty()) table.Add({"", more});
    if (!incident.root_code.empty()) table.Add({"", "follows from " + incident.root_code});
    const std::string to_do = AdviceText(finding, OperatorText);
    if (!to_do.empty()) table.Add({"to do", to_do});
    const std::string job = AdviceText(finding, TenantText);
    if (!job.empty() && job != to_do) table.Add({"job owner", job});
    const std::vector<std::size_t>& echoes = groups[root].echoes;
    for (std::size_t i = 0; i < std::min(echoes.size(), kMostEchoes); ++i) {
      const decode::Incident& follows = groups[echoes[i]].incident;
      table.Add({i == 0 ? "with it" : "",
                 TitleOf(follows) + " (" + ToLower(Word(follows.finding.severity)) + ", line " +
                     std::to_string(follows.first.line) + "): " + follows.finding.message});
    }
    if (echoes.size() > kMostEchoes) {
      table.Add({"", "and " + std::to_string(echoes.size() - kMostEchoes) + " more"});
    }
  }
  if (table.empty()) return {};
  std::string text = CountText(roots.size(), "fault") +
                     (roots.size() == 1 ? "" : ", the worst first") + ":\n\n" +
                     table.Text(terminal);
  if (left_out_ > 0) {
    text += "\nand " + CountText(left_out_, "more incident") + "; --output json shows all\n";
  }
  return text + '\n';
}

std::string TotalsText(const decode::InputTotals& totals) {
  std::string text = CountText(totals.lines, "line") + ": " + CountText(totals.kernel, "message") +
                     " of the kernel";
  const auto add = [&text](std::uint64_t count, std::string_view what) {
    if (count > 0) text += ", " + std::to_string(count) + ' ' + std::string(what);
  };
  add(totals.programs, "of programs (never reported)");
  add(totals.unparsable, "unparsable");
  add(totals.ignored, "that are no log");
  add(totals.cut, "longer than 64 KiB (cut)");
  if (totals.first_wall) {
    text += "; " + SpanText(*totals.first_wall, *totals.last_wall);
  } else if (totals.first_since_boot) {
    text += "; " + SpanText(WallTime(*totals.first_since_boot), WallTime(*totals.last_since_boot));
  }
  return text;
}

}  // namespace gpud::cli
