# SPDX-License-Identifier: Apache-2.0
"""`gpud xid` and `gpud sxid`, and a site's own verdicts."""

import json
import subprocess

import pytest
import yaml


def call(gpud, *arguments, **environment):
    return subprocess.run(
        [gpud, *map(str, arguments)], capture_output=True, text=True, timeout=30,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", **environment},
    )  # fmt: skip


@pytest.fixture
def site(tmp_path):
    file = tmp_path / "faults.yaml"
    file.write_text(
        "xid:\n"
        "  13: {severity: info, action: IGNORE_NO_ACTION_REQUIRED, note: students}\n"
        "  900: {severity: fatal, action: RESET_GPU}\n"
    )
    return file


def test_xid_explains_without_a_daemon(gpud):
    result = call(gpud, "xid", "79")
    assert (result.returncode, result.stderr) == (0, "")
    for text in (
        "Xid 79: GPU no longer answers on PCIe",
        "REBOOT_SYSTEM",
        "HARDWARE_INSPECTION",
        "as a tenant",
        "as an operator",
        "leptonai/gpud",
        "Meta GCM",
    ):
        assert text in result.stdout, text


def test_sxid_and_nvlink5(gpud):
    assert "LTSSM Fault Up" in call(gpud, "sxid", "20034").stdout
    rows = call(gpud, "xid", "149").stdout
    assert "NETIR_LINK_DOWN" in rows and "4 alignment-loss" in rows


def test_json_and_yaml_are_lists_with_the_same_content(gpud):
    answer = json.loads(call(gpud, "xid", "13", "149", "-o", "json").stdout)
    assert [fault["code"] for fault in answer] == [13, 149]
    assert len(answer[1]["nvlink5"]) == 31
    assert answer == yaml.safe_load(call(gpud, "xid", "13", "149", "-o", "yaml").stdout)


def test_lists_and_searches(gpud):
    everything = json.loads(call(gpud, "xid", "--list", "-o", "json").stdout)
    assert len(everything) == 178
    fatal = json.loads(call(gpud, "xid", "--list", "--severity", "fatal", "-o", "json").stdout)
    assert {fault["severity"] for fault in fatal} == {"fatal"}
    assert 79 in [fault["code"] for fault in fatal]
    table = call(gpud, "xid", "--search", "GSP").stdout.splitlines()
    assert [line.split()[0] for line in table] == ["CODE", "119", "120"]
    nothing = call(gpud, "sxid", "--search", "pineapple")
    assert nothing.returncode == 1 and 'no SXid says "pineapple"' in nothing.stderr


@pytest.mark.parametrize(
    "arguments, text",
    [(["xid", "4711"], 'Xid 4711 is not in the catalogue; "gpud xid --search WORD"'),
     (["xid", "20034"], "it is an SXid: gpud sxid 20034"),
     (["sxid", "79"], "it is an Xid: gpud xid 79"),
     (["xid", "bus"], "try --search bus"),
     (["xid"], "give codes, or one of --list"),
     (["xid", "79", "--list"], "give codes, or one of --list")],
)  # fmt: skip
def test_what_is_wrong_is_1_and_says_what_to_do(gpud, arguments, text):
    result = call(gpud, *arguments)
    assert result.returncode == 1
    assert text in result.stderr, result.stderr
    answer = json.loads(call(gpud, *arguments, "-o", "json").stdout)
    assert text in answer["error"]["message"]


def test_known_codes_are_told_beside_an_unknown_one(gpud):
    result = call(gpud, "xid", "79", "4711")
    assert result.returncode == 1
    assert "Xid 79: " in result.stdout and "4711" in result.stderr


def test_a_sites_verdict_is_told_as_such(gpud, site):
    for how in (
        {"arguments": ("--fault-catalog", site)},
        {"environment": {"GPUD_FAULT_CATALOG": str(site)}},
    ):
        result = call(gpud, "xid", "13", "31", *how.get("arguments", ()),
                      **how.get("environment", {}))  # fmt: skip
        assert result.stderr == ""
        assert f"{site} changes it; the catalogue says warning, RESTART_APPLICATION" in result.stdout
        assert result.stdout.count("changes it") == 1
    answer = json.loads(call(gpud, "xid", "13", "900", "--fault-catalog", site, "-o", "json").stdout)
    assert answer[0]["severity"] == "info"
    assert answer[0]["replaced"]["severity"] == "warning"
    assert answer[0]["replaced"]["note"] == "students"
    assert answer[1]["action"] == "RESET_GPU"


def test_config_check_and_run_refuse_a_wrong_one(gpud, site, tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text(f"fault_catalog: {site}\n")
    right = call(gpud, "config", "check", "--config", config)
    assert right.returncode == 0
    assert f"{site} is right" in right.stdout
    site.write_text("xid: {79: {severity: info}, 13: {action: DANCE}}\n")
    wrong = call(gpud, "config", "check", "--config", config)
    assert wrong.returncode == 1
    assert f"{site}: xid 79: contradiction: info" in wrong.stderr
    assert f'{site}: xid 13: action: "DANCE"' in wrong.stderr
    for command in ("run", "scan"):
        result = call(gpud, command, "--config", config)
        assert result.returncode == 1, command
        assert "xid 79: contradiction" in result.stderr, command
    # Who only looks a code up gets the catalogue's answer, and a warning.
    looked_up = call(gpud, "xid", "79", "--config", config)
    assert looked_up.returncode == 0
    assert "warning: " in looked_up.stderr and "changes it" not in looked_up.stdout
