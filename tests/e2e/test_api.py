# SPDX-License-Identifier: Apache-2.0
"""The wire: every route answers with the status, headers, fields and order that clients rely on."""

import gzip
import json
import re
import ssl
import time
import urllib.request
from pathlib import Path

import pytest
import yaml
from gpud import wait_for

XID = "accelerator-nvidia-error-xid"
# All components, as they are registered; a name is never changed once it is released.
BUILT_IN = (Path(__file__).parent.parent / "golden/components.txt").read_text().split()
TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
FINE_TIME = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z$")
JSON_TYPE = "application/json; charset=utf-8"
# Fields of a state, in the order of the wire.
STATE = [
    "time", "component", "component_type", "name", "run_mode", "health", "reason", "error",
    "suggested_actions", "extra_info", "raw_output", "age_seconds",
]  # fmt: skip
METRICS = {
    "cpu": ["cpu_load_average", "cpu_used_percent"],
    "memory": [
        "memory_available_bytes", "memory_free_bytes", "memory_total_bytes", "memory_used_bytes",
        "memory_used_percent",
    ],
    "disk": ["disk_free_bytes", "disk_total_bytes", "disk_used_bytes"],
    "os": ["os_running_pids", "os_allocated_file_handles", "os_limit", "os_zombie_processes"],
}  # fmt: skip


@pytest.fixture(scope="module")
def daemon(shared_daemon):
    def checked():
        states = shared_daemon.json("/v1/states")
        return all(s["health"] != "Initializing" for c in states for s in c["states"])

    wait_for(checked, 10, "the first check of every component")
    return shared_daemon


def in_order(keys, declared):
    assert [key for key in declared if key in keys] == list(keys)


def test_healthz_is_byte_exact(daemon):
    answer = daemon.get("/healthz")
    assert answer.status_code == 200
    assert answer.content == b'{"status":"ok","version":"v1"}'
    assert answer.headers["Content-Type"] == JSON_TYPE


def test_healthz_as_yaml(daemon):
    answer = daemon.get("/healthz", headers={"Content-Type": "application/yaml"})
    assert answer.text == "status: ok\nversion: v1\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_machine_info(daemon):
    answer = daemon.get("/machine-info")
    info = answer.json()
    assert answer.headers["Content-Type"] == JSON_TYPE
    assert info["operatingSystem"] == "linux"
    assert info["gpuInfo"] == {}, "present even without a GPU"
    assert TIME.match(info["uptime"])
    assert info["memoryInfo"]["totalBytes"] > 1 << 20
    assert info["cpuInfo"]["architecture"] in ("amd64", "arm64")
    assert info["cpuInfo"]["logicalCores"] >= 1
    for key in ("gpudVersion", "kernelVersion", "osImage", "hostname", "bootID"):
        assert info[key], key
    in_order(
        info,
        ["gpudVersion", "gpuDriverVersion", "cudaVersion", "containerRuntimeVersion",
         "tailscaleVersion", "kernelVersion", "osImage", "operatingSystem", "systemUUID",
         "machineID", "bootID", "hostname", "uptime", "clusterUUID", "cliqueID", "chassisSerial",
         "cpuInfo", "memoryInfo", "gpuInfo", "diskInfo", "nicInfo"],
    )  # fmt: skip


def test_components_are_a_sorted_list_of_names(daemon):
    assert daemon.json("/v1/components") == BUILT_IN


def test_components_with_details_tell_what_is_not_supported_and_why(daemon):
    details = {c["name"]: c for c in daemon.json("/v1/components?details=true")}
    assert sorted(details) == BUILT_IN
    for component in details.values():
        assert component["supported"] in (True, False)
        if not component["supported"]:
            assert component["reason"], component


def test_states_have_the_fields_in_order(daemon):
    answer = daemon.json("/v1/states")
    names = [c["component"] for c in answer]
    assert names == sorted(names) and {"cpu", "disk", "memory", "os"} <= set(names)
    for component in answer:
        assert list(component) == ["component", "states"]
        for state in component["states"]:
            in_order(state, STATE)
            assert TIME.match(state["time"])
            assert state["component"] == component["component"]
            assert state["health"] in ("Healthy", "Degraded", "Unhealthy", "Unknown")
            assert state["reason"]
            if "extra_info" in state:
                json.loads(state["extra_info"]["data"])


def test_states_come_in_the_requested_order_and_as_often_as_asked(daemon):
    answer = daemon.json("/v1/states?components=os,cpu,os")
    assert [c["component"] for c in answer] == ["os", "cpu", "os"]


@pytest.mark.parametrize("path", ["/v1/states", "/v1/events", "/v1/info", "/v1/metrics"])
@pytest.mark.parametrize("names", ["cpu,nosuch", "nosuch", "cpu,", " cpu"])
def test_one_unknown_component_fails_the_whole_request(daemon, path, names):
    answer = daemon.get(path, params={"components": names})
    assert answer.status_code == 404
    assert answer.json()["code"] == 404
    if path == "/v1/states":
        unknown = next(n for n in names.split(",") if n not in BUILT_IN)
        assert answer.json()["message"] == (
            f"component not found: component {unknown} not found (not found)"
        )


