# SPDX-License-Identifier: Apache-2.0
# cmake -DFOLDER=... -DOUTPUT=... -P embed.cmake: the scenarios of the folder as a C++ table.
file(GLOB files RELATIVE ${FOLDER} "${FOLDER}/*.yaml")
string(REPLACE ".yaml" "" names "${files}")
list(SORT names)
set(rows "")
foreach(name ${names})
  file(READ ${FOLDER}/${name}.yaml text)
  string(APPEND rows "    {\"${name}\", R\"yaml(${text})yaml\"},\n")
endforeach()
file(WRITE ${OUTPUT}
"// Made by sim/scenario/embed.cmake from sim/scenarios/*.yaml.
#include \"scenario/bundled.h\"

namespace gpud::scenario {
namespace {

constexpr BundledScenario kScenarios[] = {
${rows}};

}  // namespace

std::span<const BundledScenario> BundledScenarios() { return kScenarios; }

}  // namespace gpud::scenario
")
