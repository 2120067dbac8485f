#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# clang-tidy on the .cpp files named on stdin, all cores; a file that was clean is not looked at again
# until it, a header or the list of checks changes. Usage: tidy.sh BUILD_FOLDER
set -eu
build=$1
if [ $# -eq 4 ]; then # the part that runs beside others: tidy.sh BUILD_FOLDER FILE CHECKSUM STAMP
  # clang does not know all of g++'s warnings; counts of suppressed ones are no news.
  clang-tidy-14 -p "$build" --quiet --extra-arg=-Wno-unknown-warning-option "$2" \
    2>"$4.errors" && echo "$3" >"$4" && exit 0
  grep -vE '^[0-9]+ warnings?( and [0-9]+ errors?)? (generated|treated)' "$4.errors" >&2 || true
  exit 1
fi

stamps=build/lint/clean
mkdir -p "$stamps"
headers=$(git ls-files -co --exclude-standard .clang-tidy 'src/*.h' 'tests/*.h' 'tools/*.h' 'sim/*.h' | xargs cat | cksum)
while IFS= read -r file; do
  # Files that the build does not have have no flags to be read with.
  grep -qF "\"$PWD/$file\"" "$build/compile_commands.json" || continue
  stamp=$stamps/$(echo "$file" | tr / _)
  sum="$headers $(cksum <"$file")"
  [ "$(cat "$stamp" 2>/dev/null)" = "$sum" ] || printf '%s\0%s\0%s\0' "$file" "$sum" "$stamp"
done | xargs -0 -r -n 3 -P "$(nproc)" sh "$0" "$build"