@pytest.mark.parametrize("query", ["components=", "unknown=1", "components=&components=nosuch"])
def test_empty_and_unknown_parameters_count_as_absent(daemon, query):
    everything = [c["component"] for c in daemon.json("/v1/states")]
    assert [c["component"] for c in daemon.json("/v1/states?" + query)] == everything


def test_events_default_to_none_as_the_start_is_now(daemon):
    answer = daemon.json("/v1/events?components=cpu")
    assert [list(c) for c in answer] == [["component", "startTime", "endTime", "events"]]
    assert answer[0]["events"] is None
    assert FINE_TIME.match(answer[0]["startTime"]) and FINE_TIME.match(answer[0]["endTime"])


@pytest.mark.parametrize("start", ["1767225600", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00"])
def test_events_take_unix_seconds_and_rfc_3339(daemon, start):
    answer = daemon.get("/v1/events", params={"components": "os", "startTime": start})
    assert answer.status_code == 200, answer.text
    assert answer.json()[0]["startTime"] == "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    "path",
    ["/v1/events?startTime=abc", "/v1/events?endTime=1.5", "/v1/info?since=xx",
     "/v1/metrics?since=xx", "/v1/metrics?resolution=fast"],
)  # fmt: skip
def test_a_bad_parameter_is_400_and_named(daemon, path):
    answer = daemon.get(path)
    assert answer.status_code == 400
    assert answer.json()["code"] == 400
    assert answer.json()["message"].startswith("failed to parse ")


def test_info_joins_states_events_and_metrics(daemon):
    answer = daemon.json("/v1/info?components=cpu")
    assert list(answer[0]) == ["component", "startTime", "endTime", "info"]
    assert list(answer[0]["info"]) == ["states", "events", "metrics"]
    assert answer[0]["info"]["states"][0]["name"] == "cpu"


def test_metrics_have_samples_by_component_name_and_time(daemon):
    def both():
        names = [c["component"] for c in daemon.json("/v1/metrics")]
        return names if "cpu" in names and "memory" in names else None

    names = wait_for(both, 90, "samples of cpu and memory")
    assert names == sorted(names)
    for component in daemon.json("/v1/metrics"):
        assert list(component) == ["component", "metrics"]
        times = [m["unix_seconds"] for m in component["metrics"]]
        assert times == sorted(times)
        for metric in component["metrics"]:
            in_order(metric, ["unix_seconds", "name", "labels", "value"])
            assert isinstance(metric["unix_seconds"], int)
            assert abs(metric["unix_seconds"] / 1000 - time.time()) < 3600, "milliseconds"
            assert "gpud_component" not in metric.get("labels", {})
    loads = [m for m in daemon.json("/v1/metrics?components=cpu")[0]["metrics"]
             if m["name"] == "cpu_load_average"]  # fmt: skip
    assert {m["labels"]["load_duration"] for m in loads} == {"1m0s", "5m0s", "15m0s"}


def has_data_mount():
    types = [line.split(" - ")[1].split()[0] for line in open("/proc/self/mountinfo")]
    return any(fs_type in ("ext4", "xfs", "btrfs") for fs_type in types)


def test_prometheus_families_carry_the_component_label(daemon):
    wait_for(lambda: "cpu_used_percent{" in daemon.get("/metrics").text, 15,
             "the first share, which needs two checks")  # fmt: skip
    answer = daemon.get("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4; charset=utf-8")
    lines = answer.text.splitlines()
    families = [line.split()[2] for line in lines if line.startswith("# TYPE ")]
    assert families == sorted(families), "families are sorted by name"
    assert len(set(families)) == len(families)
    for component, names in METRICS.items():
        if component == "disk" and not has_data_mount():
            continue  # a container or a chroot: there is no file system to measure
        for name in names:
            series = [line for line in lines if re.match(rf"{name}[{{ ]", line)]
            assert series, name
            assert all(f'gpud_component="{component}"' in line for line in series)
    for verdict in ("healthy", "unhealthy", "degraded", "unknown"):
        assert re.search(
            rf'^cpu_health_state_{verdict}{{gpud_component="cpu"}} [01]$', answer.text, re.M
        ), verdict
    assert not re.search(r"^(go|process|promhttp)_", answer.text, re.M)


@pytest.mark.parametrize("path", ["/v1/states", "/v1/components", "/v1/events", "/v1/info"])
def test_yaml_parses_back_to_the_same_document(daemon, path):
    plain = daemon.json(path)
    answer = daemon.get(path, headers={"Content-Type": "application/yaml"})
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"

    def steady(value):  # what may change between two requests
        if isinstance(value, dict):
            changing = ("startTime", "endTime", "metrics", "time", "extra_info", "reason")
            return {k: steady(v) for k, v in value.items() if k not in changing}
        return [steady(v) for v in value] if isinstance(value, list) else value

    assert steady(yaml.safe_load(answer.text)) == steady(plain)
    assert answer.text.endswith("\n")


def test_yaml_times_and_numbers_in_strings_stay_strings(daemon):
    answer = daemon.get("/v1/states", headers={"Content-Type": "application/yaml"})
    for component in yaml.safe_load(answer.text):
        for state in component["states"]:
            assert isinstance(state["time"], str)


def test_a_foreign_content_type_is_400(daemon):
    answer = daemon.get("/v1/states", headers={"Content-Type": "text/xml"})
    assert (answer.status_code, answer.json()) == (
        400,
        {"code": 400, "message": "invalid content type"},
    )
    missing = daemon.get("/v1/states?components=zz", headers={"Content-Type": "text/xml"})
    assert missing.status_code == 404, "errors of parameters win"
    assert daemon.get("/healthz", headers={"Content-Type": "text/xml"}).status_code == 200


def test_json_indent(daemon):
    answer = daemon.get("/v1/components", headers={"json-indent": "true"})
    assert answer.text == json.dumps(BUILT_IN, indent=4)


def raw(daemon, path, **headers):
    """A request whose answer nobody decodes."""
    context = ssl._create_unverified_context()
    request = urllib.request.Request(daemon.url + path, headers=headers)
    try:
        return urllib.request.urlopen(request, context=context, timeout=20)
    except urllib.error.HTTPError as error:
        return error


@pytest.mark.parametrize("path", ["/v1/components", "/v1/states", "/v1/states?components=zz", "/metrics"])
def test_gzip_whenever_asked_also_errors_and_tiny_bodies(daemon, path):
    packed = raw(daemon, path, **{"Accept-Encoding": "gzip, deflate"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.read())
    if path.startswith("/v1/"):
        assert packed.headers["Vary"] == "Accept-Encoding"
    assert raw(daemon, path).headers["Content-Encoding"] is None


def test_request_ids_are_given_back_or_made(daemon):
    assert daemon.get("/healthz", headers={"X-Request-ID": "abc"}).headers["X-Request-Id"] == "abc"
    made = {daemon.get("/healthz").headers["X-Request-Id"] for _ in range(2)}
    assert len(made) == 2
    for one in made:
        assert re.match(r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", one)


@pytest.mark.parametrize(
    "method, path", [("GET", "/nosuch"), ("PUT", "/v1/states"), ("HEAD", "/healthz"), ("GET", "//healthz")]
)
def test_unknown_paths_and_methods_are_404_in_plain_text(daemon, method, path):
    answer = daemon.session.request(method, daemon.url + path, timeout=20)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"].startswith("text/plain")
    if method != "HEAD":
        assert answer.text == "404 page not found"


def test_a_trailing_slash_is_redirected(daemon):
    answer = daemon.get("/v1/states/", allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, "/v1/states")
    answer = daemon.post("/v1/health-states/set-healthy/", allow_redirects=False)
    assert answer.status_code == 307


def test_plain_http_on_the_port_gets_an_explanation(daemon):
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{daemon.port}/healthz", timeout=10)
    assert refused.value.code == 400
    assert b"HTTPS" in refused.value.read()


def test_compat_leaves_out_states_that_old_clients_do_not_know(daemon):
    for component in daemon.json("/v1/states?compat=1"):
        for state in component["states"]:
            assert state["health"] in ("Healthy", "Degraded", "Unhealthy")
            assert "age_seconds" not in state


def test_admin_config_has_the_originals_fields_first(daemon):
    config = daemon.json("/admin/config")
    assert list(config)[:8] == [
        "api_version", "address", "data_dir", "state", "metrics_retention_period",
        "events_retention_period", "compact_period", "pprof",
    ]  # fmt: skip
    assert list(config)[8:18] == [
        "enable_auto_update", "auto_update_exit_code", "version_file", "nvidia_tool_overwrites",
        "plugin_specs_file", "components", "failure_injector", "skip_session_update_config",
        "session_protocol", "db_in_memory",
    ]  # fmt: skip
    assert config["address"] == f"127.0.0.1:{daemon.port}"
    assert config["events_retention_period"] == "336h0m0s"
    assert "token" not in json.dumps(config).replace("api_token_file", "")


def test_admin_packages_and_plugins_are_null_when_there_are_none(daemon):
    assert daemon.get("/admin/packages").text == "null"
    assert daemon.get("/v1/plugins").text == "null"
    assert daemon.get("/admin/pprof/heap").status_code == 404


def test_health_answers_the_one_question(daemon):
    answer = daemon.get("/v1/health")
    assert answer.status_code in (200, 503)
    body = answer.json()
    assert (answer.status_code == 200) == (body["health"] in ("Healthy", "Degraded"))
    for key in ("health", "since", "reason"):
        assert body[key], key
    daemon.get("/v1/health")
    best = min(daemon.get("/v1/health").elapsed.total_seconds() for _ in range(50))
    assert best < 0.01, "from memory"
