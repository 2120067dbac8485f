// SPDX-License-Identifier: Apache-2.0
// Explain: all that is known of a code, in words: for `gpud xid`, `gpud sxid` and the pages of
// docs/.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "catalog/catalog.h"
#include "catalog/nvlink5.h"

namespace gpud::catalog {

/// What another tool makes of the code.
struct Peer {
  std::string_view tool;
  std::string says;
};

/// One row of the NVLink 5 table.
struct LinkCase {
  std::string_view unit;              ///< as drivers from R575 on print it
  std::string_view unit_before_r575;  ///< empty when it is the same
  std::string error_status;           ///< "0x00000001"; "any"
  std::string link_down_reason;       ///< "37 peer-down-reset"; empty for other events
  std::string_view severity;
  std::string_view action;
  std::string_view promoted_action;  ///< takes its place when the line's promotion bit is set
  std::string_view follow_up;
};

/// What the catalogue says where the site's overlay says something else.
struct Replaced {
  std::string_view severity;  ///< empty, as the next two, when the catalogue has no such code
  std::string_view action;
  std::string_view follow_up;
  std::string_view note;  ///< the site's, on why
};

/// Texts are those of the tables and of the Catalog that was asked: it must outlive them.
struct Explanation {
  std::string_view kind;  ///< "Xid" or "SXid"
  std::uint32_t code = 0;
  std::string_view name;
  std::string_view meaning;
  std::string_view severity;  ///< info, warning, critical, fatal; with the overlay, as the next
  std::string_view action;    ///< the word: "RESET_GPU"
  std::string_view tenant;    ///< what it means for the one who runs a job; may be empty
  std::string_view operators;
  std::string_view follow_up;
  std::string_view follow_up_text;
  bool reboot_worthy = false;
  std::string_view reboot;               ///< when a reboot makes sense
  std::vector<std::string_view> causes;  ///< the most likely first
  std::string_view unit;                 ///< SXid: the block of the switch
  std::string_view sxid_class;
  std::string_view impact;  ///< SXid
  std::string_view recovery;
  std::vector<std::string_view> log_texts;  ///< SXid: what the driver prints
  std::vector<std::string_view> products;
  bool xid154_follows = false;
  std::vector<Peer> peers;
  std::string_view confidence;
  std::string_view sources;
  std::string_view remark;
  std::optional<Replaced> replaced;
  std::vector<LinkCase> nvlink5;
};

/// Nothing when neither the catalogue nor its overlay has the code.
std::optional<Explanation> ExplainXid(std::uint32_t code, const Catalog& catalog);
std::optional<Explanation> ExplainSxid(std::uint32_t code, const Catalog& catalog);
LinkCase ExplainCase(const Nvlink5Row& row);

/// "info", "warning", "critical" or "fatal", as the data writes it.
std::string_view SeverityWord(EventType severity);

}  // namespace gpud::catalog
