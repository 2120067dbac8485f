# SPDX-License-Identifier: Apache-2.0
"""`--simulate`: a whole machine that is not there, and every answer says so."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import pytest
from gpud import BINARY, REPOSITORY, wait_for

SCENARIOS = sorted(path.stem for path in (REPOSITORY / "sim/scenarios").glob("*.yaml"))

pytestmark = pytest.mark.skipif(
    not (Path(BINARY).parent / "sim/libnvidia-ml.so.1").exists(),
    reason="the simulated driver is not built here",
)


def gpud(*arguments, environment=None, timeout=60):
    return subprocess.run(
        [BINARY, *arguments],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        env={**os.environ, "NO_COLOR": "1", **(environment or {})},
    )


def children(pid):
    found = []
    for task in os.listdir(f"/proc/{pid}/task"):
        found += Path(f"/proc/{pid}/task/{task}/children").read_text().split()
    return [int(child) for child in found]


def is_gone(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def machine_folder(daemon):
    return Path(re.search(r'"root":"([^"]+)"', daemon.log()).group(1))


@pytest.fixture
def simulate(make_daemon):
    def start(scenario, *more):
        return make_daemon(arguments=["--simulate", scenario, *more]).start()

    return start


def test_the_scenarios_are_listed_with_what_happens():
    table = gpud("run", "--simulate", "list")
    assert table.returncode == 0, table.stderr
    assert "WHAT HAPPENS" in table.stdout
    rows = json.loads(gpud("run", "--simulate", "list", "-o", "json").stdout)
    assert [row["name"] for row in rows] == SCENARIOS
    assert all(row["title"] and row["machine"] and row["seconds"] > 0 for row in rows)


def test_an_unknown_name_is_answered_with_those_that_are_like_it():
    answer = gpud("run", "--simulate", "helthy-8xh100")
    assert answer.returncode == 1
    assert 'no scenario "helthy-8xh100"; did you mean healthy-8xh100?' in answer.stderr
    answer = gpud("scan", "--simulate", "nvlink")
    assert "nvlink-down, nvlink-port-fault" in answer.stderr
    answer = gpud("run", "--simulate", "healthy-8xh100", "--simulate-node", "nobody")
    assert "has no node 'nobody'" in answer.stderr
    answer = gpud("run", "--simulate-at", "5m")
    assert "--simulate-at needs --simulate" in answer.stderr


def test_a_mistake_in_a_file_is_named(folder):
    path = folder / "mine.yaml"
    path.write_text("schema: gpud-scenario/1\nid: mine\ntitle: x\nseed: 1\nduration_s: x\n")
    answer = gpud("run", "--simulate", str(path))
    assert answer.returncode == 1
    assert "duration_s" in answer.stderr


def test_the_real_machines_data_directory_is_refused(folder):
    environment = {"HOME": str(folder)}
    own = "/var/lib/gpud" if os.geteuid() == 0 else f"{folder}/.gpud"
    answer = gpud(
        "run", "--simulate", "healthy-8xh100", "--data-dir", own, environment=environment
    )
    assert answer.returncode == 1
    assert "real machine" in answer.stderr


def test_every_answer_says_that_it_is_simulated(simulate):
    daemon = simulate("healthy-8xh100")
    for path in ["/healthz", "/v1/states", "/v1/health", "/machine-info", "/metrics", "/nowhere"]:
        assert daemon.get(path).headers["gpud-simulated"] == "healthy-8xh100", path
    machine = wait_for(
        lambda: (m := daemon.json("/machine-info")).get("hostname") and m, what="the machine"
    )
    assert machine["simulated"] == "healthy-8xh100"
    assert machine["osImage"] == "machine simulated by gpud"
    assert machine["cpuInfo"]["logicalCores"] == 112
    assert daemon.get("/v1/health").json()["simulated"] == "healthy-8xh100"
    assert "simulated" in json.dumps(daemon.json("/v1/findings"))
    assert 'gpud_simulated{scenario="healthy-8xh100"} 1' in daemon.get("/metrics").text
    assert "SIMULATED" in daemon.log()
    for command in ["status", "states", "events", "machine-info"]:
        assert daemon.ask(command).stdout.startswith("SIMULATED: healthy-8xh100\n"), command
    answer = daemon.ask("states", "-o", "json")
    assert "SIMULATED: healthy-8xh100" in answer.stderr
    json.loads(answer.stdout)


def test_the_gpus_of_the_scenario_are_there(simulate):
    daemon = simulate("healthy-8xh100")
    gpus = wait_for(
        lambda: daemon.json("/machine-info").get("gpuInfo", {}).get("gpus"), 20, "the GPUs"
    )
    assert len(gpus) == 8
    assert not any(gpu.get("problem") for gpu in gpus)
    assert "H100" in daemon.json("/machine-info")["gpuInfo"]["product"]


@pytest.mark.parametrize(
    "scenario, line", [("fallen-off-bus", "Xid"), ("ecc-double-bit-chain", "Xid")]
)
def test_the_kernel_lines_of_a_scenario_become_events(simulate, scenario, line):
    daemon = simulate(scenario, "--simulate-at", "1h")
    events = wait_for(lambda: daemon.events("accelerator-nvidia-error-xid"), 20, "an event")
    assert any(line in event["message"] for event in events)
    # Their times are those at which they came, by the clock of the reader.
    assert all(
        time.time() - 7200 < time.mktime(time.strptime(e["time"][:19], "%Y-%m-%dT%H:%M:%S"))
        for e in events
    )


def test_a_kernel_line_comes_at_its_time(simulate):
    daemon = simulate("fallen-off-bus", "--simulate-speed", "200")
    assert wait_for(lambda: daemon.events("accelerator-nvidia-error-xid"), 30, "an event")


def test_an_injected_fault_stays_in_the_simulated_machine(simulate):
    daemon = simulate("healthy-8xh100")
    answer = daemon.post(
        "/inject-fault",
        json={"xid": {"id": 79}},
        headers={"Authorization": f"Bearer {daemon.token()}"},
    )
    assert answer.status_code == 200, answer.text
    assert wait_for(lambda: daemon.events("accelerator-nvidia-error-xid"), 10, "the event")


def test_scan_and_machine_info_look_at_the_end_of_a_scenario():
    scan = gpud("scan", "--simulate", "fallen-off-bus")
    assert scan.returncode == 0, scan.stderr
    assert scan.stdout.startswith("SIMULATED: fallen-off-bus\n")
    assert "Xid" in scan.stdout
    found = gpud("scan", "--simulate", "fallen-off-bus", "-o", "json")
    assert json.loads(found.stdout)["machine"]["simulated"] == "fallen-off-bus"
    info = gpud("machine-info", "--simulate", "healthy-4xgb200")
    assert info.stdout.startswith("SIMULATED: healthy-4xgb200\n")


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_the_machine_goes_with_its_daemon(simulate, how):
    daemon = simulate("healthy-1xt4")
    folder = machine_folder(daemon)
    assert (folder / "proc/stat").exists()
    keepers = [
        pid
        for pid in children(daemon.process.pid)
        if "simulated-machine" in Path(f"/proc/{pid}/cmdline").read_text()
    ]
    assert len(keepers) == 1
    daemon.stop(how)
    wait_for(lambda: is_gone(keepers[0]), 10, "the end of the child")
    assert not folder.parent.exists()


def test_a_daemon_without_its_machine_ends(simulate):
    daemon = simulate("healthy-1xt4")
    keeper = next(
        pid
        for pid in children(daemon.process.pid)
        if "simulated-machine" in Path(f"/proc/{pid}/cmdline").read_text()
    )
    os.kill(keeper, signal.SIGKILL)
    assert daemon.process.wait(20) == 1
    assert "the simulated machine has ended" in daemon.log()
    daemon.process = None


def test_the_machine_moves(simulate):
    daemon = simulate("healthy-8xh100")
    stat = machine_folder(daemon) / "proc/stat"
    first = stat.read_text()
    wait_for(lambda: stat.read_text() != first, 10, "another second")


def unknown(daemon):
    return {
        component["component"]
        for component in daemon.json("/v1/states")
        for state in component["states"]
        if state.get("health") == "Unknown"
    }


def test_a_driver_that_hangs_is_told_of_all_its_components_and_forgotten_when_it_answers(
    simulate, tmp_path
):
    faults = tmp_path / "faults"
    faults.write_text("")
    daemon = simulate("healthy-8xh100", "--simulate-faults", str(faults))
    wait_for(lambda: "accelerator-nvidia-ecc" in {c["component"] for c in daemon.json("/v1/states")})
    assert unknown(daemon) == set()
    faults.write_text("call * hang\n")
    wait_for(lambda: unknown(daemon), seconds=30)
    wait_for(lambda: "accelerator-nvidia-ecc" in unknown(daemon), seconds=30)
    state = next(
        component["states"][0]
        for component in daemon.json("/v1/states")
        if component["component"] == "accelerator-nvidia-utilization"
    )
    assert "no answer within" in state["error"]
    assert state["age_seconds"] > 0
    faults.write_text("")
    wait_for(lambda: unknown(daemon) == set(), seconds=90)
