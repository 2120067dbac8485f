# SPDX-License-Identifier: Apache-2.0
"""What tests of plugins need again and again."""

import json
import os


def plugin(name, script, **more):
    """A spec: a manual component that runs one script."""
    step = {"name": "run", "run_bash_script": {"content_type": "plaintext", "script": script}}
    spec = {
        "plugin_name": name,
        "plugin_type": "component",
        "run_mode": "manual",
        "health_state_plugin": {"steps": [step]},
        "timeout": "20s",
        "limits": {"memory_bytes": "256MiB", "pids": 48, "file_size_bytes": "1MiB"},
    }
    parser = more.pop("parser", None)
    if parser:
        spec["health_state_plugin"]["parser"] = parser
    return {**spec, **more}


def trigger(daemon, name, timeout=60):
    answer = daemon.json(f"/v1/components/trigger-check?componentName={name}", timeout=timeout)
    assert len(answer) == 1 and answer[0]["component"] == name
    assert len(answer[0]["states"]) == 1
    return answer[0]["states"][0]


def findings(daemon):
    return [finding["what"] for finding in daemon.json("/v1/findings") or []]


def processes_with(mark):
    """Pids of processes with this text in their command lines."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                if mark.encode() in file.read() and int(pid) != os.getpid():
                    found.append(int(pid))
        except OSError:
            pass
    return found


def audit(daemon, message):
    lines = [json.loads(line) for line in daemon.log().splitlines() if line.startswith("{")]
    return [line for line in lines if line.get("msg", line.get("message")) == message]
