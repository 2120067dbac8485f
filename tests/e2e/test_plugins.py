# SPDX-License-Identifier: Apache-2.0
"""Plugins: the original's format, and what it does (docs/plugins.md)."""

import os

import pytest
import yaml
from gpud import as_user, unix_request, wait_for
from plugin_kit import audit, findings, plugin, trigger

# The examples of the format, with folders of the test in them.
PERIODIC = """
- plugin_name: prepare-scratch
  plugin_type: init
  health_state_plugin:
    steps:
      - name: make-dir
        run_bash_script:
          content_type: plaintext
          script: |
            mkdir -p FOLDER/node-probe
            date -u +%s > FOLDER/node-probe/started
  timeout: 20s

- plugin_name: Scratch Space
  plugin_type: component
  run_mode: auto
  tags: [storage, nightly]
  health_state_plugin:
    steps:
      - name: measure
        run_bash_script:
          content_type: plaintext
          script: |
            used=$(cat FOLDER/used)
            echo "measured ${used}%"
            if [ "$used" -gt 92 ]; then verdict=full; else verdict=fine; fi
            printf '{"verdict":"%s","used":%s,"advice":"none"}\\n' "$verdict" "$used"
    parser:
      json_paths:
        - query: $.used
          field: used_percent
        - query: $.verdict
          field: verdict
          expect:
            regex: ^fine$
        - query: $.verdict
          field: verdict_for_action
          suggested_actions:
            HARDWARE_INSPECTION:
              regex: ^full$
  timeout: 30s
  interval: 5m
"""

REBOOT = """
[
  {
    "plugin_name": "driver-reload-needed",
    "plugin_type": "component",
    "run_mode": "manual",
    "health_state_plugin": {
      "steps": [
        {
          "name": "compare-versions",
          "run_bash_script": {
            "content_type": "base64",
            "script": "ZWNobyAneyJuZXh0IjoicmVib290IG5vdyJ9JwpleGl0IDMK"
          }
        }
      ],
      "parser": {
        "json_paths": [
          {
            "query": "$.next",
            "field": "next_step",
            "suggested_actions": { "REBOOT_SYSTEM": { "regex": "(?i)reboot" } }
          }
        ],
        "log_path": "FOLDER/gpud-${PLUGIN}-${TRIGGER}.log"
      }
    },
    "timeout": "45s",
    "interval": "0s"
  }
]
"""

HOOKS = """
- plugin_name: job-hooks
  plugin_type: component_list
  run_mode: manual
  tags: [hooks]
  component_list:
    - "gpu-idle#manual[job-start]:5"
    - "shm-clean#manual[job-end]:/dev/shm"
    - "link-rate#auto[job-start,watch]:lo"
    - "plain-entry"
  health_state_plugin:
    steps:
      - name: dispatch
        run_bash_script:
          content_type: plaintext
          script: |
            what="${NAME}"
            arg="${PAR}"
            case "$what" in
              gpu-idle)   echo "idle limit $arg" ;;
              shm-clean)  test -d "$arg" ;;
              link-rate)  test -e "/sys/class/net/$arg" ;;
              *)          echo "nothing to do for $what" ;;
            esac
  timeout: 1m
  interval: 10m
"""


# --- the format ----------------------------------------------------------------------------------


def test_init_plugins_have_run_and_a_periodic_check_is_judged_by_its_output(folder, plugins):
    (folder / "used").write_text("95\n")
    daemon = plugins(PERIODIC)
    assert (folder / "node-probe/started").exists()
    assert "prepare-scratch" not in daemon.json("/v1/components")
    wait_for(lambda: daemon.states("scratch-space")[0]["health"] != "Initializing")
    (state,) = daemon.states("scratch-space")
    assert {key: state[key] for key in state if key != "time"} == {
        "component": "scratch-space",
        "component_type": "custom-plugin",
        "name": "check",
        "run_mode": "auto",
        "health": "Unhealthy",
        "reason": "unexpected plugin output",
        "suggested_actions": {"description": "full", "repair_actions": ["HARDWARE_INSPECTION"]},
        "extra_info": {"used_percent": "95", "verdict": "full", "verdict_for_action": "full"},
        "raw_output": 'measured 95%\n{"verdict":"full","used":95,"advice":"none"}\n',
    }
    (folder / "used").write_text("9\n")
    state = trigger(daemon, "scratch-space")
    assert (state["health"], state["reason"]) == ("Healthy", "ok")
    metrics = daemon.get("/metrics").text
    assert 'scratch_space_health_state_healthy{gpud_component="scratch-space"} 1' in metrics
    assert 'scratch_space_health_state_unhealthy{gpud_component="scratch-space"} 0' in metrics
    (spec,) = daemon.json("/v1/plugins")
    assert spec["plugin_name"] == "Scratch Space" and spec["interval"] == "5m0s"
    assert daemon.get("/v1/plugins", headers={"Content-Type": "application/yaml"}).text[0] == "-"


