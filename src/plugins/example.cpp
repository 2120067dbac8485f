// SPDX-License-Identifier: Apache-2.0
#include "plugins/example.h"

#include "platform/json.h"

namespace gpud::plugins {

std::string_view Sample() {
  return R"yaml(# A preparation that runs once, before all others.
- plugin_name: sample-prepare
  plugin_type: init
  health_state_plugin:
    steps:
      - name: say
        run_bash_script:
          content_type: plaintext
          script: echo "prepared"
  timeout: 20s

# A check every ten minutes, whose output is read.
- plugin_name: sample-root-disk
  plugin_type: component
  run_mode: auto
  tags: [storage]
  health_state_plugin:
    steps:
      - name: measure
        run_bash_script:
          content_type: plaintext
          script: |
            used=$(df --output=pcent / | tail -1 | tr -dc '0-9')
            if [ "$used" -gt 98 ]; then verdict=full; else verdict=fine; fi
            printf '{"verdict":"%s","used":"%s"}\n' "$verdict" "$used"
    parser:
      json_paths:
        - query: $.used
          field: used_percent
        - query: $.verdict
          field: verdict
          expect:
            regex: ^fine$
  timeout: 30s
  interval: 10m

# One that runs only when it is asked to: gpud run-plugin-group sample-manual
- plugin_name: sample-manual
  plugin_type: component
  run_mode: manual
  health_state_plugin:
    steps:
      - name: say
        run_bash_script:
          content_type: base64
          script: ZWNobyAibG9va2VkIGF0Igo=
  timeout: 30s

# The same check for two things.
- plugin_name: sample-folders
  plugin_type: component_list
  run_mode: manual
  tags: [sample-folders]
  component_list:
    - "sample-tmp:/tmp"
    - "sample-etc:/etc"
  health_state_plugin:
    steps:
      - name: is-there
        run_bash_script:
          content_type: plaintext
          script: test -d "${PAR}" && echo "${NAME} is there"
  timeout: 30s
)yaml";
}

std::string NewFile(std::string_view name) {
  std::string quoted;
  AppendJsonString(quoted, name);
  return R"yaml(# Checks of this site's own. gpud reads this file when it starts (--plugin-specs-file, by default
# /etc/default/gpud.plugins.yaml). It runs as root: chown root:root FILE && chmod 644 FILE.
# "gpud custom-plugins FILE" says what is wrong in it; with -r it runs each plugin once.
- plugin_name: )yaml" +
         quoted + R"yaml(

  # component: a check. init: runs once, before all others. component_list: a check for each entry
  # of "component_list", "NAME#MODE[TAGS]:PARAMETER", with the variables NAME and PAR.
  plugin_type: component

  # auto: every "interval". manual: only when it is asked to (gpud run-plugin-group TAG).
  run_mode: auto
  tags: [site]

  # For all steps together; then SIGTERM, and SIGKILL after 3 s.
  timeout: 30s
  # 1m at least; 0s runs it once, when gpud starts.
  interval: 10m

  # How the exit code and the output are read: gpud (0 is well, see "parser"), nagios, npd,
  # openmetrics.
  #output_format: gpud
  # Who it runs as, and what it may use.
  #user: nobody
  #nice: 10
  #limits: {memory_bytes: 256MiB, cpus: 0.5, pids: 64, file_size_bytes: 1MiB}
  #environment: {LIMIT: "90"}

  health_state_plugin:
    steps:
      - name: measure
        run_bash_script:
          content_type: plaintext
          script: |
            used=$(df --output=pcent / | tail -1 | tr -dc '0-9')
            if [ "$used" -gt 90 ]; then verdict=full; else verdict=fine; fi
            printf '{"verdict":"%s","used":"%s"}\n' "$verdict" "$used"
    parser:
      # The first JSON object of the output; what a query finds is shown as "field".
      json_paths:
        - query: $.used
          field: used_percent
        - query: $.verdict
          field: verdict
          # Unhealthy when it does not match.
          expect:
            regex: ^fine$
          # IGNORE_NO_ACTION_REQUIRED, REBOOT_SYSTEM, HARDWARE_INSPECTION, CHECK_USER_APP_AND_GPU
          suggested_actions:
            HARDWARE_INSPECTION:
              regex: ^full$
      # ${PLUGIN} and ${TRIGGER} are the plugin's name and run mode.
      #log_path: /var/log/gpud-${PLUGIN}.log
)yaml";
}

