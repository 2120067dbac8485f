# SPDX-License-Identifier: Apache-2.0
"""Checks of other tools as plugins: Nagios, node-problem-detector, OpenMetrics (docs/plugins.md)."""

import json
import subprocess
from pathlib import Path

import jsonschema
import pytest
import yaml
from gpud import wait_for
from plugin_kit import plugin, trigger
from test_plugins import HOOKS, PERIODIC, REBOOT

EXAMPLES = [HOOKS, PERIODIC, REBOOT, HOOKS.replace("job-hooks", ""), PERIODIC.replace("5m", "5 m")]

NAGIOS = Path("/usr/lib/nagios/plugins")
needs_nagios = pytest.mark.skipif(
    not (NAGIOS / "check_load").exists(), reason="needs monitoring-plugins-basic"
)

HEALTH = {0: "Healthy", 1: "Degraded", 2: "Unhealthy", 3: "Unknown"}

CHECKS = {
    "load": "check_load -w 1000,1000,1000 -c 2000,2000,2000",
    "load-warning": "check_load -w 0,0,0 -c 2000,2000,2000",
    "root-disk": "check_disk -w 0% -c 0% -p /",
    "disk-critical": "check_disk -w 101% -c 100% -p /",
    "procs": "check_procs -w 1:100000",
    "procs-critical": "check_procs -c 0:0 -a no-such-process-anywhere",
    "users": "check_users -w 1000 -c 2000",
    "file-age": "check_file_age -w 1000000000 -c 2000000000 -f /etc/passwd",
    "file-age-gone": "check_file_age -f /nonexistent",
    "swap": "check_swap -w 0 -c 0 -n ok",
    "dummy-ok": "check_dummy 0 fine",
    "dummy-warning": "check_dummy 1 'so so'",
    "dummy-critical": "check_dummy 2 broken",
    "dummy-unknown": "check_dummy 3 dark",
    "tcp-refused": "check_tcp -H 127.0.0.1 -p 1 -t 2",
    "negate": "negate -s check_dummy 2 turned",
    "usage": "check_load --no-such-option",
}
NUMBERS = {"load", "load-warning", "procs", "root-disk", "disk-critical", "file-age"}


@needs_nagios
def test_existing_nagios_checks_work_unchanged(plugins):
    specs = []
    for name, command in CHECKS.items():
        script = f"PATH=$PATH:{NAGIOS}; exec {command}"
        specs.append(plugin(name, script, output_format="nagios"))
    daemon = plugins(specs)
    for name, command in CHECKS.items():
        direct = subprocess.run(
            ["bash", "-c", f"PATH=$PATH:{NAGIOS}; exec {command}"], capture_output=True, text=True
        )
        state = trigger(daemon, name)
        assert state["health"] == HEALTH[direct.returncode], (name, state, direct)
        summary = (direct.stdout + direct.stderr).split("\n")[0].split("|")[0].strip()
        if name in NUMBERS:  # which differ from run to run
            assert state["reason"].split()[0] == summary.split()[0], name
        elif name != "usage":  # whose two outputs come in their own order
            assert state["reason"] == summary, name
    metrics = daemon.get("/metrics").text
    for label in ("load1", "load5", "load15"):
        assert f'load_perfdata{{gpud_component="load",label="{label}",unit=""}} ' in metrics
    assert 'root_disk_perfdata{gpud_component="root-disk",label="/"' in metrics
    assert 'procs_perfdata{gpud_component="procs",label="procs",unit=""} ' in metrics


NPD = {0: ("Healthy", "ntp is up"), 1: ("Unhealthy", "ntp is down"), 2: ("Unknown", "cannot tell")}


def test_checks_of_node_problem_detector_work_unchanged(plugins):
    daemon = plugins(
        [
            plugin(f"npd-{code}", f"echo {text}; exit {code}", output_format="npd")
            for code, (_, text) in NPD.items()
        ]
    )
    for code, expected in NPD.items():
        state = trigger(daemon, f"npd-{code}")
        assert (state["health"], state["reason"]) == expected


def test_openmetrics_on_stdout_become_metrics(plugins):
    script = """cat << 'END'
# HELP coolant_celsius of the loop
# TYPE coolant_celsius gauge
coolant_celsius{loop="a"} 31.5
pump_rpm 2400 1395066363000
# EOF
END
"""
    daemon = plugins(
        [
            plugin("coolant", script, output_format="openmetrics"),
            plugin("html", "echo '<html>'", output_format="openmetrics"),
        ]
    )
    assert trigger(daemon, "coolant")["health"] == "Healthy"
    metrics = daemon.get("/metrics").text
    assert 'coolant_celsius{gpud_component="coolant",loop="a"} 31.5' in metrics
    assert 'pump_rpm{gpud_component="coolant"} 2400' in metrics
    stored = daemon.json("/v1/metrics?components=coolant")
    assert "coolant_celsius" in {sample["name"] for sample in stored[0]["metrics"]}
    state = trigger(daemon, "html")
    assert state["error"] == "line 1 is no OpenMetrics sample: <html>"


def test_a_long_running_plugin_tells_its_state_line_by_line(folder, plugins):
    (folder / "state").write_text("fine")
    script = f"""while :; do
        printf '{{"state":"%s"}}\\n' "$(cat {folder}/state)"; sleep 0.1; done"""
    rules = {"json_paths": [{"query": "$.state", "field": "state", "expect": {"regex": "^fine$"}}]}
    spec = plugin("stream", script, parser=rules, long_running=True, run_mode="auto")
    daemon = plugins([spec])
    wait_for(lambda: daemon.health("stream") == "Healthy")
    (folder / "state").write_text("bad")
    wait_for(lambda: daemon.health("stream") == "Unhealthy")
    (state,) = daemon.states("stream")
    assert state["reason"] == "unexpected plugin output"
    assert state["extra_info"] == {"state": "bad"}
    assert trigger(daemon, "stream")["health"] == "Unhealthy", "it answers with what was said last"


def test_the_schema_says_what_gpud_says(gpud, folder):
    schema = json.loads(subprocess.run([gpud, "cs", "--schema"], capture_output=True).stdout)
    jsonschema.Draft202012Validator.check_schema(schema)
    example = subprocess.run([gpud, "cs", "--new", 'a "b"'], capture_output=True, text=True).stdout
    path = folder / "plugins.yaml"
    for text in [example, *EXAMPLES]:
        path.write_text(text)
        right = subprocess.run([gpud, "cs", path]).returncode == 0
        try:
            jsonschema.validate(yaml.safe_load(text), schema)
            assert right, text
        except (jsonschema.ValidationError, yaml.YAMLError):
            assert not right, text
