// SPDX-License-Identifier: Apache-2.0
#include "cli/fault_view.h"

#include "cli/table.h"
#include "platform/text.h"

namespace gpud::cli {
namespace {

using catalog::Explanation;

Colour ColourOf(std::string_view severity) {
  if (severity == "fatal" || severity == "critical") return Colour::kRed;
  return severity == "warning" ? Colour::kYellow : Colour::kNone;
}

std::string_view SeverityMeaning(std::string_view severity) {
  if (severity == "fatal") return "not usable until the action is done";
  if (severity == "critical") return "degraded; act at the next window";
  if (severity == "warning") return "one application, or a trend";
  return "no effect";
}

std::string Joined(const std::vector<std::string_view>& items, std::string_view separator) {
  std::string text;
  for (const std::string_view item : items) {
    if (!text.empty()) text += separator;
    text += item;
  }
  return text;
}

/// "A: B", or what there is of the two.
std::string Pair(std::string_view a, std::string_view b, std::string_view between = ": ") {
  std::string text(a);
  if (!a.empty() && !b.empty()) text += between;
  return text += b;
}

/// Rows "LABEL TEXT"; empty texts are left out.
class Facts {
 public:
  void Add(std::string_view label, std::string_view text, Colour colour = Colour::kNone) {
    if (text.empty()) return;
    table_.Add({{std::string(label), Colour::kDim}, {std::string(text), colour}});
  }
  std::string Text(const Terminal& terminal) const { return table_.Text(terminal, 2); }

 private:
  Table table_;
};

std::string SeverityText(const Explanation& fault) {
  if (fault.action == Word(Advice::kDecodeNvlink5)) return "depends on the line, see below";
  return Pair(fault.severity, SeverityMeaning(fault.severity));
}

std::string SiteText(const catalog::Replaced& replaced, std::string_view site_file) {
  std::string text = std::string(site_file) + " changes it";
  if (!replaced.severity.empty()) {
    text += "; the catalogue says " + Pair(replaced.severity, replaced.action, ", ");
    text += Pair(replaced.follow_up.empty() ? "" : ", then", replaced.follow_up, " ");
  }
  if (!replaced.note.empty()) text += " (" + std::string(replaced.note) + ')';
  return text;
}

std::string NvlinkText(const std::vector<catalog::LinkCase>& cases, const Terminal& terminal) {
  Table table({"UNIT", "BEFORE R575", "ERROR STATUS", "LINK DOWN", "SEVERITY", "ACTION", "THEN"});
  for (const catalog::LinkCase& link : cases) {
    table.Add({std::string(link.unit),
               std::string(link.unit_before_r575),
               link.error_status,
               link.link_down_reason,
               {std::string(link.severity), ColourOf(link.severity)},
               Pair(link.action, link.promoted_action, ", promoted "),
               std::string(link.follow_up)});
  }
  return "\n  NVLink 5: unit and error status in the line decide\n" + table.Text(terminal, 2);
}

/// A JSON object that leaves out what is empty.
class Object {
 public:
  void Add(const char* key, Json value) { members_.emplace_back(key, std::move(value)); }
  void Text(const char* key, std::string_view text) {
    if (!text.empty()) Add(key, TextJson(text));
  }
  template <class T, class Item>
  void List(const char* key, const std::vector<T>& list, Item item) {
    Json::Array array;
    for (const T& entry : list) array.push_back(item(entry));
    if (!array.empty()) Add(key, {std::move(array)});
  }
  Json Take() { return {std::move(members_)}; }
  static Json TextJson(std::string_view text) { return {std::string(text)}; }

