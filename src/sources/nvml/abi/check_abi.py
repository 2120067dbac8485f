#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compares what we declare of NVML's C interface with NVIDIA's own header.

Usage: check_abi.py --library libnvidia-ml.so.1 --work FOLDER

Every struct (size, offsets), constant (value), function (number, size and pointee of each argument) and
exported symbol is compared. The header comes from the package index (nvidia-nvml-dev and nvidia-nvml-dev-cu12)
into FOLDER and is used by this check alone: nothing of it is part of the project or of a build.
Exit status: 0 all agree, 1 something differs, 77 skipped because the header could not be had (the reason is printed).
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys
import zipfile

HERE = pathlib.Path(__file__).resolve().parent
SRC = HERE.parents[2]
PACKAGES = ["nvidia-nvml-dev-cu12==12.9.79", "nvidia-nvml-dev==13.5.37"]
SKIPPED = 77

# Its last member is as long as the newest list of metrics: the size says nothing.
GROWING = {"nvmlGpmMetricsGet_t"}

SIGNATURES = """
template <class T, class = void> struct Pointee { static constexpr unsigned long size = 0; };
template <class T> struct Pointee<T, std::void_t<decltype(sizeof(T))>> {
  static constexpr unsigned long size = sizeof(T);
};
template <class A> void Show() {
  using To = std::remove_pointer_t<A>;
  if constexpr (std::is_void_v<To> || std::is_function_v<To>) std::printf(" %zu*", sizeof(A));
  else if constexpr (std::is_pointer_v<A>)
    std::printf(" %s%lu*", std::is_const_v<To> ? "const " : "", Pointee<std::remove_const_t<To>>::size);
  else std::printf(" %zu", sizeof(A));
}
template <class R, class... A> void Print(const char* name, R (*)(A...)) {
  std::printf("%s:", name);
  Show<R>();
  std::printf(" (");
  (Show<A>(), ...);
  std::printf(" )\\n");
}
"""


def run(*command, **options):
    return subprocess.run(command, check=False, capture_output=True, text=True, **options)


def headers(work):
    """One nvml.h of each package; ends the program where the index cannot be reached."""
    found = []
    for package in PACKAGES:
        folder = work / package.replace("==", "-")
        if not list(folder.glob("*.whl")):
            got = run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:", "-d",
                      str(folder), package)
            if got.returncode != 0:
                last = (got.stderr.strip().splitlines() or ["pip failed"])[-1]
                print(f"skipped: {package} could not be downloaded: {last}")
                sys.exit(SKIPPED)
        wheel = next(folder.glob("*.whl"))
        with zipfile.ZipFile(wheel) as archive:
            name = next(n for n in archive.namelist() if n.endswith("/nvml.h"))
            (folder / "nvml.h").write_bytes(archive.read(name))
        found.append(folder / "nvml.h")
    return found


def without_comments(path):
    text = path.read_text(encoding="utf-8", errors="replace")
    return re.sub(r"//[^\n]*", "", re.sub(r"/\*.*?\*/", "", text, flags=re.S))


def members(body):
    """The names of the members of a struct; an inner struct or union counts as one."""
    while "{" in body:
        body = re.sub(r"(struct|union)\s*\{[^{}]*\}", "int", body)
    names = []
    for part in body.split(";"):
        names += re.findall(r"(\w+)\s*(?:\[[^\]]*\])?\s*(?:,|$)", part.strip())
    return names


def declared():
    """What our headers declare: structs with their members, and constants."""
    structs, constants = {}, []
    for path in sorted(HERE.glob("*.h")):
        text = without_comments(path)
        for kind, name, rest in re.findall(r"\n(struct|union) (\w+) \{(.*?)\n\};", text, flags=re.S):
            structs[name] = members(rest) if kind == "struct" else []
        for body in re.findall(r"\nenum \w+ : unsigned \{(.*?)\};", text, flags=re.S):
            constants += re.findall(r"(\w+) =", body)
        constants += re.findall(r"\nconstexpr [\w ]+ ((?:NVML|nvml)\w+) =", text)
    return structs, constants


