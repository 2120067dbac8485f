# SPDX-License-Identifier: Apache-2.0
"""Who may do what: reading is open to local users, changing needs root, the token or a certificate."""

import http.client
import os
import socket
import ssl
import struct

import pytest
from gpud import as_user, unix_request

NOBODY = 65534
SET_HEALTHY = "/v1/health-states/set-healthy?components=disk"
INJECT = "/inject-fault"
# What changes something or runs something.
CHANGES = [
    ("POST", SET_HEALTHY),
    ("GET", "/v1/components/trigger-check?componentName=cpu"),
    ("GET", "/v1/components/trigger-tag?tagName=cpu"),
    ("POST", INJECT),
    ("DELETE", "/v1/components?componentName=nosuch"),
]
FAULT = '{"kernel_message":{"priority":"KERN_DEBUG","message":"gpud e2e: access probe"}}'

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    return shared_daemon


def connect(port):
    connection = http.client.HTTPSConnection(
        "127.0.0.1", port, timeout=20, context=ssl._create_unverified_context()
    )
    connection.connect()
    return connection


def ask(connection, method, path, headers=None):
    connection.request(method, path, body=FAULT if path == INJECT else None, headers=headers or {})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def ask_as(uid, daemon, method, path, headers=None):
    return tuple(as_user(uid, lambda: ask(connect(daemon.port), method, path, headers)))


def changes_of(daemon):
    """How often somebody has set the disk healthy."""
    return [e["message"] for e in daemon.events("disk") if e["name"] == "set_healthy"]


@pytest.mark.parametrize(
    "path", ["/healthz", "/machine-info", "/v1/components", "/v1/states", "/v1/events", "/v1/info",
             "/v1/metrics", "/v1/health", "/v1/openapi.json", "/metrics"],
)  # fmt: skip
def test_any_local_user_may_read(daemon, path):
    status, _ = ask_as(NOBODY, daemon, "GET", path)
    assert status in ((200, 503) if path == "/v1/health" else (200,))


@pytest.mark.parametrize("method, path", CHANGES)
def test_a_user_who_is_not_root_may_not_change_anything(daemon, method, path):
    before = changes_of(daemon)
    status, body = ask_as(NOBODY, daemon, method, path)
    assert status == 403, body
    assert '"code":403' in body
    assert "root" in body and "token" in body, "the message says what to do"
    assert changes_of(daemon) == before


@pytest.mark.parametrize("method, path", CHANGES[:3])
def test_root_may(daemon, method, path):
    assert ask(connect(daemon.port), method, path)[0] == 200


def test_the_token_lets_anybody_change_things(daemon):
    good = {"Authorization": f"Bearer {daemon.token()}"}
    assert ask_as(NOBODY, daemon, "POST", SET_HEALTHY, good)[0] == 200
    for wrong in ("Bearer x", f"Bearer {daemon.token()}x", "Bearer ", daemon.token(), "Basic eDp5"):
        status, body = ask_as(NOBODY, daemon, "POST", SET_HEALTHY, {"Authorization": wrong})
        assert status in (401, 403), (wrong, body)


def test_the_token_is_readable_by_its_owner_alone(daemon):
    assert os.stat(daemon.data / "api-token").st_mode & 0o777 == 0o600
    assert os.stat(daemon.data / "server.key").st_mode & 0o077 == 0
    assert "PermissionError" in as_user(
        NOBODY, lambda: _error_of(lambda: open(daemon.data / "api-token"))
    )


def _error_of(action):
    try:
        action()
    except Exception as error:
        return type(error).__name__
    return "no error"


@pytest.mark.parametrize("method, path", CHANGES)
@pytest.mark.parametrize(
    "header",
    [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"},
     {"Sec-Fetch-Site": "none"}],
)  # fmt: skip
def test_a_browser_cannot_use_roots_connection(daemon, method, path, header):
    before = changes_of(daemon)
    status, body = ask(connect(daemon.port), method, path, header)
    assert status == 403, body
    assert changes_of(daemon) == before


def test_a_browser_page_with_the_token_may(daemon):
    headers = {"Origin": "https://console.example", "Authorization": f"Bearer {daemon.token()}"}
    assert ask(connect(daemon.port), "POST", SET_HEALTHY, headers)[0] == 200


def test_a_client_that_closes_before_it_is_read_is_not_taken_for_root(daemon):
    """A socket that its owner has closed shows uid 0 in the kernel's tables."""
    before = changes_of(daemon)
    request = f"POST {SET_HEALTHY} HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n".encode()

    def strike():
        for _ in range(50):
            connection = connect(daemon.port)
            connection.sock.sendall(request)
            connection.sock.close()
        for _ in range(50):  # and with a reset instead of an orderly end
            connection = connect(daemon.port)
            connection.sock.sendall(request)
            linger = struct.pack("ii", 1, 0)
            connection.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            connection.sock.close()

    as_user(NOBODY, strike)
    assert ask_as(NOBODY, daemon, "GET", "/healthz")[0] == 200
    assert changes_of(daemon) == before


def test_a_kept_connection_loses_its_rights_when_its_owner_changes(daemon):
    connection = connect(daemon.port)
    assert ask(connection, "POST", SET_HEALTHY)[0] == 200
    os.fchown(connection.sock.fileno(), NOBODY, NOBODY)
    status, body = ask(connection, "POST", SET_HEALTHY)
    assert status == 403, body


def test_a_kept_connection_gains_nothing_when_root_takes_it_over(daemon):
    ours, theirs = socket.socketpair()
    child = os.fork()
    if child == 0:  # nobody connects and hands the connection to root
        try:
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
            raw = socket.create_connection(("127.0.0.1", daemon.port))
            socket.send_fds(theirs, [b"x"], [raw.fileno()])
            theirs.recv(1)
        finally:
            os._exit(0)
    _, descriptors, _, _ = socket.recv_fds(ours, 1, 1)
    raw = socket.socket(fileno=descriptors[0])
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port)
    connection.sock = ssl._create_unverified_context().wrap_socket(raw)
    os.fchown(connection.sock.fileno(), 0, 0)
    status, body = ask(connection, "POST", SET_HEALTHY)
    ours.send(b"x")
    os.waitpid(child, 0)
    assert status == 403, body


def test_the_unix_socket_knows_its_peer(daemon):
    request = f"POST {SET_HEALTHY} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
    assert unix_request(daemon.socket, request.encode())[0] == 200
    status, body = as_user(
        NOBODY, lambda: [str(part) for part in unix_request(daemon.socket, request.encode())]
    )
    assert status == "403", body
    reading = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert as_user(NOBODY, lambda: unix_request(daemon.socket, reading)[0]) == 200


def test_another_address_needs_the_token_for_all_but_healthz(make_daemon):
    """127.0.0.1 is loopback whatever the daemon listens on; so ask it as a remote one would."""
    daemon = make_daemon()
    daemon.arguments.append("--listen-address=0.0.0.0:%d" % daemon.port)
    daemon.start()
    address = next((a for a in _own_addresses() if not a.startswith("127.")), None)
    if address is None:
        pytest.skip("this machine has no address but loopback")
    context = ssl._create_unverified_context()

    def remote(path, headers=None):
        connection = http.client.HTTPSConnection(address, daemon.port, timeout=20, context=context)
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read()

    assert remote("/healthz")[0] == 200
    assert remote("/v1/states")[0] in (401, 403)
    assert remote("/v1/states", {"Authorization": f"Bearer {daemon.token()}"})[0] == 200


def _own_addresses():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # sends nothing: the kernel only picks an address
            return [probe.getsockname()[0]]
        except OSError:
            return []
