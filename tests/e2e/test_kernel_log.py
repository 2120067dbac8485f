# SPDX-License-Identifier: Apache-2.0
"""The kernel's log: lines become events at once, once, with their origin."""

import os
import stat
import time

import pytest
from gpud import gpu, kernel_line, wait_for, xid_line

XID = "accelerator-nvidia-error-xid"
USER_SPACE = 12  # facility 1, severity 4


def events_of(daemon, component=XID):
    return daemon.events(component)


@pytest.fixture
def pipe_daemon(make_daemon, folder):
    """A daemon that reads its kernel log from a pipe, and the function that writes to it."""
    path = folder / "kmsg.fifo"
    os.mkfifo(path)
    pipe = os.open(path, os.O_RDWR)  # a writer that stays, else the pipe is at its end at once
    daemon = make_daemon(kmsg=path).start()
    yield daemon, lambda text: os.write(pipe, text.encode("latin-1"))
    os.close(pipe)


def test_what_stands_in_the_log_at_start_becomes_events(make_daemon, folder):
    log = folder / "kmsg"
    log.write_text(
        xid_line(79, 1) + kernel_line("nothing that matters", 2) + xid_line(13, 3, "0000:05:00")
    )
    daemon = make_daemon(kmsg=log).start()
    events = wait_for(lambda: len(events_of(daemon)) == 2 and events_of(daemon), 5, "two events")
    assert [e["name"] for e in events] == ["error_xid", "error_xid"]
    assert {e["component"] for e in events} == {XID}
    text = " ".join(e["message"] for e in events)
    assert "79" in text and "13" in text and "0000:04:00" in text and "0000:05:00" in text


def test_a_new_line_is_an_event_within_a_second(pipe_daemon):
    daemon, write = pipe_daemon
    assert events_of(daemon) == []
    write(xid_line(79, 10))
    wait_for(lambda: len(events_of(daemon)) == 1, 1, "the event")
    wait_for(lambda: daemon.health(XID) == "Unhealthy", 1, "the health that follows: 79 is fatal")


def test_a_burst_is_neither_cut_nor_doubled(pipe_daemon):
    daemon, write = pipe_daemon
    for number in range(500):
        write(kernel_line(f"some noise {number}", 2 * number))
        write(xid_line(31, 2 * number + 1, gpu(number)))
    wait_for(lambda: len(events_of(daemon)) >= 500, 10, "500 events")
    assert len(events_of(daemon)) == 500
    assert daemon.healthy()


def test_a_flood_waits_in_the_log_until_the_disk_has_taken_it(make_daemon, folder):
    padding = "x" * 900  # else it fits into what the store keeps in memory, 4 MiB
    lines = (
        kernel_line(f"NVRM: Xid (PCI:{gpu(n)}): 31, pid={n}, name=x, {padding}", n)
        for n in range(20_000)
    )
    log = folder / "kmsg"
    log.write_text("".join(lines))
    daemon = make_daemon(kmsg=log).start()
    wait_for(lambda: len(events_of(daemon)) == 20_000, 30, "each of them to be an event")
    assert daemon.events("os") == [], "none of them was dropped or lost"


def test_a_line_of_a_program_is_an_event_but_changes_no_health(pipe_daemon):
    daemon, write = pipe_daemon
    write(xid_line(31, 20))  # a warning; on a machine without a GPU it brings the component up
    wait_for(lambda: daemon.health(XID) == "Healthy", 2, "the component")
    write(xid_line(79, 21, gpu(21), priority=USER_SPACE))

    def forged():
        start = int(time.time()) - 3600
        answer = daemon.json(f"/v1/events?components={XID}&startTime={start}&details=true")
        return [e for e in answer[0]["events"] or [] if gpu(21) in e["message"]]

    events = wait_for(forged, 2, "the event")
    assert len(events) == 1
    assert "user-space" in str(events[0]), "its origin is told"
    assert daemon.health(XID) == "Healthy"


