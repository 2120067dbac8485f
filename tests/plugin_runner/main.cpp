// SPDX-License-Identifier: Apache-2.0
#include "plugins/runner.h"

int main() { return gpud::plugins::RunnerMain(); }
