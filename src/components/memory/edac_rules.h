// SPDX-License-Identifier: Apache-2.0
// Rules over the error counters of the memory modules. The counters start anew at each boot and say
// nothing of times, so growth is written down as events, which are all that these rules remember.
#pragma once

#include "components/component.h"
#include "components/findings.h"
#include "sources/sysfs/edac.h"

namespace gpud::memory {

/// Events: `edac_uncorrected` (Fatal) when a module's uncorrected errors grew; `edac_corrected`
/// (Info) once an hour while its corrected errors grow; `edac_corrected_storm` (Warning) when they
/// grew by 100 within an hour or by 1000 within a day (such modules soon give uncorrected ones).
/// Adds the events, samples and findings, also those of events of before.
void JudgeEdac(const Inputs& in, const sysfs::Edac& edac, Report& report, Findings& findings);

}  // namespace gpud::memory
