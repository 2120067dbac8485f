# SPDX-License-Identifier: Apache-2.0
"""The OpenAPI document is valid, and the daemon does what it says."""

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from openapi_spec_validator import validate
from schemathesis.specs.openapi import checks

ROUTES = {
    "/healthz": {"get"},
    "/machine-info": {"get"},
    "/metrics": {"get"},
    "/inject-fault": {"post"},
    "/v1/components": {"get", "delete"},
    "/v1/components/trigger-check": {"get"},
    "/v1/components/trigger-tag": {"get"},
    "/v1/events": {"get"},
    "/v1/gpu/processes": {"get"},
    "/v1/health": {"get"},
    "/v1/health-states/set-healthy": {"post"},
    "/v1/info": {"get"},
    "/v1/metrics": {"get"},
    "/v1/plugins": {"get"},
    "/v1/plugins/history": {"get"},
    "/v1/states": {"get"},
    "/admin/config": {"get"},
    "/admin/packages": {"get"},
}


@pytest.fixture(scope="module")
def document(shared_daemon):
    return shared_daemon.json("/v1/openapi.json")


def test_the_document_is_valid(document):
    assert document["openapi"].startswith("3.")
    validate(document)


def test_the_document_has_every_route(document):
    described = {
        path: {m for m in item if m in ("get", "post", "delete", "put", "patch")}
        for path, item in document["paths"].items()
    }
    for path, methods in ROUTES.items():
        assert described.get(path) == methods, path


def test_every_described_get_exists(document, shared_daemon):
    for path, item in document["paths"].items():
        if "get" in item and "{" not in path:
            answer = shared_daemon.get(path)
            assert answer.status_code != 404 or answer.text != "404 page not found", path


# Made here and not at import: the schema comes from the running daemon.
@pytest.fixture(scope="module")
def schema(document):
    return schemathesis.openapi.from_dict(document)


# Injections go to the machine's real kernel log: test_kernel_log.py sends a few chosen ones.
lazy = schemathesis.pytest.from_fixture("schema").exclude(path="/inject-fault")


@lazy.parametrize()
@settings(max_examples=15, deadline=None, derandomize=True,
          suppress_health_check=list(HealthCheck))  # fmt: skip
def test_the_daemon_does_what_the_document_says(case, shared_daemon):
    # A wrong method is 404 and not 405: the original's rule, which clients may rely on.
    excluded = [checks.unsupported_method]
    if case.operation.path == "/v1/components/trigger-check":
        # One of two parameters is needed, which OpenAPI cannot say.
        excluded.append(checks.positive_data_acceptance)
    case.call_and_validate(
        base_url=shared_daemon.url, excluded_checks=excluded, verify=False, timeout=20
    )
    assert shared_daemon.process.poll() is None
