# SPDX-License-Identifier: Apache-2.0
# Checks of whole files: the layer rule (STYLE: a folder includes itself and what stands before it),
# at most 400 lines, and the licence line. Usage: awk -f tools/check_source.awk FILE...

BEGIN {
  count = split("platform model catalog scenario machine sources components decode plugins lanes store diagnosis export client " \
                "fleet server daemon cli", layers, " ")
  for (i = 1; i <= count; i++) rank[layers[i]] = i
  kMostLines = 400
}

function complain(where, what) {
  print where ": " what
  bad = 1
}

FNR == 1 {
  licensed[FILENAME] = 0
  split(FILENAME, part, "/")
  # main.cpp and the test kit stand above all; tests may use the test kit.
  mine = part[1] == "src" && (part[2] in rank) ? rank[part[2]] : 99
  may_test = part[1] != "src" || part[2] == "testing" || FILENAME ~ /_(test\.cpp|rig\.h)$/
}
FNR <= 2 && /SPDX-License-Identifier: Apache-2\.0/ { licensed[FILENAME] = 1 }
{ lines[FILENAME] = FNR }

FILENAME ~ /^src\// && /^[ \t]*#[ \t]*include[ \t]*"/ {
  split($0, quoted, "\"")
  split(quoted[2], path, "/")
  folder = path[1]
  if (folder == "testing") {
    if (!may_test) complain(FILENAME ":" FNR, "only tests may include testing/")
  } else if (folder in rank) {
    if (rank[folder] > mine)
      complain(FILENAME ":" FNR, "layer " part[2] "/ must not include " folder "/, which stands above it")
  } else if (!may_test) {
    complain(FILENAME ":" FNR, "include \"" quoted[2] "\" is in no layer (write it from src/)")
  }
}

END {
  for (file in lines) {
    if (!licensed[file]) complain(file, "the first lines lack `SPDX-License-Identifier: Apache-2.0`")
    if (lines[file] > kMostLines)
      complain(file, lines[file] " lines; split it by concept (at most " kMostLines ")")
  }
  exit bad
}
