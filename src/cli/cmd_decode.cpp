// SPDX-License-Identifier: Apache-2.0
// gpud decode: what a kernel log that somebody kept says, without a daemon.
#include <ostream>

#include "cli/decode_json.h"
#include "cli/decode_view.h"
#include "cli/output.h"
#include "decode/input_incidents.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {{.name = "output",
                            .letter = 'o',
                            .value = "FORMAT",
                            .help = "table, or json: one incident a line",
                            .choices = "table,json"}};

// As JSON each incident goes out when it is over, so that a log of any length needs little memory.
void DecodeAsJson(Context& context, decode::Input& input, std::string_view file) {
  constexpr decode::Incidents::Options kOptions{
      .most_open = 256, .first_evidence = 64, .last_evidence = 16};
  decode::DecodeInput(input, context.components, kOptions, [&](const decode::Incident& incident) {
    context.out << IncidentJson(incident, file);
  });
  const decode::InputTotals& totals = input.totals();
  if (totals.unparsable + totals.cut == 0) return;
  context.out.flush();
  Warn(context, (file.empty() ? "" : OneLine(file) + ": ") + TotalsText(totals));
}

void DecodeForAPerson(Context& context, decode::Input& input, const std::string& name) {
  DecodeView view;
  decode::DecodeInput(input, context.components, {},
                      [&view](const decode::Incident& incident) { view.Add(incident); });
  const std::string text = view.Text(context.out_terminal);
  if (!name.empty()) {
    context.out << Painted(OneLine(name), Colour::kBold, context.out_terminal) << '\n';
  }
  if (text.empty() && input.totals().kernel > 0) {
    context.out << CheckMark(context.out_terminal) << " no faults found\n";
  } else if (text.empty()) {
    context.out << "no message of the kernel found\n";
  }
  context.out << text << TotalsText(input.totals()) << '\n';
}

int Decode(Context& context, const Arguments& arguments) {
  std::vector<std::string> files = arguments.names();
  if (files.empty()) files.emplace_back("-");
  int code = 0;
  for (const std::string& file : files) {
    auto input = decode::Input::Open(file, SystemClock().Wall());
    if (!input) {
      context.err << CrossMark(context.err_terminal) << ' ' << OneLine(input.error().what) << '\n';
      code = 1;
      continue;
    }
    const std::string name = files.size() > 1 ? file : std::string();
    if (FormatOf(arguments) == Format::kJson) {
      DecodeAsJson(context, *input, name);
    } else {
      if (file != files.front()) context.out << '\n';
      DecodeForAPerson(context, *input, name);
    }
    if (input->problem()) {
      context.out.flush();
      context.err << CrossMark(context.err_terminal) << ' ' << OneLine(input->problem()->what)
                  << '\n';
      code = 1;
    }
  }
  return code;
}

}  // namespace

extern constinit const Command kDecode{
    .name = "decode",
    .group = Group::kLook,
    .summary = "faults in a kernel log that was kept",
    .usage = "[FILE...|-]",
    .about =
        "Reads raw /dev/kmsg records, dmesg (plain, -T, -x, --json ...), journalctl\n"
        "(short, short-iso, -o json ...), syslog and nvidia-bug-report.log, gzipped\n"
        "or not, recognised line by line; \"-\" or nothing is standard input. Stamps\n"
        "without a zone are local time (set TZ for another). Lines of programs are\n"
        "counted and never reported. Each file is decoded for itself.\n"
        "\n"
        "The exit code is 0 whatever was found, 1 when a file could not be read.",
    .examples =
        "gpud decode nvidia-bug-report.log.gz\n"
        "dmesg | gpud decode\n"
        "journalctl -k -o json | gpud decode -o json",
    .most_names = 1000,
    .flags = [] { return AllOf(kFlags); },
    .run = Decode,
};

}  // namespace gpud::cli