def compile_and_run(work, name, source):
    path = work / f"{name}.cpp"
    path.write_text(source, encoding="utf-8")
    built = run("c++", "-std=c++20", "-w", f"-I{SRC}", "-o", str(work / name), str(path))
    if built.returncode != 0:
        return None, built.stderr
    return run(str(work / name)).stdout, ""


def check_layout(work, header, structs, constants):
    """Names that agree; prints those that do not."""
    theirs = without_comments(header)
    known = {n for n in structs if re.search(rf"\b{n}\b", theirs)}
    values = [c for c in constants if re.search(rf"\b{c}\b", theirs)]
    # Their macros would replace our names: ours are taken before their header is read.
    lines = ["#include <cstddef>", "#include <cstdio>"]
    # The functions are compared apart: a C function can be declared with one signature only.
    lines += [f'#include "sources/nvml/abi/{p.name}"' for p in sorted(HERE.glob("*.h")) if p.name != "functions.h"]
    lines += [f"constexpr unsigned long long ours_{c} = gpud::nvml_abi::{c};" for c in values]
    lines += [f'#include "{header}"', "int main() {"]
    for c in values:
        lines.append(f'std::printf("{c} %d\\n", static_cast<unsigned long long>({c}) == ours_{c});')
    for name in sorted(known):
        ok = [] if name in GROWING else [f"sizeof(::{name}) == sizeof(gpud::nvml_abi::{name})"]
        ok += [f"offsetof(::{name}, {m}) == offsetof(gpud::nvml_abi::{name}, {m})" for m in structs[name]]
        lines.append(f'std::printf("{name} %d\\n", {" && ".join(ok)});')
    output, error = compile_and_run(work, "layout", "\n".join(lines + ["}"]) + "\n")
    if output is None:
        print(error)
        return set()
    rows = [line.split() for line in output.splitlines()]
    for name in [r[0] for r in rows if r[1] != "1"]:
        print(f"note: {name} is another one in {header.parent.name}")
    return {r[0] for r in rows if r[1] == "1"}


def signatures(work, name, include, space, functions):
    lines = ["#include <cstdio>", "#include <type_traits>", "#define NVML_NO_UNVERSIONED_FUNC_DEFS", include, SIGNATURES,
             "int main() {"]
    lines += [f'Print("{f}", static_cast<decltype(&{space}{f})>(nullptr));' for f in functions]
    output, error = compile_and_run(work, name, "\n".join(lines + ["}"]) + "\n")
    if output is None:
        print(error)
        return {}
    return dict(line.split(":", 1) for line in output.splitlines())


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--library", required=True)
    options.add_argument("--work", required=True, type=pathlib.Path)
    options = options.parse_args()
    work = options.work.resolve()
    os.makedirs(work, exist_ok=True)
    structs, constants = declared()
    text = without_comments(HERE / "functions.h")
    functions = re.findall(r"\b(nvml[A-Z]\w+)\(", text)
    exported = set(re.findall(r" T (\w+)", run("nm", "-D", "--defined-only", options.library).stdout))
    agree, same = set(), set()
    ours = signatures(work, "ours", '#include "sources/nvml/abi/functions.h"', "gpud::nvml_abi::", functions)
    for header in headers(work):
        agree |= check_layout(work, header, structs, constants)
        theirs_text = without_comments(header)
        there = [f for f in functions if re.search(rf"\b{f}\s*\(", theirs_text)]
        theirs = signatures(work, "theirs", f'#include "{header}"', "::", there)
        same |= {f for f in there if theirs.get(f) == ours.get(f)}
    # A call whose struct has grown since agrees with one of the headers.
    wrong = [f"{n}: neither header agrees" for n in [*structs, *constants] if n not in agree]
    wrong += [f"{f}: signature{ours.get(f)} is in neither header" for f in functions if f not in same]
    wrong += [f"{f}: declared but not exported" for f in functions if f not in exported]
    wrong += [f"{f}: exported but not declared" for f in exported - set(functions) - {"gpudSimulated"}]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    print(f"{len(structs)} structs, {len(constants)} constants, {len(functions)} functions: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
