# SPDX-License-Identifier: Apache-2.0
"""The supermicro pack against outputs of ipmitool and storcli (tests/data/supermicro)."""

import os
import subprocess
import time

import pytest
import yaml
from gpud import REPOSITORY

PACK = REPOSITORY / "packs/supermicro"
DATA = REPOSITORY / "tests/data/supermicro"
WELL = (DATA / "sdr-well.txt").read_text()
SEL_INFO = (DATA / "sel-info.txt").read_text()
STORCLI = (DATA / "storcli-well.json").read_text()


@pytest.fixture
def check(gpud, folder):
    """Runs all checks of the pack with these outputs; gives the outcome of each by its name."""

    def run(sdr=WELL, sel_info=SEL_INFO, sel="", storcli=STORCLI, ipmitool=None):
        tools = folder / "bin"
        tools.mkdir(exist_ok=True)
        for name, text in [("sdr", sdr), ("info", sel_info), ("sel", sel), ("storcli", storcli or "")]:
            (folder / name).write_text(text)
        programs = {
            "ipmitool": ipmitool
            or f"case $* in 'sdr elist all') cat {folder}/sdr ;; sel) cat {folder}/info ;; "
            f"'sel elist last 200') cat {folder}/sel ;; *) exit 9 ;; esac"
        }
        if storcli is not None:
            programs["storcli64"] = f"[ \"$*\" = '/call show all J' ] && cat {folder}/storcli"
        for name, script in programs.items():
            (tools / name).write_text("#!/bin/bash\n" + script)
            (tools / name).chmod(0o755)
        result = subprocess.run(
            [gpud, "cs", PACK / "plugins.yaml", "-r", "-f=false", "-o", "json"],
            env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, result.stderr
        assert result.stderr == ""
        return {outcome["component"]: outcome for outcome in yaml.safe_load(result.stdout)}

    return run


def entry(age_hours, what):
    stamp = time.strftime("%m/%d/%Y | %H:%M:%S", time.localtime(time.time() - age_hours * 3600))
    return f"   1 | {stamp} | {what}\n"


def test_a_machine_that_is_well(check):
    outcomes = check()
    assert {name: (o["health"], o["summary"]) for name, o in outcomes.items()} == {
        "supermicro-power-supplies": ("Healthy", "2 sensors are well"),
        "supermicro-fans": ("Healthy", "3 sensors are well"),
        "supermicro-cooling": ("Healthy", "2 sensors are well"),
        "supermicro-sensors": ("Healthy", "7 sensors are well"),
        "supermicro-sel": ("Healthy", "no bad entry in 24 h"),
        "supermicro-raid": ("Healthy", "ok"),
    }
    assert "'PUMP1'=2400RPM" in outcomes["supermicro-fans"]["output"]
    assert "'CPU1 Temp'=45C" in outcomes["supermicro-sensors"]["output"]


@pytest.mark.parametrize(
    "before, after, component, health, summary",
    [
        ("PS2 Status       | C9h | ok  | 10.2 | Presence detected",
         "PS2 Status       | C9h | ok  | 10.2 | Presence detected, Failure detected, Power Supply AC lost",
         "power-supplies", "Unhealthy", "PS2 Status Presence detected, Failure detected, Power Supply AC lost"),
        ("FAN1             | 41h | ok  | 29.1 | 7200 RPM",
         "FAN1             | 41h | cr  | 29.1 | 300 RPM", "fans", "Unhealthy", "FAN1 300 RPM (cr)"),
        ("PUMP1            | 51h | ok  | 29.20 | 2400 RPM",
         "PUMP1            | 51h | nr  | 29.20 | 0 RPM", "fans", "Unhealthy", "PUMP1 0 RPM (nr)"),
        ("D1h | ok  | 64.2 | State Deasserted", "D1h | ok  | 64.2 | State Asserted",
         "cooling", "Unhealthy", "Leak Sensor 1 State Asserted"),
        ("D0h | ok  | 64.1 | 32 degrees C", "D0h | nc  | 64.1 | 48 degrees C",
         "cooling", "Degraded", "Coolant Temp 48 degrees C (nc)"),
        ("C0h | ok  | 11.1 | 52 degrees C", "C0h | cr  | 11.1 | 96 degrees C",
         "sensors", "Unhealthy", "GPU1 Temp 96 degrees C (cr)"),
    ],
)  # fmt: skip
def test_a_bad_sensor_is_told_by_its_check_and_by_no_other(
    check, before, after, component, health, summary
):
    assert before in WELL
    outcomes = check(sdr=WELL.replace(before, after))
    bad = {name: o for name, o in outcomes.items() if o["health"] != "Healthy"}
    assert list(bad) == [f"supermicro-{component}"]
    assert (bad[f"supermicro-{component}"]["health"], bad[f"supermicro-{component}"]["summary"]) == (
        health,
        summary,
    )


def test_a_bmc_that_does_not_answer_is_unknown_not_well(check):
    outcomes = check(ipmitool="echo 'Could not open device at /dev/ipmi0'; exit 1")
    for name in ("power-supplies", "fans", "cooling", "sensors", "sel"):
        outcome = outcomes[f"supermicro-{name}"]
        assert outcome["health"] == "Unknown"
        assert outcome["summary"] == "the BMC does not answer: Could not open device at /dev/ipmi0"


def test_the_event_log_counts_what_is_bad_and_new(check):
    failure = "Power Supply #0xc8 | Failure detected () | Asserted"
    assert check(sel=entry(30, failure))["supermicro-sel"]["health"] == "Healthy", "too old"
    assert check(sel=entry(1, failure.replace("Asserted", "Deasserted")))["supermicro-sel"]["health"] == "Healthy"
    outcome = check(sel=entry(2, "Memory #0x01 | Uncorrectable ECC () | Asserted") + entry(1, failure))[
        "supermicro-sel"
    ]
    assert outcome["health"] == "Unhealthy"
    assert outcome["summary"].startswith("2 bad entries in 24 h, the last: ")
    assert outcome["summary"].endswith("Power Supply #0xc8: Failure detected ()")
    outcome = check(sel_info=SEL_INFO.replace("3%", "95%"))["supermicro-sel"]
    assert (outcome["health"], outcome["summary"]) == (
        "Degraded",
        "the event log is 95 % full: ipmitool sel clear",
    )


@pytest.mark.parametrize(
    "before, after, field",
    [("Optimal", "Needs Attention", "controllers"), ("Optl", "Dgrd", "volumes"), ('"Onln"}]', '"Offln"}]', "drives")],
)
def test_a_bad_controller_volume_or_drive_is_told(check, before, after, field):
    assert before in STORCLI
    outcome = check(storcli=STORCLI.replace(before, after))["supermicro-raid"]
    assert (outcome["health"], outcome["summary"]) == ("Unhealthy", "unexpected plugin output")
    assert after.strip('"}]') in outcome["extra_info"][field]


def test_without_storcli_or_a_controller_there_is_nothing_to_judge(check):
    no_controller = '{"Controllers":[{"Command Status":{"Status":"Failure","Description":"No Controller found"}}]}'
    assert check(storcli=no_controller)["supermicro-raid"]["health"] == "Healthy"
