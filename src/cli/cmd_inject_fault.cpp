// SPDX-License-Identifier: Apache-2.0
// gpud inject-fault: a line for the kernel's log, to see that detectors work.
#include <ostream>

#include "cli/api.h"
#include "cli/output.h"
#include "lanes/kernel_log.h"
#include "server/kernel_text.h"
#include "server/routes_wire.h"

namespace gpud::cli {
namespace {

constexpr Flag kFlags[] = {
    {.name = "xid", .kind = Kind::kInteger, .value = "N", .help = "a line for this NVIDIA Xid"},
    {.name = "kernel-message", .value = "TEXT", .help = "or just this line"},
    {.name = "kernel-log-level",
     .value = "WORD",
     .help = "KERN_EMERG, _ALERT, _CRIT, _ERR, _WARNING, _NOTICE, _INFO (default) or _DEBUG"},
};

std::string KernelLogPath(const Environment& environment) {
  const auto found = environment.find("KMSG_FILE_PATH");
  return found == environment.end() || found->second.empty() ? "/dev/kmsg" : found->second;
}

int Report(Context& context, const Arguments& arguments, bool written, std::string_view through,
           const server::KernelText& line, const Error& error) {
  if (FormatOf(arguments) != Format::kTable) {
    Json::Object report{{"injected", {written}},
                        {"through", {std::string(through)}},
                        {"severity", {static_cast<std::int64_t>(line.severity)}},
                        {"message", {line.text}}};
    if (!written) report.emplace_back("error", Json{error.what});
    context.out << Rendered({std::move(report)}, FormatOf(arguments));
  } else if (written) {
    context.out << CheckMark(context.out_terminal) << " written to the kernel log through "
                << through << ": <" << line.severity << "> " << OneLine(line.text) << '\n'
                << "  \"gpud events --since 1m\" shows what became of it, marked as injected\n";
  }
  if (!written) Warn(context, "nothing was injected: " + error.what);
  return 0;  // also when it may not: the original's rule
}

int InjectFault(Context& context, const Arguments& arguments) {
  const Json* xid_value = arguments.Find("xid");
  const std::int64_t* xid = xid_value ? std::get_if<std::int64_t>(&xid_value->value) : nullptr;
  const std::string message = arguments.Text("kernel-message");
  if ((xid ? *xid <= 0 : message.empty())) {
    return Failure(context, arguments, "invalid_argument",
                   "what is to be injected? --xid N (greater than 0) or --kernel-message TEXT");
  }
  const std::string priority = arguments.Text("kernel-log-level", "KERN_INFO");
  const server::KernelText line =
      xid ? server::XidText(*xid) : server::KernelText{server::SeverityOf(priority), message};
  server::InjectRequest request;
  if (xid) {
    request.xid = server::InjectRequest::Xid{.id = static_cast<double>(*xid)};
  } else {
    request.kernel_message =
        server::InjectRequest::KernelMessage{.priority = priority, .message = message};
  }
  const auto answer = Api(context, arguments).Post("/inject-fault", {}, JsonText(JsonOf(request)));
  if (answer) return Report(context, arguments, true, "the daemon", line, {});
  if (answer.error().code == ErrorCode::kPermission) {
    return Report(context, arguments, false, "the daemon", line, answer.error());
  }
  if (answer.error().code != ErrorCode::kNotFound) {
    return Failure(context, arguments, answer.error());
  }
  const std::string path = KernelLogPath(context.environment);
  const auto written = lanes::WriteKernelLog(path, line.severity, line.text);
  return Report(context, arguments, written.has_value(), path, line,
                written ? Error{} : written.error());
}

}  // namespace

extern constinit const Command kInjectFault{
    .name = "inject-fault",
    .group = Group::kAct,
    .summary = "write a line into the kernel's log, as a test",
    .about =
        "Through the daemon where one runs, which marks what follows as injected, else\n"
        "into /dev/kmsg itself. Needs root or the API token; without, it says that\n"
        "nothing was injected, with exit code 0 as in the original.",
    .examples =
        "gpud inject-fault --xid 79\n"
        "gpud inject-fault --kernel-log-level KERN_ERR --kernel-message \"probe line\"",
    .flags = [] { return AllOf(kFlags, kOutputFlags, kConnectionFlags); },
    .run = InjectFault,
};

}  // namespace gpud::cli
