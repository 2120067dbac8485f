# SPDX-License-Identifier: Apache-2.0
"""Packs of plugins: found, enabled, silent with a reason where they are of no use."""

import json
import os

import pytest
from gpud import REPOSITORY
from plugin_kit import findings, trigger

PACKS = REPOSITORY / "packs"

# As all_reduce_perf of nccl-tests 2.13 ends.
PASSED = """#       size         count      type   redop    root     time   algbw   busbw #wrong
     8388608       2097152     float     sum      -1    85.21   98.45  172.28      0
# Out of bounds values : 0 OK
# Avg bus bandwidth    : 231.456
"""


class Machine:
    """Programs that a test makes, a folder of packs, and a daemon that sees both."""

    def __init__(self, folder, make_daemon):
        self.folder, self.make_daemon = folder, make_daemon
        (folder / "bin").mkdir()
        self.enabled = folder / "packs.enabled"
        self.flags = [f"--pack-dirs={PACKS},{folder}/packs", f"--enabled-packs-file={self.enabled}"]
        self.path = f"{folder}/bin:{os.environ['PATH']}"

    def program(self, name, script):
        path = self.folder / "bin" / name
        path.write_text("#!/bin/bash\n" + script)
        path.chmod(0o755)

    def gpus(self, count, users=""):
        uuids = "\\n".join(f"GPU-{i}" for i in range(count))
        self.program(
            "nvidia-smi",
            f"case $1 in *gpu=*) echo -e '{uuids}' ;; *) [ -z '{users}' ] || echo -e '{users}' ;; esac",
        )

    def start(self, *packs):
        self.enabled.write_text("".join(f"{pack}\n" for pack in packs))
        self.enabled.chmod(0o644)
        return self.make_daemon(arguments=self.flags, environment={"PATH": self.path}).start()


@pytest.fixture
def machine(folder, make_daemon):
    return Machine(folder, make_daemon)


def pack(machine, name, manifest, specs="[]"):
    folder = machine.folder / "packs" / name
    folder.mkdir(parents=True)
    (folder / "pack.yaml").write_text(manifest)
    (folder / "plugins.yaml").write_text(specs)


def test_packs_are_listed_enabled_and_disabled(machine, daemon):
    def packs(*words, check=0):
        return daemon.cli("packs", *words, *machine.flags, check=check)

    rows = {row["name"]: row for row in json.loads(packs("-o", "json").stdout)}
    assert rows["nccl-check"]["plugins"] == ["nccl-check"]
    assert not rows["nccl-check"]["enabled"]
    assert "pack nccl-check enabled" in packs("enable", "nccl-check").stdout
    assert "yes" in packs().stdout
    assert machine.enabled.read_text().splitlines()[1:] == ["nccl-check"]
    assert "pack nccl-check disabled" in packs("disable", "nccl-check").stdout
    assert "there is no pack x" in packs("enable", "x", check=1).stderr
    assert "is not enabled" in packs("disable", "nccl-check", check=1).stderr
    packs("enable", check=1)


def test_only_enabled_packs_run(machine):
    machine.gpus(8)
    daemon = machine.start()
    assert "nccl-check" not in daemon.json("/v1/components")
    assert daemon.get("/v1/plugins").text == "null"


def test_a_pack_for_another_machine_is_there_unsupported_with_the_reason(machine):
    spec = """[{plugin_name: fans, plugin_type: component, health_state_plugin: {}},
        {plugin_name: prepare, plugin_type: init, health_state_plugin: {steps: [{name: x,
        run_bash_script: {content_type: plaintext, script: "exit 1"}}]}}]"""
    pack(machine, "maker", 'name: maker\nversion: "1"\nneeds: {vendor: No Such Maker}\n', spec)
    pack(machine, "tool", 'name: tool\nversion: "1"\nneeds: {commands: [no-such-tool]}\n',
         spec.replace("fans", "pumps"))
    daemon = machine.start("maker", "tool")
    details = {c["name"]: c for c in daemon.json("/v1/components?details=true")}
    assert not details["fans"]["supported"] and not details["pumps"]["supported"]
    assert details["fans"]["reason"].endswith("the pack is for No Such Maker")
    assert details["pumps"]["reason"] == "no-such-tool is not installed"
    assert findings(daemon) == [] or not any("init plugin" in what for what in findings(daemon))
    answer = daemon.json("/v1/components/trigger-check?componentName=fans")
    assert answer == [] or answer[0]["states"][0]["health"] == "Initializing"


def test_a_broken_or_missing_pack_is_told_and_costs_only_itself(machine):
    machine.gpus(8)
    pack(machine, "broken", "name: other\nneeds: {comands: [x]}\n", "- 7\n")
    daemon = machine.start("broken", "gone", "nccl-check")
    told = "\n".join(findings(daemon))
    assert "pack.yaml:1: name: must be that of the folder, broken" in told
    assert "version: is missing" in told
    assert "plugins.yaml:1: a map of keys is needed here" in told
    assert "pack gone is enabled, but it is in none of the folders of packs" in told
    assert "nccl-check" in daemon.json("/v1/components")


# --- nccl-check ----------------------------------------------------------------------------------


def test_an_all_reduce_without_wrong_values_passes_with_its_bandwidth(machine):
    machine.gpus(8)
    machine.program("all_reduce_perf", f"[ \"$6\" = 2 ] && [ \"$8\" = 8 ] || exit 9; cat <<'E'\n{PASSED}E\n")
    daemon = machine.start("nccl-check")
    assert daemon.states("nccl-check")[0]["health"] == "Initializing"
    state = trigger(daemon, "nccl-check")
    assert state["health"] == "Healthy"
    assert state["reason"] == "all-reduce over 8 GPUs: 231.456 GB/s, no wrong value"
    metrics = daemon.get("/metrics").text
    assert 'nccl_check_perfdata{gpud_component="nccl-check",label="busbw",unit="GB/s"} 231.456' in metrics


@pytest.mark.parametrize(
    "gpus, users, program, health, reason",
    [
        (8, "", "cat <<'E'\n" + PASSED.replace(": 0 OK", ": 3 FAILED") + "E\n", "Unhealthy",
         "all-reduce over 8 GPUs gave 3 wrong values"),
        (8, "", "echo NCCL failure; exit 1", "Unhealthy", "all-reduce over 8 GPUs failed (exit code 1)"),
        (8, "100\\n200", "exit 9", "Unknown", "skipped: 2 processes use the GPUs"),
        (1, "", "exit 9", "Unknown", "skipped: 1 GPU is too few for an all-reduce"),
        (2, "", None, "Unknown", "skipped: all_reduce_perf of nccl-tests is not installed"),
    ],
)  # fmt: skip
def test_what_is_broken_fails_and_what_is_skipped_has_not_passed(
    machine, gpus, users, program, health, reason
):
    machine.gpus(gpus, users)
    if program:
        machine.program("all_reduce_perf", program)
    state = trigger(machine.start("nccl-check"), "nccl-check")
    assert (state["health"], state["reason"]) == (health, reason)
