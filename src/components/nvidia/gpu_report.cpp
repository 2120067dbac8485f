// SPDX-License-Identifier: Apache-2.0
#include "components/nvidia/gpu_report.h"

#include <algorithm>
#include <cstdio>

namespace gpud::nvidia {
namespace {

constexpr std::string_view kFactUuid = "device_uuid";
constexpr std::string_view kFactBusId = "device_bus_id";

bool IsOf(const Event& event, std::string_view bus_id) {
  return FactOf(event, kFactBusId) == bus_id;
}

}  // namespace

std::string GpuText(const GpuId& gpu) {
  std::string text = "GPU " + std::to_string(gpu.index) + " (" + std::string(gpu.bus_id);
  if (!gpu.uuid.empty()) text += ", " + std::string(gpu.uuid);
  return text + ")";
}

void NameGpus(const Inputs& in, std::vector<Fault>& faults) {
  const auto& devices = in.Latest<nvml::Devices>();
  for (Fault& fault : faults) {
    const auto* gpu = FindGpu(devices ? &*devices : nullptr, fault.device);
    if (gpu) fault.device = GpuText(GpuId(*gpu));
  }
}

Json::Object RowOf(const GpuId& gpu) {
  return {{"uuid", Json{std::string(gpu.uuid)}}, {"bus_id", Json{std::string(gpu.bus_id)}}};
}

Json PercentText(double percent) {
  char text[32];
  std::snprintf(text, sizeof text, "%.2f", percent);
  return {std::string(text)};
}

bool IsDataCentre(const nvml::Device& device) {
  // Boards since Ampere have the brand "NVIDIA", those before "Tesla"; desktop boards GeForce,
  // Quadro, TITAN, NVIDIA RTX (nvmlBrandType_t).
  return device.brand && (*device.brand == "NVIDIA" || *device.brand == "Tesla") &&
         !device.display_active.value_or(false);
}

std::chrono::microseconds Lasted(const Inputs& in, std::string_view bus_id, const Episode& episode,
                                 std::chrono::microseconds window) {
  const WallTime start = in.Now() - window;
  WallTime until = in.Now();
  std::chrono::microseconds sum{};
  for (const Event& event : in.OwnEvents()) {
    if (!IsOf(event, bus_id)) continue;
    if (event.name == episode.end) until = event.time;
    if (event.name == episode.begin && until > start) sum += until - std::max(event.time, start);
    if (event.time <= start) break;
  }
  return sum;
}

void GpuReport::Refuse(const Error& error) {
  const auto bad = [&](std::string_view reason, Advice advice) {
    findings_.Add(Health::kUnhealthy, std::string(reason), advice);
    error_ = error.what;
    Done({});
  };
  if (error.code == ErrorCode::kUnsupported) {
    NotSupported(error.what);
    Done(error.what);
  } else if (error.sys == nvml::kVersionMismatch) {
    bad("the driver's library and its kernel module are of different versions",
        Advice::kRebootSystem);
  } else if (nvml::IsLost(error) || nvml::NeedsReset(error)) {
    bad("the driver cannot be opened: a GPU is lost or requires a reset", Advice::kRebootSystem);
  } else {
    findings_.Add(Health::kUnknown, "could not be read");
    error_ = error.what;
    Done({});
  }
}

bool GpuReport::Begin(const nvml::Session& session, std::size_t gpus, bool lasts) {
  asleep_ = !session.asleep.empty();
  if (asleep_) Note("left alone: " + session.asleep);
  if (gpus == 0 && !asleep_) NotSupported("the driver lists no GPU");
  if (gpus > 0 && (lasts || !asleep_)) return true;
  Done(support_.supported ? "GPUs" : support_.reason);
  return false;
}

bool GpuReport::IsFailure(const Error& error) {
  if (error.code == ErrorCode::kUnsupported && unsupported_.empty()) unsupported_ = error.what;
  // Not found: there is nothing to tell yet.
  if (AbsentByDesign(error)) return false;
  ++failed_;
  return true;
}

void GpuReport::FailedOfAll(std::string_view what, const Error& error) {
  if (!IsFailure(error)) return;
  if (error_.empty()) error_ = error.what;
  findings_.Add(Health::kUnknown, std::string(what) + " could not be read");
}

void GpuReport::Failed(const GpuId& gpu, std::string_view what, const Error& error) {
  if (!IsFailure(error)) return;
  if (!told_.insert(gpu.index).second) return;
  if (error_.empty()) error_ = error.what;
  if (nvml::IsLost(error)) {
    Find(Health::kUnhealthy, gpu, "is lost: it has left the bus", Advice::kRebootSystem);
  } else if (nvml::NeedsReset(error) || error.code == ErrorCode::kDeviceLost) {
    Find(Health::kUnhealthy, gpu, "requires a reset", Advice::kResetGpu);
  } else {
    Find(Health::kUnknown, gpu, std::string(what) + " could not be read");
  }
}

void GpuReport::Sample(std::string_view metric, const GpuId& gpu, double value, Labels more) {
  if (asleep_) return;
  more.emplace("uuid", gpu.uuid);
  report_.samples.push_back(
      {.metric = std::string(metric), .labels = std::move(more), .value = value});
}

void GpuReport::SampleOfAll(std::string_view metric, double value) {
  if (asleep_) return;
  report_.samples.push_back({.metric = std::string(metric), .labels = {}, .value = value});
}

void GpuReport::Put(const GpuId& gpu, const Names& names, double value, bool good, double factor,
                    Json::Object& row) {
  if (!names.supported.empty()) row.emplace_back(names.supported, Json{good});
  if (!good) return;  // left out, as a zero would look like a reading
  if (!names.metric.empty()) Sample(names.metric, gpu, value);
  if (!names.field.empty()) row.emplace_back(names.field, Json{value / factor});
}

void GpuReport::Find(Health health, const GpuId& gpu, const std::string& what, Advice advice) {
  findings_.Add(health, GpuText(gpu) + ' ' + what, advice);
}

void GpuReport::Note(std::string text) { notes_.push_back(std::move(text)); }

void GpuReport::Tell(const GpuId& gpu, const Episode& episode, bool now, const std::string& what) {
  const auto own = in_.OwnEvents();
  const auto newest = std::find_if(own.begin(), own.end(), [&](const Event& event) {
    return (event.name == episode.begin || event.name == episode.end) && IsOf(event, gpu.bus_id);
  });
  const bool told = newest != own.end() && newest->name == episode.begin;
  if (now == told) return;
  Add({.time = in_.Now(),
       .name = std::string(now ? episode.begin : episode.end),
       .type = now ? episode.type : EventType::kInfo,
       .message = GpuText(gpu) + ' ' + what,
       .extra_info = {{std::string(kFactUuid), std::string(gpu.uuid)},
                      {std::string(kFactBusId), std::string(gpu.bus_id)}}});
}

void GpuReport::AddFault(const GpuId& gpu, LineFinding fault) {
  fault.device = gpu.bus_id;
  fault.message = GpuText(gpu) + ' ' + fault.message;
  fault.details.emplace("gpu_uuid", gpu.uuid);
  Event event = ToEvent(fault);
  event.time = in_.Now();
  Add(std::move(event));
}

void GpuReport::JudgeFaults(std::string (*name)(const Fault&), const FaultRules& rules) {
  Inputs with_new = in_;
  std::vector<Event> events(report_.events.rbegin(), report_.events.rend());
  events.insert(events.end(), in_.OwnEvents().begin(), in_.OwnEvents().end());
  with_new.SetHistory(std::move(events), {in_.Reboots().begin(), in_.Reboots().end()},
                      in_.ClearedUntil());
  std::vector<Fault> faults = OpenFaults(with_new, rules);
  NameGpus(in_, faults);
  AddFaults(faults, name, findings_);
}

void GpuReport::Done(std::string good, Json::Object data) {
  for (const std::string& note : notes_) good += "; " + note;
  HealthState state = findings_.ToState(component_, good);
  state.error = error_;
  if (!data.empty()) state.extra_info["data"] = JsonText(Json{std::move(data)});
  report_.states.assign(1, std::move(state));
}

Report GpuReport::TakeReport() && { return std::move(report_); }

Support GpuReport::support() const {
  if (good_ + failed_ > 0 || unsupported_.empty() || !support_.supported) return support_;
  return {false, unsupported_};
}

}  // namespace gpud::nvidia
