# SPDX-License-Identifier: Apache-2.0
"""A real gpud in a folder of its own: started, asked and stopped from tests."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import requests

REPOSITORY = Path(__file__).resolve().parents[2]
BINARY = os.environ.get("GPUD", str(REPOSITORY / "build/release/gpud"))


def wait_for(condition, seconds=10.0, what="the condition"):
    """Polls until `condition()` is true and gives its value; fails after `seconds`, naming `what`
    (a text, or what gives one)."""
    end = time.monotonic() + seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= end:
            told = what() if callable(what) else what
            raise AssertionError(f"waited {seconds} s for {told}; last: {value!r}")
        time.sleep(0.01)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def kernel_line(text, sequence, priority=4):
    """A record as /dev/kmsg gives it, said by the kernel just now."""
    microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
    return f"{priority},{sequence},{microseconds},-;{text}\n"


def gpu(number):
    """A PCI address of its own: equal lines of one minute are told as one event."""
    return f"{number >> 8:04x}:{number & 255:02x}:00"


def xid_line(code, sequence, device="0000:04:00", priority=4):
    return kernel_line(
        f"NVRM: Xid (PCI:{device}): {code}, pid=123, name=python, probe {sequence}",
        sequence,
        priority,
    )


class Daemon:
    """`gpud run` on a free loopback port. All that it writes is below `folder`."""

    def __init__(self, folder, kmsg=None, arguments=(), environment=None, binary=BINARY):
        self.folder = Path(folder)
        self.data = self.folder / "data"
        self.socket = self.folder / "gpud.sock"
        self.kmsg = Path(kmsg) if kmsg else self.folder / "kmsg"
        if not self.kmsg.exists():
            self.kmsg.write_text("")
        self.arguments = list(arguments)
        self.environment = dict(environment or {})
        self.binary = binary
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.process = None
        self.session = requests.Session()
        self.session.verify = False
        self.session.trust_env = False  # no proxy, no certificate store of the machine

    def command(self, *arguments):
        return [self.binary, *map(str, arguments)]

    def popen(self):
        log = open(self.folder / "log", "ab")
        environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("GPUD", "KMSG"))},
            "KMSG_FILE_PATH": str(self.kmsg),
            **self.environment,
        }
        self.process = subprocess.Popen(
            self.command(
                "run",
                f"--data-dir={self.data}",
                f"--listen-address=127.0.0.1:{self.port}",
                f"--socket={self.socket}",
                *self.arguments,
            ),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env=environment,
        )
        log.close()
        return self

    def start(self):
        self.popen()
        wait_for(self.healthy, 30, lambda: f"/healthz of gpud; its log:\n{self.log()}")
        return self

    def healthy(self):
        assert self.process.poll() is None, f"gpud ended: {self.log()}"
        try:
            return self.get("/healthz", timeout=5).status_code == 200
        except requests.ConnectionError:
            return False

    def log(self):
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def stop(self, how=signal.SIGTERM):
        """Stops it by its pid and gives its exit code."""
        if self.process is None:
            return None
        self.process.send_signal(how)
        code = self.process.wait(20)
        self.process = None
        self.session.close()
        return code

    def kill(self):
        return self.stop(signal.SIGKILL)

    # --- asking ---

    def get(self, path, timeout=20, **options):
        return self.session.get(self.url + path, timeout=timeout, **options)

    def post(self, path, timeout=20, **options):
        return self.session.post(self.url + path, timeout=timeout, **options)

    def json(self, path, **options):
        answer = self.get(path, **options)
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text}"
        return answer.json()

    def events(self, component, since=3600):
        start = int(time.time()) - since
        answer = self.json(f"/v1/events?components={component}&startTime={start}")
        return (answer and answer[0]["events"]) or []

    def states(self, component, **options):
        return self.json(f"/v1/states?components={component}", **options)[0]["states"]

    def health(self, component):
        """The word of its first state; "unsupported" where this machine has no use for it."""
        answer = self.json(f"/v1/states?components={component}")
        return answer[0]["states"][0]["health"] if answer else "unsupported"

    def token(self):
        return (self.data / "api-token").read_text().strip()

    def cli(self, *arguments, check=None, timeout=30, environment=None, user=None):
        """Runs a command of the same binary against this daemon."""
        result = subprocess.run(
            self.command(*arguments),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout,
            user=user,
            env={**os.environ, "NO_COLOR": "1", **(environment or {})},
        )
        if check is not None:
            assert result.returncode == check, (
                f"{arguments}: exit code {result.returncode}, expected {check}\n"
                f"{result.stdout}\n{result.stderr}"
            )
        return result

    def ask(self, *arguments, **options):
        return self.cli(*arguments, f"--socket={self.socket}", **options)


def unix_request(path, request, timeout=10):
    """Sends bytes to a Unix socket and gives all that comes back until the other side closes."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(timeout)
        connection.connect(str(path))
        connection.sendall(request)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split()[1]), body


def as_user(uid, function):
    """Runs `function()` in a child process that is this user, and gives its (JSON) result."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 1
        try:
            os.setgroups([])
            os.setresgid(uid, uid, uid)
            os.setresuid(uid, uid, uid)
            os.write(writing, json.dumps(function()).encode())
            code = 0
        except BaseException as error:  # the child must never return into pytest
            os.write(writing, json.dumps(f"{type(error).__name__}: {error}").encode())
        finally:
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        result = json.loads(pipe.read() or b"null")
    _, status = os.waitpid(child, 0)
    assert status == 0, result
    return result