 private:
  Json::Object members_;
};

Json PeerJson(const catalog::Peer& peer) {
  Object out;
  out.Text("tool", peer.tool);
  out.Text("says", peer.says);
  return out.Take();
}

Json ReplacedJson(const catalog::Replaced& replaced) {
  Object out;
  out.Text("severity", replaced.severity);
  out.Text("action", replaced.action);
  out.Text("follow_up", replaced.follow_up);
  out.Text("note", replaced.note);
  return out.Take();
}

Json LinkCaseJson(const catalog::LinkCase& link) {
  Object out;
  out.Text("unit", link.unit);
  out.Text("unit_before_r575", link.unit_before_r575);
  out.Text("error_status", link.error_status);
  out.Text("link_down_reason", link.link_down_reason);
  out.Text("severity", link.severity);
  out.Text("action", link.action);
  out.Text("promoted_action", link.promoted_action);
  out.Text("follow_up", link.follow_up);
  return out.Take();
}

}  // namespace

std::string FaultText(const Explanation& fault, std::string_view site_file,
                      const Terminal& terminal) {
  Facts facts;
  facts.Add("name", fault.name);
  facts.Add("severity", SeverityText(fault), ColourOf(fault.severity));
  facts.Add("likely causes", Joined(fault.causes, ", "));
  facts.Add("unit", fault.unit);
  facts.Add("class", fault.sxid_class);
  facts.Add("impact", fault.impact);
  facts.Add("what to do", fault.action, Colour::kBold);
  facts.Add("as a tenant", fault.tenant);
  facts.Add("as an operator", fault.operators);
  facts.Add("in detail", fault.recovery);
  facts.Add("a reboot", fault.reboot);
  facts.Add("if it returns", fault.follow_up == fault.action
                                 ? "the same"
                                 : Pair(fault.follow_up, fault.follow_up_text));
  if (fault.xid154_follows) {
    facts.Add("look for", "Xid 154 after it: the driver's own recommendation (R565 or newer)");
  }
  facts.Add("in the log", Joined(fault.log_texts, " | "));
  facts.Add("products", Joined(fault.products, ", "));
  facts.Add("remark", fault.remark);
  if (fault.replaced) facts.Add("this site", SiteText(*fault.replaced, site_file), Colour::kYellow);
  facts.Add("how sure", Pair(fault.confidence, fault.sources));

  const std::string title = Pair(Pair(fault.kind, std::to_string(fault.code), " "), fault.meaning);
  std::string text = Painted(OneLine(title), Colour::kBold, terminal) + '\n';
  text += facts.Text(terminal);
  if (!fault.peers.empty()) {
    Facts peers;
    for (const catalog::Peer& peer : fault.peers) peers.Add(peer.tool, peer.says);
    text += "\n  what other tools say\n" + peers.Text(terminal);
  }
  if (!fault.nvlink5.empty()) text += NvlinkText(fault.nvlink5, terminal);
  return text;
}

std::string FaultListText(const std::vector<Explanation>& faults, const Terminal& terminal) {
  Table table({"CODE", "SEVERITY", "ACTION", "MEANING"});
  for (const Explanation& fault : faults) {
    table.Add(
        {std::to_string(fault.code),
         {Pair(fault.severity, fault.replaced ? "(site)" : "", " "), ColourOf(fault.severity)},
         std::string(fault.action),
         std::string(fault.meaning)});
  }
  return table.Text(terminal);
}

Json FaultJson(const Explanation& fault) {
  Object out;
  out.Text("kind", fault.kind);
  out.Add("code", {std::int64_t{fault.code}});
  out.Text("name", fault.name);
  out.Text("meaning", fault.meaning);
  out.Text("severity", fault.severity);
  out.Text("action", fault.action);
  out.Text("tenant", fault.tenant);
  out.Text("operator", fault.operators);
  out.Text("follow_up", fault.follow_up);
  out.Text("follow_up_text", fault.follow_up_text);
  out.Add("reboot_worthy", {fault.reboot_worthy});
  out.Text("reboot", fault.reboot);
  out.List("causes", fault.causes, Object::TextJson);
  out.Text("unit", fault.unit);
  out.Text("class", fault.sxid_class);
  out.Text("impact", fault.impact);
  out.Text("recovery", fault.recovery);
  out.List("log_texts", fault.log_texts, Object::TextJson);
  out.List("products", fault.products, Object::TextJson);
  if (fault.xid154_follows) out.Add("xid154_follows", {true});
  out.List("peers", fault.peers, PeerJson);
  out.Text("confidence", fault.confidence);
  out.Text("sources", fault.sources);
  out.Text("remark", fault.remark);
  if (fault.replaced) out.Add("replaced", ReplacedJson(*fault.replaced));
  out.List("nvlink5", fault.nvlink5, LinkCaseJson);
  return out.Take();
}

bool Mentions(const Explanation& fault, std::string_view word) {
  if (std::to_string(fault.code) == word) return true;
  const std::string wanted = ToLower(word);
  const auto holds = [&wanted](std::string_view text) {
    return ToLower(text).find(wanted) != std::string::npos;
  };
  return holds(fault.name) || holds(fault.meaning) || holds(fault.remark) || holds(fault.unit) ||
         holds(Joined(fault.causes, "\n")) || holds(Joined(fault.log_texts, "\n"));
}

}  // namespace gpud::cli
