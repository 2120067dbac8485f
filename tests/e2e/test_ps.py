# SPDX-License-Identifier: Apache-2.0
"""Who uses the GPUs: the simulated driver's processes, real ones, and a kubelet of our own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from gpud import BINARY, wait_for

DRIVER = Path(BINARY).parent / "sim/libnvidia-ml.so.1"
GONE = 4194303  # a pid that Linux gives last
pytestmark = pytest.mark.skipif(not DRIVER.exists(), reason=f"{DRIVER} is not built")


@pytest.fixture
def process():
    """A process of ours with a secret among its arguments."""
    child = subprocess.Popen(
        [sys.executable, "-c", "input()", "--token", "s3cr3t", "--lr", "1"], stdin=subprocess.PIPE
    )
    yield child
    child.kill()
    child.wait()


@pytest.fixture
def simulated(folder, make_daemon, process):
    """A daemon whose only GPU is used by that process and by one that is not there."""
    scenario = folder / "two-processes.yaml"
    use = {"role": "server", "gpus": [0], "gpu_mem_mib": 9000}
    scenario.write_text(
        yaml.safe_dump(
            {
                "schema": "gpud-scenario/1",
                "id": "two-processes",
                "title": "A GPU and two processes",
                "seed": 1,
                "duration_s": 3600,
                "nodes": [
                    {
                        "name": "node-a",
                        "profile": "hgx-h100-1",
                        "workload": "idle",
                        "processes": [
                            {"pid": process.pid, "name": "python", **use},
                            {"pid": GONE, "name": "gone", **use},
                        ],
                    }
                ],
                "expect": [],
                "forbid": ["*"],
            }
        )
    )

    def start(**environment):
        return make_daemon(
            environment={
                "GPUD_NVML_LIBRARY_PATH": str(DRIVER),
                "GPUD_SIM_SCENARIO": str(scenario),
                **environment,
            }
        ).start()

    return start


def listed(daemon):
    return wait_for(
        lambda: daemon.json("/v1/gpu/processes")["processes"], 20, "processes of the GPUs"
    )


def test_processes_have_their_owners_and_no_secrets(simulated, process):
    daemon = simulated()
    rows = {row["pid"]: row for row in listed(daemon)}
    row = rows[process.pid]
    assert row["uid"] == os.geteuid()
    assert row["command"].endswith("--token *** --lr 1")
    assert row["vendor"] == "nvidia" and row["gpu"] == 0
    assert row["memory_bytes"] > 0
    assert "has ended" in rows[GONE]["problem"]
    assert "s3cr3t" not in daemon.get("/v1/gpu/processes").text


def test_ps_shows_them(simulated, process):
    daemon = simulated()
    listed(daemon)
    text = daemon.ask("ps").stdout
    assert f" {process.pid} " in text and "--token ***" in text
    answer = json.loads(daemon.ask("ps", "-o", "json", "--gpu", "0", "--sort", "pid").stdout)
    assert [row["pid"] for row in answer["processes"]] == sorted([process.pid, GONE])
    assert daemon.ask("ps", "--gpu", "7").returncode == 1


def test_a_hung_driver_leaves_the_last_list(simulated, process, folder):
    faults = folder / "faults"
    faults.write_text("")
    daemon = simulated(GPUD_SIM_FAULTS=str(faults))
    first = {row["pid"]: row for row in listed(daemon)}[process.pid]
    faults.write_text("call nvmlDeviceGetComputeRunningProcesses* hang\n")
    daemon.get(
        "/v1/components/trigger-check?componentName=accelerator-nvidia-processes",
        headers={"Authorization": f"Bearer {daemon.token()}"},
        timeout=30,
    )
    answer = wait_for(
        lambda: (a := daemon.json("/v1/gpu/processes")).get("problems") and a, 20, "a problem"
    )
    rows = {row["pid"]: row for row in answer["processes"]}
    assert rows[process.pid]["time"] == first["time"]
    assert "shown as of" in daemon.ask("ps").stdout


def test_metrics_have_workloads_and_no_pids(simulated, process):
    daemon = simulated()
    listed(daemon)
    page = wait_for(
        lambda: (text := daemon.get("/metrics").text)
        and "accelerator_workload_memory_used_bytes{" in text
        and text,
        90,
        "metrics of workloads",
    )
    lines = [line for line in page.splitlines() if line.startswith("accelerator_workload")]
    assert any('kind="host"' in line for line in lines)
    assert not any(str(process.pid) in line for line in lines)


def test_without_gpus_the_list_is_empty(shared_daemon):
    answer = shared_daemon.json("/v1/gpu/processes")
    assert answer["processes"] == []