def test_a_failing_manual_check_may_ask_for_a_reboot_and_is_logged(folder, plugins):
    daemon = plugins(REBOOT)
    (state,) = daemon.states("driver-reload-needed")
    assert state["health"] == "Initializing" and state["name"] == "check"
    # It does not hold work up.
    wait_for(lambda: daemon.get("/v1/health").json()["health"] != "Initializing")
    state = trigger(daemon, "driver-reload-needed")
    assert state["health"] == "Unhealthy"
    assert state["reason"] == "error executing state plugin (exit code: 3)"
    assert state["error"] == "exit status 3"
    assert state["extra_info"] == {"next_step": "reboot now"}
    assert state["suggested_actions"]["repair_actions"] == ["REBOOT_SYSTEM"]
    assert state["raw_output"] == '{"next":"reboot now"}\n'
    log = (folder / "gpud-driver-reload-needed-manual.log").read_text()
    head, rest = log.split("\n", 1)
    assert head.endswith("] plugin=driver-reload-needed trigger=manual") and head[0] == "["
    assert rest == 'output={"next":"reboot now"}\n\n'


def test_a_list_of_components_runs_by_tag(plugins):
    daemon = plugins(HOOKS)
    answer = daemon.json("/v1/components/trigger-tag?tagName=job-start")
    assert answer == {"components": ["gpu-idle", "link-rate"], "exit": 0, "success": True}
    assert daemon.states("gpu-idle")[0]["raw_output"] == "idle limit 5\n"
    assert daemon.json("/v1/components/trigger-tag?tagName=hooks")["components"] == ["plain-entry"]
    result = daemon.ask("list-plugins", check=0).stdout
    assert "- gpu-idle (Type: component, Run Mode: manual)" in result
    result = daemon.ask("run-plugin-group", "custom-plugin", check=0).stdout
    assert result == "Successfully triggered component check for tag: custom-plugin\n"


def test_a_health_word_in_the_output_changes_nothing(plugins):
    rules = {"json_paths": [{"query": "$.health", "field": "health"}]}
    script = """echo '{"health":"degraded","reason":"said by the script"}'"""
    daemon = plugins([plugin("degraded", script, parser=rules)])
    state = trigger(daemon, "degraded")
    assert (state["health"], state["reason"]) == ("Healthy", "ok")
    assert state["extra_info"] == {"health": "degraded"}


def test_a_group_with_a_failing_plugin_fails(plugins):
    daemon = plugins([plugin("bad", "exit 1", tags=["t"]), plugin("good", "exit 0", tags=["t"])])
    result = daemon.ask("run-plugin-group", "t", check=1)
    assert "health check failed for tag t, components: [bad good]" in result.stderr
    daemon.ask("run-plugin-group", "nobody-has-it", check=0)


@pytest.mark.parametrize("name", ["-_aZ9", "9lives", "_x", "Ab-Cd_12=="])
def test_names_that_are_no_metric_names_are_taken(plugins, name):
    daemon = plugins([plugin(name, "echo hi")])
    assert trigger(daemon, name.lower())["health"] == "Healthy"
    assert daemon.get("/metrics").status_code == 200


def test_custom_plugins_tells_all_errors_at_once(daemon, folder):
    path = folder / "wrong.yaml"
    path.write_text("- plugin_name: a\n  plugin_type: x\n  interval: 3s\n- 7\n")
    result = daemon.cli("custom-plugins", path, check=1)
    assert result.stdout == ""
    for text in [":2: plugin \"a\": plugin_type: invalid plugin type", ":3: plugin \"a\": interval: ",
                 ":1: plugin \"a\": health_state_plugin: state plugin is required", ":4: a map of"]:
        assert f"{path}{text}" in result.stderr
    path.write_text(yaml.safe_dump([plugin("bad", "echo said; exit 4")]))
    assert "✔ valid" in daemon.cli("cs", path, check=0).stdout
    result = daemon.cli("cs", path, "-r", check=1)
    assert "plugin bad returned unhealthy state (summary error executing state plugin (exit code: 4)" in (
        result.stderr
    )
    result = daemon.cli("plugins", path, "-r", "-f=false", check=0).stdout
    assert '### Component "bad" output\n\nsaid\n' in result and "### Results" in result


# --- in the daemon -------------------------------------------------------------------------------


