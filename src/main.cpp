// SPDX-License-Identifier: Apache-2.0
#include "cli/cli.h"
#include "components/all.h"

int main(int argc, char** argv) { return gpud::cli::Main(argc, argv, gpud::AllComponents()); }
