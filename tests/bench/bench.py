#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Whole-process measurements of a gpud binary: start-up, scan, memory, CPU, latency, kernel lines.

Prints a table, or one JSON document with --json. Machines are noisy: compare ratios of runs on the
same machine, not single figures. Needs Linux, Python 3.9 or newer and nothing else; the kernel-line
rows need root and a writable /dev/kmsg and say so where they are left out.
"""
import argparse
import contextlib
import json
import os
import re
import signal
import socket
import ssl
import statistics
import subprocess
import sys
import tempfile
import time

CLOCK_TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def children(pid):
    """The pid and all living descendants."""
    found = [pid]
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            with contextlib.suppress(OSError):
                with open(f"/proc/{pid}/task/{task}/children") as f:
                    for child in f.read().split():
                        found += children(int(child))
    return found


def pss_kib(pid):
    """Sum of the proportional set sizes of the process and its descendants."""
    total = 0
    for p in children(pid):
        with contextlib.suppress(OSError):
            with open(f"/proc/{p}/smaps_rollup") as f:
                total += int(re.search(r"^Pss:\s+(\d+)", f.read(), re.M).group(1))
    return total


def cpu_seconds(pid):
    """User and system time of the process, its ended children and its living descendants.

    From schedstat (nanoseconds) for what lives; stat's ticks of 10 ms are too coarse for a minute.
    """
    total = 0.0
    for p in children(pid):
        with contextlib.suppress(OSError):
            for task in os.listdir(f"/proc/{p}/task"):
                with open(f"/proc/{p}/task/{task}/schedstat") as f:
                    total += int(f.read().split()[0]) / 1e9
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rpartition(")")[2].split()
    return total + (int(fields[13]) + int(fields[14])) / CLOCK_TICKS


class Connection:
    """One kept-alive TLS connection; get() is one request on it."""

    def __init__(self, port):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # without the system's authorities: slow
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        raw = socket.create_connection(("127.0.0.1", port), timeout=10)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket = context.wrap_socket(raw, server_hostname="localhost")
        self.buffer = b""

    def get(self, target, headers=""):
        self.socket.sendall(f"GET {target} HTTP/1.1\r\nHost: localhost\r\n{headers}\r\n".encode())
        while b"\r\n\r\n" not in self.buffer:
            self.buffer += self.receive()
        head, _, rest = self.buffer.partition(b"\r\n\r\n")
        length = int(re.search(rb"(?i)content-length: (\d+)", head).group(1))
        while len(rest) < length:
            rest += self.receive()
        self.buffer = rest[length:]
        return int(head.split(b" ", 2)[1]), rest[:length]

    def receive(self):
        data = self.socket.recv(1 << 16)
        if not data:
            raise ConnectionError("the daemon closed the connection")
        return data


class Daemon:
    def __init__(self, binary, *flags):
        self.folder = tempfile.TemporaryDirectory()
        self.port = free_port()
        self.process = None
        self.command = [binary, "run", "--data-dir", self.folder.name, "--listen-address",
                        f"127.0.0.1:{self.port}", "--socket", self.folder.name + "/s",
                        "--log-level", "error", *flags]

    def __enter__(self):
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, ConnectionError):
                if Connection(self.port).get("/healthz")[0] == 200:
                    return self
            time.sleep(0.0005)
        raise TimeoutError("the daemon did not answer /healthz within 20 s")

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)
        self.folder.cleanup()


def milliseconds(values):
    ordered = sorted(values)
    return {"p50": round(statistics.median(ordered) * 1e3, 3),
            "p99": round(ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))] * 1e3, 3),
            "n": len(ordered)}


def bench_start(binary, runs):
    times = []
    for _ in range(runs):
        begin = time.monotonic()
        with Daemon(binary):
            times.append(time.monotonic() - begin)
    return milliseconds(times)


def bench_scan(binary, runs):
    times, peaks = [], []
    for _ in range(runs):
        begin = time.monotonic()
        scan = subprocess.Popen([binary, "scan"], stdout=subprocess.DEVNULL,
                                stderr=subprocess.DEVNULL)
        peak = 0
        while scan.poll() is None:
            peak = max(peak, pss_kib(scan.pid))
            time.sleep(0.002)
        times.append(time.monotonic() - begin)
        peaks.append(peak)
    return milliseconds(times), round(max(peaks) / 1024, 2)


def bench_latency(port, rounds=3, requests=300):
    rows = {}
    for name, target, headers in [
            ("/healthz", "/healthz", ""), ("/metrics", "/metrics", ""),
            ("/metrics gzip", "/metrics", "Accept-Encoding: gzip\r\n"),
            ("/v1/states", "/v1/states", ""),
            ("/v1/states gzip", "/v1/states", "Accept-Encoding: gzip\r\n"),
            ("/v1/events", "/v1/events", ""), ("/v1/health", "/v1/health", ""),
            ("/machine-info", "/machine-info", ""), ("/v1/metrics", "/v1/metrics", "")]:
        connection = Connection(port)
        times = []
        for _ in range(rounds * requests):
            begin = time.perf_counter()
            status, body = connection.get(target, headers)
            times.append(time.perf_counter() - begin)
        rows[name] = {**milliseconds(times), "status": status, "bytes": len(body)}
    return rows


@contextlib.contextmanager
def unlimited_kmsg():
    """Lets programs write more than some lines a second into the kernel's log."""
    path = "/proc/sys/kernel/printk_devkmsg"
    with open(path) as f:
        before = f.read()
    with open(path, "w") as f:
        f.write("on\n")  # the kernel wants the newline
    try:
        yield
    finally:
        with open(path, "w") as f:
            f.write(before)


