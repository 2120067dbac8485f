# SPDX-License-Identifier: Apache-2.0
"""Plugins that mean no good, or are just broken: nobody else notices (docs/plugins.md)."""

import os
import time

import pytest
from gpud import wait_for
from plugin_kit import plugin, processes_with, trigger


def test_deregistering_ends_what_runs(plugins):
    mark = f"gpud-e2e-{os.getpid()}-deregister"
    daemon = plugins([plugin("hang", f"setsid bash -c 'exec -a {mark} sleep 1000'", run_mode="auto",
                             interval="1m", timeout="10m")])
    wait_for(lambda: processes_with(mark))
    answer = daemon.session.delete(daemon.url + "/v1/components?componentName=hang")
    assert answer.json() == {"code": 200, "component": "hang", "message": "component deregistered"}
    wait_for(lambda: not processes_with(mark), 5)
    assert daemon.get("/v1/states?components=hang").status_code == 404
    assert "hang" not in daemon.json("/v1/components")
    assert "hang_health_state" not in daemon.get("/metrics").text
    assert daemon.session.delete(daemon.url + "/v1/components?componentName=cpu").status_code == 400


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_no_script_outlives_the_daemon(plugins, how):
    mark = f"gpud-e2e-{os.getpid()}-{how}"
    script = f"trap '' TERM; setsid bash -c 'trap \"\" TERM; exec -a {mark} sleep 1000'"
    daemon = plugins([plugin("hang", script, run_mode="auto", interval="1m", timeout="10m")])
    wait_for(lambda: processes_with(mark))
    getattr(daemon, how)()
    wait_for(lambda: not processes_with(mark), 5)


def test_a_plugin_that_hangs_hurts_nobody(plugins):
    daemon = plugins([plugin("hang", "echo begun; sleep 1000", timeout="1s"), plugin("other", "echo hi")])
    start = time.monotonic()
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(trigger, daemon, "hang")
        assert trigger(daemon, "other")["health"] == "Healthy"
        assert time.monotonic() - start < 0.9, "nobody waits for it"
        state = hanging.result()
    assert state["health"] == "Unhealthy"
    assert state["reason"] == "error executing state plugin (exit code: -1)"
    assert state["error"] == "context deadline exceeded"
    assert state["raw_output"] == "begun\n"


def memory_kib(daemon):
    with open(f"/proc/{daemon.process.pid}/status") as status:
        return int(next(line for line in status if line.startswith("RssAnon")).split()[1])


def cpu_ticks(daemon):
    with open(f"/proc/{daemon.process.pid}/stat") as stat:
        fields = stat.read().rpartition(") ")[2].split()
    return int(fields[11]) + int(fields[12])


def test_hostile_runs_leave_nothing_behind_and_cost_little(plugins):
    mark = f"gpud-e2e-{os.getpid()}-many"
    script = f"""(setsid bash -c 'exec -a {mark} sleep 1000' &)
        head -c 2000000 /dev/urandom; printf '\\377\\000{{"a":'; rm -f "$0"; exit 1"""
    rules = {"json_paths": [{"query": "$.a", "field": "a"}]}
    daemon = plugins([plugin("hostile", script, parser=rules)])
    for _ in range(10):
        trigger(daemon, "hostile")
    runs = int(os.environ.get("GPUD_TEST_RUNS", 50))
    descriptors = len(os.listdir(f"/proc/{daemon.process.pid}/fd"))
    memory, ticks = memory_kib(daemon), cpu_ticks(daemon)
    for _ in range(runs):
        state = trigger(daemon, "hostile")
        assert state["health"] == "Unhealthy" and len(state["raw_output"].encode()) <= 3 * 4096
    per_run = (cpu_ticks(daemon) - ticks) * 1000 / os.sysconf("SC_CLK_TCK") / runs
    print(f"{runs} runs: {memory_kib(daemon) - memory} KiB, {per_run:.2f} ms of daemon CPU each")
    assert memory_kib(daemon) - memory <= 1024
    assert per_run <= 4, "the request over TLS included"
    # The readers of the machine have one or two open at any moment.
    wait_for(lambda: len(os.listdir(f"/proc/{daemon.process.pid}/fd")) <= descriptors, 5)
    assert processes_with(mark) == []
    names = [name for _, _, files in os.walk("/tmp") for name in files if name.startswith("gpud-")]
    assert not [name for name in names if name.endswith(".bash")]
