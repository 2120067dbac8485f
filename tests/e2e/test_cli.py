# SPDX-License-Identifier: Apache-2.0
"""The command line: exit codes, help, and output that programs can read."""

import json
import re
import subprocess

import pytest
import yaml
from gpud import xid_line, wait_for

XID = "accelerator-nvidia-error-xid"
COMMANDS = [
    "scan", "status", "health", "states", "events", "metrics", "ps", "machine-info", "xid", "sxid",
    "run", "config", "set-healthy", "inject-fault", "run-plugin-group", "compact", "metadata",
    "list-plugins", "completion", "version", "custom-plugins", "packs", "up", "down", "notify", "update",
    "release",
]  # fmt: skip
NOT_BUILT = ["up", "down", "notify", "update", "release"]
ASKING = ["status", "health", "states", "events", "metrics", "ps", "metadata", "machine-info"]


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    wait_for(
        lambda: all(s["health"] != "Initializing"
                    for c in shared_daemon.json("/v1/states") for s in c["states"]),
        10, "the first checks",
    )  # fmt: skip
    return shared_daemon


def call(gpud, *arguments, timeout=30, **environment):
    return subprocess.run(
        [gpud, *arguments], capture_output=True, text=True, timeout=timeout,
        stdin=subprocess.DEVNULL,
        env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent", "KMSG_FILE_PATH": "/dev/null",
             **environment},
    )  # fmt: skip


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"], ["help"], ["h"]])
def test_the_overview(gpud, arguments):
    result = call(gpud, *arguments)
    assert result.returncode == 0
    assert "GPU health checkers" in result.stdout
    for command in ("scan", "status", "run", "set-healthy"):
        assert re.search(rf"^\s+{command}\b", result.stdout, re.M), command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_examples(gpud, command):
    result = call(gpud, command, "--help")
    assert result.returncode == 0, result.stderr
    assert f"gpud {command}" in result.stdout
    assert result.stdout == call(gpud, "help", command).stdout
    if command not in NOT_BUILT:
        assert "EXAMPLES" in result.stdout.upper()
    assert all(len(line) <= 100 for line in result.stdout.splitlines())


@pytest.mark.parametrize("arguments", [["--version"], ["-v"]])
def test_version(gpud, arguments):
    result = call(gpud, *arguments)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.match(r"^gpud version \d+\.\d+\.\d+", result.stdout)
    assert call(gpud, "version").returncode == 0


def test_an_unknown_command_is_3(gpud):
    result = call(gpud, "diagnoze")
    assert result.returncode == 3
    assert "No help topic for 'diagnoze'" in result.stderr


@pytest.mark.parametrize(
    "arguments",
    [["scan", "--nosuch"], ["run", "--sample-interval=soon"], ["run", "--listen-address"],
     ["states", "--output=xml"]],
)  # fmt: skip
def test_a_wrong_flag_is_1_and_named(gpud, arguments):
    result = call(gpud, *arguments)
    assert result.returncode == 1
    word = arguments[1].split("=")[0].lstrip("-")
    assert word in result.stdout + result.stderr


def test_an_unknown_log_level_is_told_as_the_original_does(gpud):
    result = call(gpud, "run", "--log-level=zzz")
    assert result.returncode == 1
    assert 'unrecognized level: "zzz"' in result.stderr


@pytest.mark.parametrize("command", NOT_BUILT)
def test_what_is_not_built_yet_says_so(gpud, command):
    result = call(gpud, command)
    assert result.returncode == 1
    assert "not built yet" in result.stderr


@pytest.mark.parametrize("command", ASKING)
@pytest.mark.parametrize("output", ["json", "yaml", "table"])
def test_output_for_programs_and_people(daemon, command, output):
    result = daemon.ask(command, f"--output={output}")
    assert result.returncode in ((0, 1, 2, 4) if command in ("status", "health") else (0,)), (
        result.stdout + result.stderr
    )
    if output == "json":
        json.loads(result.stdout)
    elif output == "yaml":
        assert yaml.safe_load(result.stdout) is not None
    else:
        assert result.stdout.strip()
    assert "\x1b" not in result.stdout, "no colour where nobody looks"


def test_status_is_0_when_all_is_well(daemon):
    states = [s["health"] for c in daemon.json("/v1/states") for s in c["states"]]
    expected = 0 if set(states) == {"Healthy"} else 1 if "Unhealthy" in states else None
    result = daemon.ask("status")
    if expected is None:
        assert result.returncode in (2, 4)
    else:
        assert result.returncode == expected, result.stdout


def test_status_without_a_daemon_is_3(gpud, folder):
    result = call(gpud, "status", f"--socket={folder}/none.sock")
    assert result.returncode == 3
    assert "no gpud answers" in result.stderr


