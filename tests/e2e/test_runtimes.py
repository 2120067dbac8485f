# SPDX-License-Identifier: Apache-2.0
"""The real containerd and dockerd, each with a real container, as gpud sees them."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile

import pytest
from gpud import wait_for
from machine import Machine

pytestmark = pytest.mark.root

PAUSE = "#include <unistd.h>\nint main(void) { for (;;) pause(); }\n"
IMAGE = "gpud.test/pause:1"
# What works without a network plug-in and without the right to lower oom_score_adj.
CONFIG = """version = 2
root = "{folder}/lib"
state = "{folder}/state"
[grpc]
  address = "{socket}"
[ttrpc]
  address = "{folder}/ttrpc.sock"
[plugins."io.containerd.grpc.v1.cri"]
  restrict_oom_score_adj = true
  sandbox_image = "gpud.test/pause:1"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
"""


def need(*programs):
    for program in programs:
        if not shutil.which(program, path=os.environ["PATH"] + ":/usr/sbin"):
            pytest.skip(f"{program} is not installed")


def start(command, log):
    with open(log, "wb") as out:
        return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out)


def stop(process):
    process.terminate()
    process.wait(20)


def add(archive, name, content, mode=0o644):
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    entry.mode = mode
    archive.addfile(entry, io.BytesIO(content))


def make_image(folder):
    """A tar, as `docker save` makes them, of a program that waits."""
    (folder / "pause.c").write_text(PAUSE)
    subprocess.run(["cc", "-static", "-Os", "-o", "pause", "pause.c"], cwd=folder, check=True)
    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        add(archive, "pause", (folder / "pause").read_bytes(), 0o755)
    digest = hashlib.sha256(layer.getvalue()).hexdigest()
    config = {
        "architecture": os.uname().machine.replace("x86_64", "amd64").replace("aarch64", "arm64"),
        "os": "linux",
        "config": {"Entrypoint": ["/pause"]},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
    }
    manifest = [{"Config": "config.json", "RepoTags": [IMAGE], "Layers": ["layer.tar"]}]
    with tarfile.open(folder / "image.tar", "w") as archive:
        add(archive, "config.json", json.dumps(config).encode())
        add(archive, "layer.tar", layer.getvalue())
        add(archive, "manifest.json", json.dumps(manifest).encode())
    return folder / "image.tar"


@pytest.fixture
def machine(folder, gpud):
    return Machine(folder / "root", gpud)


@pytest.fixture
def containerd(folder, machine):
    """Its socket, on the machine where gpud looks for it."""
    need("containerd", "ctr", "runc", "cc")
    path = machine.path("/run/containerd/containerd.sock")
    (folder / "config.toml").write_text(CONFIG.format(folder=folder, socket=path))
    process = start(["containerd", "-c", folder / "config.toml"], folder / "containerd.log")

    def ready():
        if process.poll() is not None:
            log = (folder / "containerd.log").read_text().strip().splitlines()
            pytest.skip(f"containerd does not start here: {log[-1] if log else 'no output'}")
        ask = ["ctr", "-a", path, "version"]
        return path.exists() and subprocess.run(ask, capture_output=True).returncode == 0

    wait_for(ready, 30, "containerd")
    machine.runs("containerd")
    yield path
    stop(process)


@pytest.fixture
def dockerd(folder, machine, containerd):
    need("dockerd", "docker")
    path = machine.path("/run/docker.sock")
    command = ["dockerd", "--iptables=false", "--bridge=none", f"--host=unix://{path}"]
    command += [f"--data-root={folder}/docker", f"--exec-root={folder}/exec"]
    command += [f"--pidfile={folder}/docker.pid", f"--containerd={containerd}"]
    environment = {**os.environ, "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}
    with open(folder / "dockerd.log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)

    def docker(*arguments, check=True):
        return subprocess.run(
            ["docker", f"--host=unix://{path}", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=check,
        )

    def ready():
        if process.poll() is not None:
            log = (folder / "dockerd.log").read_text().strip().splitlines()
            pytest.skip(f"dockerd does not start here: {log[-1] if log else 'no output'}")
        return docker("version", check=False).returncode == 0

    wait_for(ready, 30, "dockerd")
    machine.runs("dockerd", pid=78)
    yield docker
    stop(process)


def data_of(make_daemon, machine, component):
    """The state of the component, as a daemon that watches the machine serves it."""
    daemon = make_daemon(
        arguments=[f"--root={machine.root}", f"--components={component}", "--sample-interval=1s"]
    ).start()
    state = wait_for(
        lambda: next(
            (s for s in daemon.states(component) if s["health"] != "Initializing"), None
        ),
        15,
        "the first check",
    )
    assert state["health"] == "Healthy", state
    return json.loads(state["extra_info"]["data"]), daemon.get("/metrics").text


def test_a_container_of_docker(folder, machine, dockerd, make_daemon):
    dockerd("load", "-i", make_image(folder))
    dockerd("run", "--detach", "--network=none", "--name=train", IMAGE)
    try:
        data, metrics = data_of(make_daemon, machine, "docker")
        assert [(c["name"], c["image"], c["state"]) for c in data["containers"]] == [
            ("train", IMAGE, "running")
        ]
        assert 'docker_containers{gpud_component="docker",state="running"} 1' in metrics
    finally:
        dockerd("rm", "--force", "train")


def field(number, value):
    """A field of a protobuf message."""
    if isinstance(value, int):
        return bytes([number << 3, value])
    value = value.encode() if isinstance(value, str) else value
    assert len(value) < 128
    return bytes([number << 3 | 2, len(value)]) + value


def text_of(message):
    """The text in field 1 of an answer."""
    return message[2 : 2 + message[1]].decode()


def test_a_pod_of_containerd(folder, machine, containerd, make_daemon):
    grpc = pytest.importorskip("grpc", reason="grpcio is not installed")
    ctr = ["ctr", "-a", containerd, "-n", "k8s.io"]
    image = ["images", "import", "--snapshotter=native", make_image(folder)]
    subprocess.run([*ctr, *image], check=True, capture_output=True)

    with grpc.insecure_channel(f"unix:{containerd}") as channel:

        def call(method, message):
            return channel.unary_unary(f"/runtime.v1.RuntimeService/{method}")(message, timeout=30)

        host_network = field(8, field(2, field(1, field(1, 2))))
        config = field(1, field(1, "train") + field(2, "u1") + field(3, "ml")) + host_network
        pod = text_of(call("RunPodSandbox", field(1, config)))
        try:
            wanted = field(1, field(1, "main")) + field(2, field(1, IMAGE))
            create = field(1, pod) + field(2, wanted) + field(3, config)
            container = text_of(call("CreateContainer", create))
            call("StartContainer", field(1, container))
            data, metrics = data_of(make_daemon, machine, "containerd")
        finally:
            call("StopPodSandbox", field(1, pod))
            call("RemovePodSandbox", field(1, pod))
    (shown,) = data["pods"]
    assert (shown["name"], shown["namespace"], shown["state"]) == ("train", "ml", "SANDBOX_READY")
    assert [(c["name"], c["state"]) for c in shown["containers"]] == [("main", "running")]
    assert 'containerd_pods{gpud_component="containerd",state="ready"} 1' in metrics
    assert 'containerd_containers{gpud_component="containerd",state="running"} 1' in metrics
