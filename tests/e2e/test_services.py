# SPDX-License-Identifier: Apache-2.0
"""Daemons that gpud asks on their sockets, played by the test: systemd, Docker, tailscaled."""

import json
import os
import socket
import subprocess
import time

import pytest
from machine import Machine, UnixServer

DOCKER = "/run/docker.sock"
CONTAINERS = [{"Id": "1", "Names": ["/train"], "State": "running", "Status": "Up", "Labels": {}}]


@pytest.fixture
def machine(folder, gpud):
    return Machine(folder / "root", gpud)


@pytest.fixture
def systemd(machine):
    """Starts a systemd with these units on the machine's bus."""
    python = "/usr/bin/python3"  # Debian's, which has python3-dbusmock
    if subprocess.run([python, "-c", "import dbusmock"], capture_output=True).returncode != 0:
        pytest.skip("python3-dbusmock is not installed")
    started = []

    def start(units):
        machine.write("/run/systemd/system/keep", "")
        bus = machine.path("/run/dbus/system_bus_socket")
        script = os.path.join(os.path.dirname(__file__), "systemd_stand_in.py")
        stand_in = subprocess.Popen(
            [python, script, str(bus), json.dumps(units)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(stand_in)
        assert stand_in.stdout.readline() == "ready\n", stand_in.stderr.read()

    yield start
    for stand_in in started:
        stand_in.stdin.close()
        stand_in.wait(10)


def unit(active="active", sub="running", **more):
    an_hour_ago = int(time.time() - 3600) * 10**6
    return {"ActiveState": active, "SubState": sub, "Changed": an_hour_ago, **more}


def test_systemd_tells_of_an_enabled_service_that_failed_and_of_no_other(machine, systemd):
    systemd(
        {
            "containerd.service": unit(),
            "kubelet.service": unit("failed", "failed", Result="exit-code"),
            "slurmd.service": unit("failed", "failed", UnitFileState="disabled"),
            "motd-news.service": unit("failed", "failed"),
        }
    )
    state = machine.scan("systemd")
    assert state["health"] == "Degraded"
    assert state["reason"] == "kubelet.service has failed (exit-code)"


def test_a_bus_without_systemd_is_not_supported_and_says_so(machine):
    machine.write("/run/systemd/system/keep", "")
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(machine.path("/run/dbus/system_bus_socket")))
    state = machine.scan("systemd")
    assert not state["supported"]
    assert state["unsupported_reason"] == "/run/dbus/system_bus_socket: nobody listens"


def test_docker_that_failed_is_unhealthy_by_its_unit(machine, systemd):
    machine.write(DOCKER, "")
    systemd({"docker.service": unit("failed", "failed")})
    state = machine.scan("docker")
    assert (state["health"], state["reason"]) == ("Unhealthy", "docker.service has failed")


def test_docker_that_answers_is_healthy(machine):
    machine.runs("dockerd")
    answers = {
        "/version": (200, {"Version": "27.0"}),
        "/containers/json?all=1": (200, CONTAINERS),
    }
    with UnixServer(machine.path(DOCKER), answers):
        assert machine.scan("docker")["health"] == "Healthy"


def test_docker_that_refuses_is_unknown(machine):
    machine.runs("dockerd")
    with UnixServer(machine.path(DOCKER), {"/version": (403, {"message": "no"})}):
        state = machine.scan("docker")
    assert state["health"] == "Unknown"
    assert "status 403" in state["error"]


@pytest.mark.parametrize(
    "component, path, process",
    [
        ("docker", DOCKER, "dockerd"),
        ("podman", "/run/podman/podman.sock", "podman"),
        ("containerd", "/run/containerd/containerd.sock", "containerd"),
        ("crio", "/run/crio/crio.sock", "crio"),
        ("tailscale", "/run/tailscale/tailscaled.sock", "tailscaled"),
    ],
)
def test_a_socket_that_accepts_and_says_nothing_costs_seconds_and_is_named(
    machine, component, path, process
):
    machine.runs(process)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(machine.path(path)))
        silent.listen()
        begin = time.monotonic()
        state = machine.scan(component)
        assert time.monotonic() - begin < 5
    assert state["health"] == "Unknown"
    assert path in state["error"]


def test_a_daemon_that_does_not_run_is_not_asked_as_that_may_start_it(machine):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(machine.path(DOCKER)))
        listener.listen()
        assert machine.scan("docker")["health"] == "Healthy"
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):
            listener.accept()


@pytest.mark.parametrize(
    "state, health",
    [("Running", "Healthy"), ("Stopped", "Healthy"), ("NeedsLogin", "Unhealthy")],
)
def test_tailscale_is_judged_by_what_its_daemon_says(machine, state, health):
    machine.runs("tailscaled")
    answer = {"Version": "1.80.0", "BackendState": state, "Health": None}
    socket_path = machine.path("/run/tailscale/tailscaled.sock")
    with UnixServer(socket_path, {"/localapi/v0/status?peers=false": (200, answer)}):
        assert machine.scan("tailscale")["health"] == health

