"""Thousands of generated requests over the whole API: no server error, no answer that its document denies."""

from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.test_tenancy import DOCUMENT
from tests.api.world import served

LEFT_OUT = {"/v1/auth/logout"}
"""It would end the session that the others use; it has a test of its own."""

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RIGHT, WRONG = 10, 5
"""How many requests per operation keep to the document, and how many break it."""

SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
OPERATIONS = [
    found.ok()
    for found in SCHEMA.get_all_operations()
    if isinstance(found, Ok) and found.ok().path not in LEFT_OUT
]


@pytest.fixture(scope="module")
def asked() -> dict[str, int]:
    return {"requests": 0}


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda one: one.label)
def test_no_generated_request_breaks_the_server_or_the_document(world, operation, asked):
    account = world.plants["north"].ids["user.super_admin"]
    token = world.gemba.tokens.open(
        account, world.plants["north"].id, client="generated", now=world.gemba.clock()
    ).access
    headers = {"Authorization": f"Bearer {token}"}
    _ask(world.address, operation, GenerationMode.POSITIVE, RIGHT, headers, asked)
    told = DOCUMENT["paths"][operation.path][operation.method]
    if told.keys() & {"parameters", "requestBody", "security"}:
        _ask(world.address, operation, GenerationMode.NEGATIVE, WRONG, headers, asked)


def _ask(
    address: str,
    operation: Any,
    mode: GenerationMode,
    number: int,
    headers: dict[str, str],
    asked: dict[str, int],
) -> None:
    @settings(
        max_examples=number,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        asked["requests"] += 1
        case.call_and_validate(base_url=address, headers=headers, checks=CHECKS, timeout=30)

    ask()


def test_the_search_finds_a_server_error_and_an_answer_that_the_document_denies():
    api = FastAPI(telemetry={"tracing": False})

    @api.get("/wrong", response_model=dict[str, int])
    def wrong(number: int) -> JSONResponse:
        return JSONResponse({"text": "no number"} if number % 2 else {}, 500 if number % 3 == 0 else 200)

    schema = schemathesis.openapi.from_dict(api.openapi())
    operation = next(schema.get_all_operations()).ok()
    with served(api) as address, pytest.raises(FailureGroup):
        _ask(address, operation, GenerationMode.POSITIVE, 20, {}, {"requests": 0})


def test_at_least_three_thousand_requests_were_made(asked):
    assert asked["requests"] >= 3_000
