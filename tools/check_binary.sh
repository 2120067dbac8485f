#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What the shipped binary asks of the machine that it will run on: no library but glibc's, and no
# symbol newer than GLIBC_2.34 (RHEL 9, Ubuntu 22.04). Usage: check_binary.sh BINARY
set -eu
binary=$1
failed=0

libraries=$(objdump -p "$binary" | awk '$1 == "NEEDED" { print $2 }' |
  grep -vE '^(libc|libm|ld-linux-[a-z0-9_-]+)\.so\.[0-9]+$' || true)
if [ -n "$libraries" ]; then
  printf '%s needs more than glibc: %s\n' "$binary" "$libraries"
  failed=1
fi

# A newer glibc at build time brings newer symbols along, so only an old one can prove it.
built_on=$(getconf GNU_LIBC_VERSION | cut -d' ' -f2)
if [ "$(printf '%s\n2.36\n' "$built_on" | sort -V | tail -1)" != 2.36 ]; then
  echo "glibc $built_on here: the symbol ceiling is checked on Debian 12"
  exit $failed
fi
newest=$(objdump -T "$binary" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -1)
if [ "$(printf '%s\nGLIBC_2.34\n' "$newest" | sort -V | tail -1)" != GLIBC_2.34 ]; then
  echo "$binary needs $newest, at most GLIBC_2.34 is allowed:"
  objdump -T "$binary" | grep -F "$newest"
  failed=1
fi
exit $failed