def test_the_daemon_answers_at_once_and_is_ready_when_the_first_runs_have_ended(folder, plugins):
    hold = f"until [ -e {folder}/go ]; do sleep 0.02; done"
    once = plugin("once", "echo ran", run_mode="auto")
    daemon = plugins([plugin("first", hold, plugin_type="init"), once], wait=False)
    wait_for(lambda: daemon.socket.exists())
    status, _ = unix_request(daemon.socket, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert status == 503
    status, body = unix_request(daemon.socket, b"GET /v1/states?components=once HTTP/1.0\r\n\r\n")
    assert status == 200 and b"Initializing" in body
    (folder / "go").write_text("")
    wait_for(daemon.healthy)
    (state,) = daemon.states("once")
    assert (state["health"], state["raw_output"]) == ("Healthy", "ran\n")


def test_a_failing_init_plugin_is_told_and_stops_nobody(plugins):
    daemon = plugins([plugin("prepare", "echo no; exit 2", plugin_type="init"),
                      plugin("after", "echo ran", run_mode="auto")])
    assert any('init plugin "prepare" failed' in what for what in findings(daemon))
    assert daemon.health("after") == "Healthy"
    assert audit(daemon, "init plugin run")[0]["exit_code"] == "2"


def test_a_wrong_file_costs_only_what_is_wrong_in_it(plugins):
    broken = plugin("broken", "x", interval="3s")
    daemon = plugins([broken, plugin("right", "echo hi"), plugin("cpu", "x")])
    assert trigger(daemon, "right")["health"] == "Healthy"
    told = findings(daemon)
    assert any('plugin "broken": interval: interval is too short' in what for what in told)
    assert any('plugin "cpu": plugin_name: gpud has a check of its own' in what for what in told)
    assert "interval is too short" in daemon.ask("status").stdout


@pytest.mark.parametrize("text", ["plugin_name: map\n", "- [\n", "- plugin_name: x\n"])
def test_a_file_that_is_none_leaves_the_daemon_running(plugins, text):
    daemon = plugins(text)
    assert any(what.startswith("plugins: ") for what in findings(daemon))
    assert daemon.get("/v1/plugins").text == "null"


def test_no_two_runs_of_a_plugin_overlap(folder, plugins):
    script = f"""mkdir {folder}/lock || exit 9; sleep 0.2; rmdir {folder}/lock"""
    daemon = plugins([plugin("one", script)])
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        states = list(pool.map(lambda _: trigger(daemon, "one"), range(4)))
    assert [state["health"] for state in states] == ["Healthy"] * 4
    # Those who asked while it ran share the next run.
    assert len(daemon.json("/v1/plugins/history?componentName=one")) <= 3


def test_the_history_has_the_last_runs(plugins):
    daemon = plugins([plugin("talk", "echo first; yes | head -c 200000; echo; echo last; exit $((RANDOM % 2))")])
    for _ in range(22):
        trigger(daemon, "talk")
    history = daemon.json("/v1/plugins/history?componentName=talk")
    assert len(history) == 20
    run = history[0]
    assert run["output"].startswith("first\ny\n") and run["output_tail"].endswith("last\n")
    assert run["output_bytes"] == 200012 and run["cause"] == "asked for by root"
    assert run["duration_seconds"] > 0 and run["health"] in ("Healthy", "Unhealthy")
    assert daemon.get("/v1/plugins/history?componentName=cpu").status_code == 404
    assert daemon.get("/v1/plugins/history").status_code == 400


# --- trust ---------------------------------------------------------------------------------------


@pytest.mark.root
@pytest.mark.parametrize("mode, owner", [(0o666, 0), (0o664, 0), (0o644, 65534)])
def test_a_file_that_others_could_have_written_is_refused(folder, plugins, mode, owner):
    path = folder / "plugins.yaml"
    path.write_text("")
    os.chown(path, owner, -1)
    daemon = plugins([plugin("x", f"touch {folder}/ran", run_mode="auto")], mode=mode)
    (told,) = [what for what in findings(daemon) if what.startswith("plugins: ")]
    assert f"chown root:root '{path}' && chmod go-w '{path}'" in told
    assert daemon.get("/v1/plugins").text == "null"
    assert not (folder / "ran").exists()
    assert "chown root:root" in daemon.cli("custom-plugins", path, check=1).stderr


@pytest.mark.root
def test_only_root_or_the_token_runs_and_removes_plugins(plugins):
    daemon = plugins([plugin("one", "echo hi")])
    paths = [("GET", "/v1/components/trigger-check?componentName=one"),
             ("GET", "/v1/components/trigger-tag?tagName=one"),
             ("DELETE", "/v1/components?componentName=one")]

    def asked():
        return [unix_request(daemon.socket, f"{method} {path} HTTP/1.0\r\n\r\n".encode())[0]
                for method, path in paths]

    assert all(status in (401, 403) for status in as_user(65534, asked))
    assert daemon.states("one")[0]["health"] == "Initializing"


def test_every_run_and_every_change_is_in_the_log(plugins):
    daemon = plugins([plugin("one", "echo hi")])
    trigger(daemon, "one")
    (run,) = audit(daemon, "plugin run")
    assert (run["plugin"], run["cause"], run["exit_code"]) == ("one", "asked for by root", "0")
    (loaded,) = audit(daemon, "plugins")
    assert len(loaded["sha256"]) == 64 and loaded["plugins"] == "1"
    assert daemon.session.delete(daemon.url + "/v1/components?componentName=one").status_code == 200
    (gone,) = audit(daemon, "plugin deregistered")
    assert (gone["component"], gone["by"]) == ("one", "root")
