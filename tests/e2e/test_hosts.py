# SPDX-License-Identifier: Apache-2.0
"""Whole machines in tests/hosts: what the real binary says of them, against tests/golden.

GPUD_UPDATE_GOLDEN=1 rewrites the golden files; read the difference before you commit it.
"""

import json
import os
import re
from pathlib import Path

import pytest
from gpud import REPOSITORY, wait_for

HOSTS = ["debian12-vm", "h100-8x", "container-no-kmsg", "empty"]

# statvfs(3) answers for the disk that the fixture lies on, and times are of now.
DISK_NUMBERS = re.compile(r'("(?:total_bytes|free_bytes|used_bytes|fsused)": )"?\d+"?')
TIMES = re.compile(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ")
VARYING_METRICS = re.compile(
    r"^(disk_(?:total|free|used)_bytes|disk_inodes|disk_inodes_free|disk_answer_seconds|"
    r"gpud_\w+)((?:\{.*\})?) \S+$",
    re.M,
)


def check(name, text):
    golden = REPOSITORY / "tests/golden" / name
    if os.environ.get("GPUD_UPDATE_GOLDEN"):
        golden.write_text(text)
    assert golden.exists(), f"{golden} is missing: make it with GPUD_UPDATE_GOLDEN=1"
    assert text == golden.read_text(), f"{golden} tells something else"


@pytest.mark.parametrize("host", HOSTS)
def test_scan_says_of_the_machine_what_it_always_said(shared_daemon, host):
    root = REPOSITORY / "tests/hosts" / host
    text = shared_daemon.cli(
        "scan", "--verbose", f"--root={root}", check=0, environment={"KMSG_FILE_PATH": "/dev/null"}
    ).stdout
    check(f"{host}.scan.txt", re.sub(r"\(\d+ ms\)", "(N ms)", TIMES.sub("TIME", text)))


@pytest.mark.parametrize("host", HOSTS)
def test_states_and_metrics_of_the_machine_are_what_they_always_were(make_daemon, host):
    root = REPOSITORY / "tests/hosts" / host
    daemon = make_daemon(arguments=[f"--root={root}", "--sample-interval=60s"]).start()

    def checked():
        states = daemon.json("/v1/states")
        words = {state["health"] for entry in states for state in entry["states"]}
        return "Initializing" not in words and states

    states = wait_for(checked, 10, "the first check of every component")
    for entry in states:
        for state in entry["states"]:
            # A document in the document: shown as one, so that a difference can be read.
            for key, value in state.get("extra_info", {}).items():
                state["extra_info"][key] = json.loads(value)
    text = "".join(
        DISK_NUMBERS.sub(r"\1N", shown) if entry["component"] == "disk" else shown
        for entry in states
        for shown in [json.dumps(entry, indent=1, ensure_ascii=False) + "\n"]
    )
    check(f"{host}.states.json", TIMES.sub("TIME", text))
    metrics = daemon.get("/metrics").text
    check(f"{host}.metrics.txt", VARYING_METRICS.sub(r"\1\2 N", metrics))


def test_every_machine_has_its_golden_files():
    named = {path.name for path in (REPOSITORY / "tests/hosts").iterdir() if path.is_dir()}
    assert named == set(HOSTS)
    assert Path(REPOSITORY / "tests/golden").is_dir()