def may_write_kmsg():
    return os.geteuid() == 0 and os.access("/dev/kmsg", os.W_OK)


def bench_kernel_lines(port, lines=60):
    """From a line written to /dev/kmsg until /v1/events shows it, polled without a pause."""
    if not may_write_kmsg():
        return "left out: needs root and a writable /dev/kmsg"
    times = []
    connection = Connection(port)
    with unlimited_kmsg(), open("/dev/kmsg", "wb", buffering=0) as kmsg:
        for i in range(lines):
            mark = f"bench:{os.getpid() * 1000 + i}"
            line = f"<6>watchdog: BUG: soft lockup - CPU#5 stuck for 20s! [{mark}]\n".encode()
            target = f"/v1/events?components=cpu&startTime={int(time.time()) - 5}"
            begin = time.perf_counter()
            kmsg.write(line)
            while time.perf_counter() - begin < 2:
                if mark.encode() in connection.get(target)[1]:
                    times.append(time.perf_counter() - begin)
                    break
    return {**milliseconds(times), "lost": lines - len(times)}


def bench_burst(daemon, lines=2000):
    """Memory before and after a burst of kernel lines, of which one in twenty means something."""
    if not may_write_kmsg():
        return "left out: needs root and a writable /dev/kmsg"
    before = pss_kib(daemon.process.pid)
    with unlimited_kmsg(), open("/dev/kmsg", "wb", buffering=0) as kmsg:
        for i in range(lines):
            text = (f"watchdog: BUG: soft lockup - CPU#5 stuck for 20s! [burst:{i}]"
                    if i % 20 == 0 else f"gpud bench: filler line {i} of a burst")
            kmsg.write(f"<6>{text}\n".encode())
    time.sleep(3)
    return round((pss_kib(daemon.process.pid) - before) / 1024, 2)


def measure(options):
    result = {"binary_mib": round(os.path.getsize(options.binary) / 2**20, 2)}
    result["start_ms"] = bench_start(options.binary, options.runs)
    result["scan_ms"], result["scan_peak_pss_mib"] = bench_scan(options.binary, options.runs)
    with Daemon(options.binary) as daemon:
        time.sleep(2)
        result["latency_ms"] = bench_latency(daemon.port)
        result["kernel_line_to_event_ms"] = bench_kernel_lines(daemon.port)
        result["burst_pss_growth_mib"] = bench_burst(daemon)
    for name, flags in [("default", []), ("60s", ["--sample-interval", "60s"])]:
        with Daemon(options.binary, *flags) as daemon:
            time.sleep(5)  # the start is not idleness
            begin, cpu = time.monotonic(), cpu_seconds(daemon.process.pid)
            time.sleep(options.idle_seconds)
            minutes = (time.monotonic() - begin) / 60
            result[f"cpu_s_per_minute_{name}"] = round(
                (cpu_seconds(daemon.process.pid) - cpu) / minutes, 4)
            result[f"idle_pss_mib_{name}"] = round(pss_kib(daemon.process.pid) / 1024, 2)
            result[f"processes_{name}"] = len(children(daemon.process.pid))
    if options.micro:
        result["items_per_second"] = bench_micro(options.micro)
    return result


def bench_micro(program):
    """Items a second of the micro-benchmarks (tests/bench/bench_micro.cpp)."""
    output = subprocess.run([program, "--benchmark_format=json"], capture_output=True, text=True,
                            check=True).stdout
    return {row["name"]: round(row["items_per_second"])
            for row in json.loads(output)["benchmarks"]}


def rows_of(result, prefix=""):
    for key, value in result.items():
        if isinstance(value, dict):
            if "p50" in value:
                text = "  ".join(f"{k} {v}" for k, v in value.items())
                yield f"{prefix}{key}", text
            else:
                yield from rows_of(value, f"{key} ")
        else:
            yield f"{prefix}{key}", str(value)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default="build/release/gpud")
    parser.add_argument("--runs", type=int, default=10, help="starts and scans (default 10)")
    parser.add_argument("--idle-seconds", type=float, default=120,
                        help="how long each idle daemon is watched (default 120)")
    parser.add_argument("--micro", help="the micro-benchmark program, to be run as well")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    result = measure(options)
    if options.json:
        json.dump(result, sys.stdout, indent=2)
        print()
        return
    rows = list(rows_of(result))
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        print(f"{name:<{width}}  {text}")


if __name__ == "__main__":
    main()
