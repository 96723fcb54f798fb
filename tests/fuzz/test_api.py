"""Whatever is asked over HTTP, by the operator and by strangers: no fault, and answers as the API describes them.

`schemathesis` makes requests of every operation from the API's own description, good ones and broken ones.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from tests.server import RealServer
from tests.story.wire import fresh

pytestmark = [pytest.mark.fuzz, pytest.mark.store, pytest.mark.slow]

SOAKING = os.environ.get("FAULTS") == "soak"
EXAMPLES = 6
"""Of each operation and mode in every run, always the same ones; `make soak` makes others, and more."""

CHECKS = [not_a_server_error, content_type_conformance, response_schema_conformance]


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "broken"])
@pytest.mark.parametrize("with_key", [True, False], ids=["operator", "stranger"])
@pytest.mark.timeout(300)
def test_the_api_keeps_to_its_description(shared_server: RealServer, mode: GenerationMode, *, with_key: bool) -> None:
    server = shared_server
    headers = {"Authorization": f"Bearer {server.operator}"} if with_key else {}
    schema = schemathesis.openapi.from_url(f"{server.http}/api/openapi.json")
    asked = 0
    for found in schema.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()
        if operation.path.startswith("/api/v1/revoke") or operation.path == "/api/v1/members/{user}":
            continue  # what they do, they do to the other tests' people
        asked += 1
        ask(operation, mode, headers)
    assert asked > 15


def ask(
    operation: schemathesis.APIOperation[Any, Any, Any, Any], mode: GenerationMode, headers: Mapping[str, str]
) -> None:
    """Make requests of one operation; raises when an answer is wrong."""
    room = fresh("fuzz")

    @given(case=operation.as_strategy(generation_mode=mode))
    @settings(
        max_examples=200 if SOAKING else EXAMPLES,
        deadline=None,
        database=None,
        derandomize=not SOAKING,  # another day's luck is no reason to stop a landing
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def told(case: schemathesis.Case[Any]) -> None:
        if "room" in case.path_parameters and mode is GenerationMode.POSITIVE:
            case.path_parameters["room"] = room
        case.call_and_validate(headers=dict(headers), checks=CHECKS, timeout=60)

    with suppress(Unsatisfiable):  # there is nothing that could be broken, as of /readyz
        told()
