// SPDX-License-Identifier: Apache-2.0
#include "decode/input_incidents.h"

#include "decode/decoder.h"
#include "decode/input_repeats.h"

namespace gpud::decode {

void DecodeInput(Input& input, std::span<const ComponentType* const> components,
                 Incidents::Options options, const std::function<void(const Incident&)>& tell) {
  Decoder decoder(components);
  Incidents incidents(options);
  InputRepeats repeats;
  std::vector<Found> found;
  std::vector<Incident> closed;
  const auto tell_closed = [&] {
    for (const Incident& incident : closed) tell(incident);
    closed.clear();
  };
  WallTime time{};  // a line without a stamp is as old as the one before
  for (InputLine line; input.Next(line);) {
    if (line.wall) {
      time = *line.wall;
    } else if (line.since_boot) {
      time = WallTime(*line.since_boot);
    }
    if (line.from_program) continue;
    decoder.Decode({.time = time,
                    .text = line.text,
                    .severity = line.severity.value_or(KernelLine().severity),
                    .pci_device = line.pci_device},
                   found);
    if (found.empty() || repeats.Seen(line, input.section())) continue;
    const LineStamp stamp{
        .time = time, .sequence = line.sequence, .line = static_cast<std::size_t>(line.number)};
    // Incidents end for want of room only: the logs of several boots, or parts of a report, need
    // not be in the order of time.
    for (Found& each : found) incidents.Take(std::move(each), stamp, closed);
    tell_closed();
  }
  incidents.CloseAll(closed);
  tell_closed();
}

}  // namespace gpud::decode
