# SPDX-License-Identifier: Apache-2.0
"""Kill, restart, damage: nothing that was acknowledged is lost, nothing is there twice."""

import signal
import sqlite3
from collections import Counter
from contextlib import closing

import pytest
from gpud import gpu, wait_for, xid_line

XID = "accelerator-nvidia-error-xid"


def numbers(daemon):
    """Which of our lines are events, and how often."""
    return Counter((e["time"], e["message"]) for e in daemon.events(XID))


def append(daemon, first, count):
    with open(daemon.kmsg, "a") as log:
        for number in range(first, first + count):
            log.write(xid_line(31, number, gpu(number)))


def test_a_killed_daemon_has_everything_once_when_it_is_back(make_daemon):
    daemon = make_daemon()
    lines = 0
    for _ in range(5):
        append(daemon, lines, 7)
        lines += 7
        daemon.start()
        wait_for(lambda: sum(numbers(daemon).values()) >= lines, 5, f"{lines} events")
        assert sum(numbers(daemon).values()) == lines
        assert set(numbers(daemon).values()) == {1}
        daemon.kill()


def test_set_healthy_holds_when_the_daemon_is_killed_right_after(make_daemon):
    daemon = make_daemon()
    daemon.kmsg.write_text(xid_line(79, 1))
    daemon.start()
    wait_for(lambda: daemon.health(XID) == "Unhealthy", 5, "the fault")
    answer = daemon.post(f"/v1/health-states/set-healthy?components={XID}")
    assert answer.json()["successful"] == [XID]
    daemon.kill()
    daemon.start()
    wait_for(lambda: daemon.health(XID) != "Initializing", 5, "a check")
    assert daemon.health(XID) != "Unhealthy", "the line in the ring buffer is old news"


def test_set_healthy_is_kept_with_who_and_why(daemon):
    daemon.post("/v1/health-states/set-healthy?components=disk&reason=card+replaced&author=ops")
    daemon.kill()
    daemon.start()
    told = [e["message"] for e in daemon.events("disk") if e["name"] == "set_healthy"]
    assert len(told) == 1
    assert "ops" in told[0] and "card replaced" in told[0]


def test_a_stopped_daemon_leaves_with_zero_and_starts_again(daemon):
    assert daemon.stop() == 0
    daemon.start()
    assert daemon.stop(signal.SIGINT) == 0


def test_a_second_daemon_on_the_same_data_is_refused_by_name(daemon, make_daemon):
    second = make_daemon()
    second.data = daemon.data
    second.popen()
    assert second.process.wait(10) == 1
    second.process = None
    assert "another gpud" in second.log() and str(daemon.process.pid) in second.log()
    assert daemon.healthy()


@pytest.mark.parametrize("harm", ["garbage", "truncated", "flipped"])
def test_a_damaged_database_is_set_aside_and_told(make_daemon, harm):
    daemon = make_daemon()
    append(daemon, 0, 50)
    daemon.start()
    wait_for(lambda: len(daemon.events(XID)) == 50, 5, "50 events")
    daemon.stop()
    database = daemon.data / "gpud.db"
    content = bytearray(database.read_bytes())
    assert len(content) > 8192
    if harm == "garbage":
        content = bytearray(b"this is no database\n" * 1000)
    elif harm == "truncated":
        content = content[: len(content) // 2]
    else:
        for offset in range(4096, len(content), 512):
            content[offset] ^= 0xFF
    database.write_bytes(content)

    daemon.start()
    aside = wait_for(
        lambda: [p for p in daemon.data.iterdir() if p.name.startswith("gpud.db") and
                 p.name not in ("gpud.db", "gpud.db-wal", "gpud.db-shm")],
        5, "the damaged file under another name",
    )  # fmt: skip
    assert any(p.read_bytes()[:4096] == bytes(content[:4096]) for p in aside), "kept as it was"
    wait_for(lambda: "damaged" in daemon.ask("status").stdout, 5, "status to say so")
    assert any("damaged" in e["message"] for e in daemon.events("os"))
    wait_for(lambda: len(daemon.events(XID)) == 50, 5, "the ring buffer's events again")


def test_the_database_is_sound_after_a_kill(make_daemon):
    daemon = make_daemon()
    append(daemon, 0, 200)
    daemon.start()
    daemon.kill()
    daemon.start()
    wait_for(lambda: len(daemon.events(XID)) == 200, 5, "200 events")
    daemon.stop()
    with sqlite3.connect(f"file:{daemon.data}/gpud.db?mode=ro", uri=True) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_history_that_cannot_be_read_is_told(make_daemon):
    daemon = make_daemon().start()
    daemon.stop()
    with closing(sqlite3.connect(daemon.data / "gpud.db")) as database:
        database.execute("DROP TABLE events")
    daemon.start()
    told = wait_for(
        lambda: [f["what"] for f in daemon.json("/v1/findings") if "stored events" in f["what"]],
        5, "the finding",
    )  # fmt: skip
    assert "no such table: events" in told[0]
    assert "no such table: events" in daemon.log()