@pytest.mark.parametrize(
    "rubbish",
    ["no record at all\n", "4,x,y,-;text\n", ";;;;\n", "\x00\xff\xfe\n", "4,1,2,-;" + "A" * 5000 + "\n",
     "4,1,2\n", "99999999999999999999,1,2,-;NVRM: Xid\n", "4,1,2,-;NVRM: Xid (PCI:0000:04:00): 79\n"],
)  # fmt: skip
def test_rubbish_in_the_log_does_not_stop_the_reader(pipe_daemon, rubbish):
    daemon, write = pipe_daemon
    write(rubbish)
    write(xid_line(31, 30, "0000:1e:00"))
    wait_for(
        lambda: any("0000:1e:00" in e["message"] for e in events_of(daemon)), 3, "the event after it"
    )
    assert daemon.healthy()


@pytest.mark.parametrize("path", ["/dev/null", "/nonexistent/kmsg"])
def test_an_empty_or_missing_log_costs_nothing_and_is_told(make_daemon, path):
    daemon = make_daemon()
    daemon.environment["KMSG_FILE_PATH"] = path
    daemon.start()
    before = cpu_seconds(daemon.process.pid)
    time.sleep(1)
    assert cpu_seconds(daemon.process.pid) - before < 0.2, "no spinning at the end of the data"


def cpu_seconds(pid):
    fields = open(f"/proc/{pid}/stat").read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def kernel_log_is_writable():
    try:
        return stat.S_ISCHR(os.stat("/dev/kmsg").st_mode) and os.access("/dev/kmsg", os.W_OK)
    except OSError:
        return False


@pytest.fixture
def real_daemon(make_daemon):
    """A daemon on the real kernel log, of which this test writes one line."""
    if not kernel_log_is_writable():
        pytest.skip("/dev/kmsg is not writable here")
    daemon = make_daemon()
    daemon.environment["KMSG_FILE_PATH"] = "/dev/kmsg"
    return daemon.start()


@pytest.mark.root
def test_an_injected_fault_acts_and_says_that_it_is_one(real_daemon):
    mark = f"{time.time_ns() // 1000 & 0xFFFF:04x}:7c:00"  # of this run alone
    body = {
        "kernel_message": {
            "priority": "KERN_WARNING",
            "message": f"NVRM: Xid (PCI:{mark}): 79, pid=1, name=e2e, GPU has fallen off the bus.",
        }
    }
    answer = real_daemon.post("/inject-fault", json=body)
    assert (answer.status_code, answer.text) == (200, '{"message":"fault injected"}')
    found = [e for e in events_of(real_daemon) if mark in e["message"]]
    assert len(found) == 1, "it is there when the answer is"
    assert "injected" in found[0]["message"].lower()
    state = real_daemon.states(XID)[0]
    assert state["health"] == "Unhealthy"
    assert "injected" in state["reason"].lower()
    real_daemon.post(f"/v1/health-states/set-healthy?components={XID}")
    assert real_daemon.health(XID) != "Unhealthy"


@pytest.mark.root
def test_the_injected_xid_shorthand(real_daemon):
    answer = real_daemon.post("/inject-fault", data='{"xid":{"id":63}}')
    assert answer.status_code == 200, answer.text
    assert any("63" in e["message"] for e in events_of(real_daemon))


@pytest.mark.root
@pytest.mark.parametrize(
    "body, message",
    [("{", "failed to decode request body: "),
     ("{}", "invalid request: no fault injection entry found"),
     ('{"xid":{"id":0}}', "invalid request: no fault injection entry found"),
     ('{"kernel_message":{"priority":"KERN_ERR","message":"%s"}}' % ("x" * 977),
      "invalid request: message length exceeds the maximum length of 976")],
)  # fmt: skip
def test_a_bad_injection_is_refused(daemon, body, message):
    answer = daemon.post("/inject-fault", data=body)
    assert answer.status_code == 400
    assert answer.json()["code"] == 400
    assert answer.json()["message"].startswith(message)
