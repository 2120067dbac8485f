# SPDX-License-Identifier: Apache-2.0
"""Adds up the results of one test run and prints `N passed, N failed[, N skipped]`.

Usage: test_summary.py FOLDER. FOLDER has ctest.xml (one entry per test binary), the XML that each
GoogleTest binary wrote, and pytest.xml. Exit code 1 when a test failed or a result is missing.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


class Total:
    passed = failed = skipped = 0

    def add_cases(self, path: Path) -> bool:
        """Counts the test cases of one XML file; True when none of them failed."""
        failed_before = self.failed
        for case in ElementTree.parse(path).iter("testcase"):
            if case.find("failure") is not None or case.find("error") is not None:
                self.failed += 1
            elif case.find("skipped") is not None or case.get("status") == "notrun":
                self.skipped += 1
            else:
                self.passed += 1
        return self.failed == failed_before


def main(folder: Path) -> int:
    total = Total()
    for name in ("ctest.xml", "pytest.xml"):
        if not (folder / name).exists():
            print(f"{folder / name} is missing: its tests did not run", file=sys.stderr)
            total.failed += 1

    if (folder / "ctest.xml").exists():
        for test in ElementTree.parse(folder / "ctest.xml").iter("testcase"):
            good = test.get("status") == "run"
            cases = folder / f"test_{test.get('name')}.xml"
            if not cases.exists():  # no GoogleTest, or it died: one result for all of it
                total.passed += good
                total.failed += not good
            elif total.add_cases(cases) and not good:  # it failed after its last case
                total.failed += 1
    if (folder / "pytest.xml").exists():
        total.add_cases(folder / "pytest.xml")

    skipped = f", {total.skipped} skipped" if total.skipped else ""
    print(f"{total.passed} passed, {total.failed} failed{skipped}")
    return total.failed > 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
