# SPDX-License-Identifier: Apache-2.0
"""Black-box tests: the real binary, over its API and command line, on loopback only."""

import os
import tempfile
from pathlib import Path

import pytest
import yaml
from gpud import BINARY, Daemon


def pytest_collection_modifyitems(items):
    if os.geteuid() == 0:
        return
    for item in items:
        if "root" in item.keywords:
            item.add_marker(pytest.mark.skip(reason="needs root"))


@pytest.fixture
def folder():
    """A temporary folder that other users may walk through (pytest's own may not be)."""
    with tempfile.TemporaryDirectory(prefix="gpud-e2e-") as path:
        os.chmod(path, 0o755)
        yield Path(path)


@pytest.fixture
def make_daemon(folder):
    """Makes daemons that end with the test."""
    made = []

    def make(**options):
        own = folder / str(len(made))
        own.mkdir()
        own.chmod(0o755)
        made.append(Daemon(own, **options))
        return made[-1]

    yield make
    for daemon in made:
        if daemon.process:
            daemon.stop()


@pytest.fixture
def daemon(make_daemon):
    """A daemon of its own for a test that changes it."""
    return make_daemon().start()


@pytest.fixture
def plugins(folder, make_daemon):
    """Starts a daemon with plugins: specs, or the text of a file, with FOLDER in it."""

    def start(specs, wait=True, mode=0o644):
        path = folder / "plugins.yaml"
        text = specs if isinstance(specs, str) else yaml.safe_dump(specs)
        path.write_text(text.replace("FOLDER", str(folder)))
        path.chmod(mode)
        daemon = make_daemon(arguments=[f"--plugin-specs-file={path}"])
        return daemon.start() if wait else daemon.popen()

    return start


@pytest.fixture(scope="module")
def shared_daemon():
    """One daemon for all tests of a file that only read, or change nothing that others look at."""
    with tempfile.TemporaryDirectory(prefix="gpud-e2e-") as path:
        os.chmod(path, 0o755)
        daemon = Daemon(path).start()
        yield daemon
        daemon.stop()


@pytest.fixture(scope="session")
def gpud():
    assert os.access(BINARY, os.X_OK), f"{BINARY} is missing: ./dev build"
    return BINARY


@pytest.fixture(scope="session")
def fault_binary():
    """gpud with components whose sources hang, crash and lie (tests/lane_faults)."""
    path = Path(BINARY).parent / "tests/lane_faults/gpud-lane-faults"
    assert path.exists(), f"{path} is missing: ./dev test builds it"
    return str(path)