std::string_view SchemaJson() {
  return R"json({
  "$schema": "https://json-schema.org/draft/2020-12/schema",
  "title": "plugins of gpud",
  "type": "array",
  "items": {"$ref": "#/$defs/plugin"},
  "$defs": {
    "duration": {"type": "string", "pattern": "^(0|([0-9]+(\\.[0-9]*)?(ns|us|µs|ms|s|m|h))+)$"},
    "size": {"type": ["string", "integer"], "pattern": "^[0-9]+ ?([KMGT](i?B|i)?|B)?$"},
    "texts": {"type": "array", "items": {"type": "string"}},
    "rule": {
      "type": "object",
      "properties": {"regex": {"type": "string"}},
      "additionalProperties": false
    },
    "step": {
      "type": "object",
      "required": ["name", "run_bash_script"],
      "properties": {
        "name": {"type": "string", "minLength": 1},
        "run_bash_script": {
          "type": "object",
          "required": ["content_type", "script"],
          "properties": {
            "content_type": {"enum": ["plaintext", "text/plain", "base64"]},
            "script": {"type": "string", "minLength": 1},
            "sha256": {"type": "string", "pattern": "^[0-9A-Fa-f]{64}$"}
          },
          "additionalProperties": false
        }
      },
      "additionalProperties": false
    },
    "parser": {
      "type": "object",
      "properties": {
        "log_path": {"type": "string"},
        "json_paths": {
          "type": "array",
          "items": {
            "type": "object",
            "required": ["query", "field"],
            "properties": {
              "query": {"type": "string", "minLength": 1},
              "field": {"type": "string"},
              "expect": {"$ref": "#/$defs/rule"},
              "suggested_actions": {
                "type": "object",
                "additionalProperties": {"$ref": "#/$defs/rule"}
              }
            },
            "additionalProperties": false
          }
        }
      },
      "additionalProperties": false
    },
    "plugin": {
      "type": "object",
      "required": ["plugin_name", "plugin_type", "health_state_plugin"],
      "properties": {
        "plugin_name": {"type": "string", "minLength": 1, "maxLength": 128},
        "plugin_type": {"enum": ["init", "component", "component_list"]},
        "component_list": {"$ref": "#/$defs/texts"},
        "component_list_file": {"type": "string"},
        "paste_values": {"type": "boolean"},
        "run_mode": {"enum": ["auto", "manual", ""]},
        "tags": {"$ref": "#/$defs/texts"},
        "timeout": {"$ref": "#/$defs/duration"},
        "interval": {"$ref": "#/$defs/duration"},
        "output_format": {"enum": ["gpud", "nagios", "npd", "openmetrics"]},
        "environment": {"type": "object", "additionalProperties": {"type": "string"}},
        "long_running": {"type": "boolean"},
        "user": {"type": ["string", "integer"]},
        "nice": {"type": "integer", "minimum": -20, "maximum": 19},
        "limits": {
          "type": "object",
          "properties": {
            "memory_bytes": {"$ref": "#/$defs/size"},
            "cpus": {"type": "number", "minimum": 0.01},
            "pids": {"type": "integer", "minimum": 1},
            "file_size_bytes": {"$ref": "#/$defs/size"}
          },
          "additionalProperties": false
        },
        "health_state_plugin": {
          "type": "object",
          "properties": {
            "steps": {"type": "array", "items": {"$ref": "#/$defs/step"}},
            "parser": {"$ref": "#/$defs/parser"}
          },
          "additionalProperties": false
        }
      },
      "additionalProperties": false
    }
  }
}
)json";
}

}  // namespace gpud::plugins