def test_status_and_health_are_1_when_a_gpu_is_broken(make_daemon):
    daemon = make_daemon()
    daemon.kmsg.write_text(xid_line(79, 1))
    daemon.start()
    wait_for(lambda: daemon.health(XID) == "Unhealthy", 5, "the fault")
    assert daemon.ask("status").returncode == 1
    assert daemon.ask("health").returncode == 1
    assert daemon.ask("health", XID).returncode == 1
    assert daemon.ask("health", "cpu").returncode == 0
    assert daemon.get("/v1/health").status_code == 503
    table = daemon.ask("states", check=0).stdout
    assert XID in table and "Unhealthy" in table
    assert "79" in daemon.ask("events", check=0).stdout


def test_filters(daemon):
    only = json.loads(daemon.ask("states", "cpu", "--output=json", check=0).stdout)
    assert [c["component"] for c in only] == ["cpu"]
    assert daemon.ask("states", "nosuch").returncode == 1


def test_set_healthy_says_what_it_did(daemon):
    result = daemon.ask("set-healthy", "disk,memory", check=0)
    assert result.stdout == "successfully set components to healthy: disk, memory\n"
    result = daemon.ask("set-healthy", "nosuch")
    assert result.returncode == 1
    assert "nosuch" in result.stderr


def test_scan_needs_no_daemon_and_exits_0(gpud):
    result = call(gpud, "scan")
    assert result.returncode == 0
    assert "cpu" in result.stdout and "memory" in result.stdout
    assert result.stdout.isprintable() or "\x1b" not in result.stdout


def test_scan_as_json(gpud):
    result = call(gpud, "scan", "--output=json")
    scan = json.loads(result.stdout)
    names = [c["name"] for c in scan["components"]]
    assert {"cpu", "disk", "memory", "os"} <= set(names)
    for component in scan["components"]:
        if component["supported"]:
            assert component["health"] and component["reason"]
        else:
            assert component["health"] is None and component["unsupported_reason"]
    assert "summary" in scan
    assert result.returncode == 0


def test_scan_sees_the_fault_and_fails_when_asked(gpud, folder):
    log = folder / "kmsg"
    log.write_text(xid_line(79, 1))
    assert call(gpud, "scan", KMSG_FILE_PATH=str(log)).returncode == 0
    result = call(gpud, "scan", "--fail-on-unhealthy", KMSG_FILE_PATH=str(log))
    assert result.returncode == 1
    first = next(line for line in result.stdout.splitlines() if "79" in line)
    position = result.stdout.splitlines().index(first)
    assert position < 15, "what is wrong comes first"


def test_machine_info_keeps_the_originals_json(gpud):
    result = call(gpud, "machine-info", "--output-format=json")
    assert result.returncode == 0
    assert result.stdout.count("\n") == 1, "one line"
    assert sorted(json.loads(result.stdout)) == ["machine_id", "machine_info", "provider"]


def test_machine_info_tells_a_wrong_format_as_the_original_does(gpud):
    result = call(gpud, "machine-info", "--output-format=xml")
    assert result.returncode == 1
    assert 'invalid output format "xml"' in result.stdout + result.stderr


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(gpud, shell):
    result = call(gpud, "completion", shell)
    assert result.returncode == 0
    assert "set-healthy" in result.stdout


def test_a_bad_config_file_names_file_line_and_key_all_at_once(gpud, folder):
    path = folder / "config.yaml"
    path.write_text("listen_address: 127.0.0.1:1\nnosuch_key: 1\nsample_interval: soon\n")
    result = call(gpud, "config", "check", f"--config={path}")
    assert result.returncode == 1
    text = result.stdout + result.stderr
    assert f"{path}:2" in text and "nosuch_key" in text
    assert f"{path}:3" in text and "sample_interval" in text


def test_flags_win_over_environment_over_file(gpud, folder):
    path = folder / "config.yaml"
    path.write_text("log_level: error\nsample_interval: 10s\nevents_retention_period: 24h\n")
    result = call(
        gpud, "config", "show", f"--config={path}", "--log-level=debug", "--output=json",
        GPUD_SAMPLE_INTERVAL="20s", GPUD_LOG_LEVEL="warn",
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert '"20s"' in result.stdout and "24h" in result.stdout
    shown = json.loads(result.stdout)
    assert "debug" in json.dumps(shown)


def test_unknown_gpud_variables_warn(gpud):
    result = call(gpud, "config", "check", GPUD_NOSUCH="1")
    assert result.returncode == 0
    assert "GPUD_NOSUCH" in result.stderr


def test_flags_of_the_original_are_accepted(make_daemon):
    daemon = make_daemon(
        arguments=[
            '--log-file=""', "--enable-auto-update=false", "--auto-update-exit-code=-1",
            "--plugin-specs-file=/nonexistent.yaml", "--pprof", "--gpu-count=8",
            "--infiniband-expected-port-states={}", "--xid-reboot-threshold=2",
            "--session-protocol=auto", "--retention-period=3h", "--nfs-checker-configs=[]",
            "-log-level=debug", "--components=*",
        ]
    ).start()  # fmt: skip
    assert daemon.json("/admin/config")["metrics_retention_period"] == "3h0m0s"
    assert not (daemon.folder / '""').exists()
