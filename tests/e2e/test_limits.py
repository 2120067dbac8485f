# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow, silent, many or wrong: limits hold and nobody else notices."""

import resource
import socket
import ssl
import time

import pytest
from gpud import wait_for

CONTEXT = ssl._create_unverified_context()


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    return shared_daemon


def connect(daemon, timeout=20):
    raw = socket.create_connection(("127.0.0.1", daemon.port), timeout=timeout)
    return CONTEXT.wrap_socket(raw)


def exchange(daemon, sent, timeout=20):
    """The status of the answer to raw bytes; 0 when the connection just ends."""
    with connect(daemon, timeout) as connection:
        connection.sendall(sent)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
                if b"\r\n\r\n" in received:
                    break
        except (ConnectionError, ssl.SSLError):
            pass
    return int(received.split()[1]) if received.startswith(b"HTTP/1") else 0


@pytest.mark.parametrize(
    "request_bytes, statuses",
    [
        (b"garbage\r\n\r\n", (400,)),
        (b"\x00\x01\x02\x03\r\n\r\n", (400,)),
        (b"GET /healthz HTTP/9.9\r\nHost: x\r\n\r\n", (400, 505)),
        (b"GET /healthz%zz HTTP/1.1\r\nHost: x\r\n\r\n", (400, 404)),
        (b"POST /inject-fault HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}", (400,)),
        (b"POST /inject-fault HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n", (400,)),
        (b"POST /inject-fault HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n"
         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400,)),
        (b"POST /inject-fault HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\n\r\n", (413,)),
        (b"GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n", (431,)),
        (b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", (404, 414, 431)),
    ],
)  # fmt: skip
def test_malformed_requests_get_an_answer_and_do_no_harm(daemon, request_bytes, statuses):
    assert exchange(daemon, request_bytes) in statuses
    assert daemon.healthy()


def test_a_refusal_is_json_with_a_numeric_code_and_advice(daemon):
    answer = daemon.post("/inject-fault", data=b"x" * (2 << 20))
    assert answer.status_code == 413
    assert answer.json()["code"] == 413 and answer.json()["message"]


def test_a_client_that_never_finishes_its_request_is_dropped(daemon):
    with connect(daemon) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n")
        begin = time.monotonic()
        slow.settimeout(30)
        while slow.recv(65536):
            pass
        assert 5 < time.monotonic() - begin < 20, "10 s for a request to arrive"


def test_a_client_that_drips_bytes_is_dropped_too(daemon):
    with connect(daemon) as slow:
        begin = time.monotonic()
        with pytest.raises((ConnectionError, ssl.SSLError, BrokenPipeError)):
            while time.monotonic() - begin < 30:
                slow.sendall(b"X")
                time.sleep(0.5)
        assert time.monotonic() - begin < 20


def test_a_client_that_only_connects_is_dropped(daemon):
    with socket.create_connection(("127.0.0.1", daemon.port), timeout=30) as silent:
        begin = time.monotonic()
        assert silent.recv(1) == b"", "no TLS greeting within 10 s"
        assert time.monotonic() - begin < 20


def test_1000_idle_connections_do_not_delay_a_new_one(daemon):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < 1200:
        pytest.skip("fewer than 1200 descriptors allowed here")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 1200), hard))
    idle = []
    try:
        for _ in range(1000):
            connection = connect(daemon)
            connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            assert connection.recv(65536).startswith(b"HTTP/1.1 200")
            idle.append(connection)
        times = []
        for _ in range(20):
            begin = time.monotonic()
            with connect(daemon) as fresh:
                fresh.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                assert fresh.recv(65536).startswith(b"HTTP/1.1 200")
            times.append(time.monotonic() - begin)
        assert sorted(times)[10] < 0.1, times
    finally:
        for connection in idle:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    wait_for(daemon.healthy, 10, "the daemon")


def test_pipelined_and_kept_alive_requests_are_answered_in_order(daemon):
    one = b"GET /v1/components HTTP/1.1\r\nHost: x\r\n\r\n"
    last = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with connect(daemon) as connection:
        connection.sendall(one + last)
        received = b""
        while chunk := connection.recv(65536):
            received += chunk
    assert received.count(b"HTTP/1.1 200") == 2
    assert received.index(b'["accelerator') < received.index(b'"status":"ok"')
