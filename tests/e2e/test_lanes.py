# SPDX-License-Identifier: Apache-2.0
"""Sources that hang, crash and lie cost one lane: the daemon answers on, and names them."""

import os
import time

import pytest
from gpud import wait_for


@pytest.fixture
def faulty(make_daemon, fault_binary):
    return make_daemon(binary=fault_binary).start()


def slowest_answer(daemon, seconds):
    """The slowest /healthz and /v1/states while the clock runs, in seconds."""
    slowest = 0.0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        for path in ("/healthz", "/v1/states"):
            begin = time.monotonic()
            assert daemon.get(path).status_code == 200
            slowest = max(slowest, time.monotonic() - begin)
        time.sleep(0.02)
    return slowest


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return file.read().split()


def test_the_daemon_answers_within_50_ms_while_sources_hang(faulty):
    daemon = faulty
    daemon.get("/v1/states")  # the connection stands
    assert slowest_answer(daemon, 8) < 0.05


def test_status_names_the_stuck_source(faulty):
    def named():
        status = faulty.ask("status")
        return status.stdout + status.stderr

    wait_for(lambda: "hang" in named().lower(), 20, "status to name the source that hangs")


def test_components_on_bad_sources_are_unknown_with_the_error_never_healthy(faulty):
    def judged():
        states = {c["component"]: c["states"] for c in faulty.json("/v1/states")}
        bad = {n: s for n, s in states.items() if n.startswith("fault")}
        return bad if bad and all(s[0]["health"] != "Initializing" for s in bad.values()) else None

    bad = wait_for(judged, 30, "a judgement of every faulty component")
    for name, states in bad.items():
        for state in states:
            assert state["health"] == "Unknown", name
            assert state["error"], name
    old = {c["component"]: c["states"] for c in faulty.json("/v1/states?compat=1")}
    for name in bad:
        assert not old.get(name), "old clients do not see a word that they do not know"
    metrics = faulty.get("/metrics").text
    assert 'health_state_unknown{gpud_component="fault' in metrics


def test_a_triggered_check_that_ends_unknown_is_not_successful(faulty):
    name = next(n for n in faulty.json("/v1/components") if n.startswith("fault"))
    answer = faulty.json(f"/v1/components/trigger-tag?tagName={name}")
    assert answer == {"components": [name], "exit": 1, "success": False}


def test_children_and_descriptors_stay_flat(faulty):
    pid = faulty.process.pid

    def used():
        return len(os.listdir(f"/proc/{pid}/fd")), len(children(pid))

    time.sleep(5)
    early = used()
    most = early
    for _ in range(20):
        time.sleep(0.5)
        most = tuple(map(max, most, used()))
    assert most[0] <= early[0] + 8 and most[1] <= 6, (early, most)


def test_stopping_takes_all_children_along(faulty):
    wait_for(lambda: children(faulty.process.pid), 10, "children")
    known = children(faulty.process.pid)
    begin = time.monotonic()
    assert faulty.stop() == 0
    assert time.monotonic() - begin < 5
    wait_for(lambda: not [c for c in known if os.path.exists(f"/proc/{c}")], 5, "their end")
