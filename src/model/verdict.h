// SPDX-License-Identifier: Apache-2.0
// Verdict: what is wrong with a node, why, since when, who is hit and what to do about it
// (specs/diagnosis.md, 1.5). Texts are for people and come in the language that was asked for.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/fields.h"
#include "platform/clock.h"

namespace gpud {

enum class Severity : unsigned char { kInfo, kWarning, kCritical, kFatal };
template <>
struct EnumWords<Severity> {
  static constexpr std::string_view kWords[] = {"info", "warning", "critical", "fatal"};
};

enum class VerdictState : unsigned char { kPending, kActive, kCleared };
template <>
struct EnumWords<VerdictState> {
  static constexpr std::string_view kWords[] = {"pending", "active", "cleared"};
};

/// A number that speaks for the verdict, or a record of the kernel log (`text`).
struct VerdictEvidence {
  std::string signal;     ///< "gpu.temp{gpu=3}", "xid/79"
  std::string stat;       ///< "avg60", "delta3600", "count"
  double value = 0;       ///< in the signal's unit
  std::string unit;       ///< "degC"; empty for counts
  std::string threshold;  ///< ">= 0.2"
  std::string text;       ///< the line of the log
  WallTime from{}, to{};
  double weight = 0;

  bool operator==(const VerdictEvidence&) const = default;
  static constexpr auto Fields() {
    using E = VerdictEvidence;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"signal", &E::signal},
                      Field{"stat", &E::stat},
                      Field{"value", &E::value},
                      Field{"unit", &E::unit, kOmit},
                      Field{"threshold", &E::threshold, kOmit},
                      Field{"text", &E::text, kOmit},
                      Field{"from", &E::from},
                      Field{"to", &E::to},
                      Field{"weight", &E::weight}};
  }
};

/// One step of the causal chain, the cause first.
struct VerdictChainLink {
  std::string what;
  std::string kind;  ///< observed, hypothesis
  std::string id;    ///< of the diagnosis that is this step, if it is one

  bool operator==(const VerdictChainLink&) const = default;
  static constexpr auto Fields() {
    using L = VerdictChainLink;
    return std::tuple{Field{"what", &L::what}, Field{"kind", &L::kind},
                      Field{"id", &L::id, When::kNonEmpty}};
  }
};

struct VerdictSubject {
  std::string node;
  std::vector<std::string> nodes;  ///< of a verdict about several
  std::vector<std::int64_t> gpus;
  std::vector<std::string> devices;  ///< PCI address, adapter, disk, mount, "g3/l7", "rail-2" ...
  std::string pci, serial;           ///< of the only GPU

  bool operator==(const VerdictSubject&) const = default;
  static constexpr auto Fields() {
    using S = VerdictSubject;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"node", &S::node, kOmit}, Field{"nodes", &S::nodes, kOmit},
                      Field{"gpus", &S::gpus, kOmit}, Field{"devices", &S::devices, kOmit},
                      Field{"pci", &S::pci, kOmit},   Field{"serial", &S::serial, kOmit}};
  }
};

struct AffectedProcess {
  std::int64_t pid = 0;
  std::string name;

  bool operator==(const AffectedProcess&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"pid", &AffectedProcess::pid}, Field{"name", &AffectedProcess::name}};
  }
};

struct AffectedPod {
  std::string name_space;
  std::string name;

  bool operator==(const AffectedPod&) const = default;
  static constexpr auto Fields() {
    return std::tuple{Field{"namespace", &AffectedPod::name_space},
                      Field{"name", &AffectedPod::name}};
  }
};

struct VerdictAffected {
  std::vector<AffectedProcess> processes;
  std::vector<std::string> containers;
  std::vector<AffectedPod> pods;
  std::vector<std::string> jobs;
  std::vector<std::int64_t> peers_waiting;  ///< GPUs that wait for the subject

  bool operator==(const VerdictAffected&) const = default;
  static constexpr auto Fields() {
    using A = VerdictAffected;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"processes", &A::processes, kOmit},
                      Field{"containers", &A::containers, kOmit}, Field{"pods", &A::pods, kOmit},
                      Field{"jobs", &A::jobs, kOmit},
                      Field{"peers_waiting", &A::peers_waiting, kOmit}};
  }
};

struct VerdictAction {
  std::string what;  ///< word of Advice
  std::string text;
  bool disruptive = false;  ///< work on the device stops

  bool operator==(const VerdictAction&) const = default;
  static constexpr auto Fields() {
    using A = VerdictAction;
    return std::tuple{Field{"do", &A::what}, Field{"text", &A::text},
                      Field{"disruptive", &A::disruptive}};
  }
};

struct Verdict {
  std::string incident;  ///< "inc-7": stays when a later cause takes the verdict's place
  std::string id;        ///< "thermal.hw_slowdown"
  std::string title;
  std::string summary;
  Severity severity = Severity::kWarning;
  double confidence = 0;  ///< 0 to 1; below 0.5 it is a note and raises no alert
  VerdictState state = VerdictState::kPending;
  WallTime onset{};     ///< when the evidence begins, not when the rule fired
  WallTime detected{};  ///< when it was told first
  WallTime cleared{};
  VerdictSubject subject;
  std::vector<VerdictEvidence> evidence;
  std::vector<VerdictChainLink> chain;
  VerdictAffected affected;
  std::vector<VerdictAction> actions;
  std::vector<std::string> disproof;
  std::vector<std::string> not_checked;  ///< signals that were absent
  std::vector<std::string> related;      ///< incidents that may have the same cause
  std::string horizon;                   ///< of a prediction: "hours", "days", "weeks"
  std::int64_t flaps = 0;                ///< how often it came back within the hour

  bool operator==(const Verdict&) const = default;
  static constexpr auto Fields() {
    using V = Verdict;
    constexpr auto kOmit = When::kNonEmpty;
    return std::tuple{Field{"incident", &V::incident},
                      Field{"id", &V::id},
                      Field{"title", &V::title},
                      Field{"summary", &V::summary},
                      Field{"severity", &V::severity},
                      Field{"confidence", &V::confidence},
                      Field{"state", &V::state},
                      Field{"onset", &V::onset},
                      Field{"detected", &V::detected},
                      Field{"cleared", &V::cleared},
                      Field{"subject", &V::subject},
                      Field{"evidence", &V::evidence},
                      Field{"chain", &V::chain},
                      Field{"affected", &V::affected},
                      Field{"actions", &V::actions},
                      Field{"disproof", &V::disproof},
                      Field{"not_checked", &V::not_checked},
                      Field{"related", &V::related, kOmit},
                      Field{"horizon", &V::horizon, kOmit},
                      Field{"flaps", &V::flaps, kOmit}};
  }
};

}  // namespace gpud
