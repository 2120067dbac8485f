# SPDX-License-Identifier: Apache-2.0
"""The kubelet's pod-resources service as gRPC's own library serves it, read by gpud's mounts lane."""

import os
import socket
import struct
import subprocess

import pytest

grpc = pytest.importorskip("grpc", reason="grpcio is not installed")
pytest.importorskip("google.protobuf", reason="protobuf is not installed")
import pod_resources  # noqa: E402

SOURCE = "kubelet/pod-resources"


def read(gpud, root, seconds=10):
    """The bytes of the snapshot, as the daemon gets them from its lane."""
    ours, theirs = socket.socketpair()
    lane = subprocess.Popen(
        [gpud, "lane", "mounts", "--root", str(root)], stdin=theirs, stdout=theirs
    )
    theirs.close()
    ours.settimeout(seconds)
    request = struct.pack("<QI", 1, len(SOURCE)) + SOURCE.encode()
    ours.sendall(struct.pack("<I", len(request)) + request)
    with ours.makefile("rb") as answers:
        (length,) = struct.unpack("<I", answers.read(4))
        content = answers.read(length)
    ours.close()
    lane.wait(seconds)
    return content


def pods(count):
    return [
        {
            "name": f"train-{i}",
            "namespace": "ml",
            "containers": [
                {
                    "name": "main",
                    "devices": [{"resource_name": "nvidia.com/gpu", "device_ids": [f"GPU-{i}"]}],
                }
            ],
        }
        for i in range(count)
    ]


@pytest.fixture
def kubelet(folder):
    servers = []

    def start(reply):
        servers.append(pod_resources.serve(folder, reply))

    yield start
    for server in servers:
        server.stop(None).wait()


def test_pods_and_their_devices_are_read(gpud, folder, kubelet):
    kubelet(lambda context: pod_resources.answer(pods(3)))
    snapshot = read(gpud, folder)
    for text in (b"train-0", b"train-2", b"GPU-2", b"nvidia.com/gpu"):
        assert text in snapshot


def test_more_than_grpcs_usual_limit_is_read(gpud, folder, kubelet):
    many = pods(2000)
    for pod in many:
        pod["containers"][0]["devices"][0]["topology"] = {"nodes": [{"ID": n} for n in range(800)]}
    answer = pod_resources.answer(many)
    assert len(answer) > 4 << 20
    kubelet(lambda context: answer)
    assert b"train-1999" in read(gpud, folder)


def test_the_kubelets_error_is_told(gpud, folder, kubelet):
    kubelet(lambda context: context.abort(grpc.StatusCode.UNAVAILABLE, "still starting"))
    assert b"still starting" in read(gpud, folder)


def test_without_a_kubelet_there_is_nothing(gpud, folder):
    assert b"no kubelet here" in read(gpud, folder)
    assert not os.path.exists(folder / "var")
