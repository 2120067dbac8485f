# SPDX-License-Identifier: Apache-2.0
"""A full file system: the daemon goes on watching, says so, and loses nothing it acknowledged."""

import os
import subprocess

import pytest
from gpud import gpu, wait_for, xid_line

XID = "accelerator-nvidia-error-xid"
SIZE = 4 << 20

pytestmark = pytest.mark.root


@pytest.fixture
def small_disk(folder):
    """A file system of 4 MiB, gone with the test."""
    path = folder / "small"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=755", "gpud-e2e", str(path)],
        capture_output=True, text=True,
    )  # fmt: skip
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount here: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


def fill(path):
    """Leaves not a byte free."""
    with open(path / "ballast", "ab", buffering=0) as ballast:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    ballast.write(b"x" * size)
            except OSError:
                continue
    space = os.statvfs(path)
    assert space.f_bavail == 0


def free(path):
    (path / "ballast").unlink()


def on(make_daemon, path):
    daemon = make_daemon()
    daemon.data = path / "data"
    return daemon


def append(daemon, first, count):
    with open(daemon.kmsg, "a") as log:
        for number in range(first, first + count):
            log.write(xid_line(31, number, gpu(number)))


def told(daemon):
    status = daemon.ask("status")
    return "cannot write" in status.stdout + status.stderr


def test_full_before_the_start(make_daemon, small_disk):
    (small_disk / "data").mkdir()
    fill(small_disk)
    daemon = on(make_daemon, small_disk)
    append(daemon, 0, 5)
    daemon.start()
    wait_for(lambda: len(daemon.events(XID)) == 5, 5, "events from memory")
    wait_for(lambda: told(daemon), 5, "status to say so")
    free(small_disk)
    wait_for(lambda: not told(daemon), 90, "recovery")
    daemon.kill()
    daemon.kmsg.write_text("")
    daemon.start()
    wait_for(lambda: len(daemon.events(XID)) == 5, 5, "the events on disk after all")


def test_full_while_running(make_daemon, small_disk):
    daemon = on(make_daemon, small_disk).start()
    fill(small_disk)
    answer = daemon.post("/v1/health-states/set-healthy?components=disk", timeout=60)
    if answer.status_code == 200:  # it fitted into what SQLite had already
        fill(small_disk)
    body = answer.json()
    assert "successful" in body or "disk" in body["failed"], body

    for _ in range(500):  # until what SQLite has of free pages is used up
        answer = daemon.post(
            "/v1/health-states/set-healthy",
            params={"components": "disk", "reason": "x" * 1_000},
            timeout=60,
        )
        if answer.status_code != 200:
            break
    assert answer.status_code != 200, "nothing is acknowledged that is not written"
    assert told(daemon)
    assert daemon.healthy()
    assert daemon.json("/v1/states")
    events = [e["message"] for e in daemon.events("disk")]
    free(small_disk)
    wait_for(lambda: not told(daemon), 90, "recovery")
    daemon.kill()
    daemon.start()
    again = [e for e in daemon.events("os") if "can write again" in e["message"]]
    assert len(again) == 1, "history says when nothing could be written"
    wait_for(
        lambda: set(events) <= {e["message"] for e in daemon.events("disk")}, 5, "all of them"
    )


def test_read_only_at_the_start(make_daemon, small_disk):
    def remount(how):
        subprocess.run(["mount", "-o", f"remount,{how}", str(small_disk)], check=True)

    (small_disk / "data").mkdir()
    remount("ro")
    daemon = on(make_daemon, small_disk).start()
    wait_for(lambda: told(daemon), 5, "status to say so")
    remount("rw")
    wait_for(lambda: not told(daemon), 90, "recovery")
