// SPDX-License-Identifier: Apache-2.0
// Secrets among the metadata, and how people may see them.
#pragma once

#include "store/store.h"

namespace gpud::server {

/// Masks the token, so that two can still be told apart, and the machine's proof.
void HideSecrets(store::Metadata& metadata);

}  // namespace gpud::server
