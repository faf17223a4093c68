"""The document of the API names every route and every error."""

from pathlib import Path

from jsonschema import Draft202012Validator

from analytics import errors
from app.api.errors import HTTP_CODES, STATUS
from tests.api.test_tenancy import DOCUMENT, OPERATIONS

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "api.md").read_text()


def test_every_route_is_in_the_document():
    rows = [f"| {one.method.upper()} | `/api{one.path}` |" for one in OPERATIONS]
    assert [row for row in rows if row not in TEXT] == []


def test_every_error_code_is_in_the_document_with_its_status():
    codes = {**STATUS, **{code: status for status, code in HTTP_CODES.items()}}
    assert [code for code, status in codes.items() if f"| `{code}` | {status} |" not in TEXT] == []


def test_every_error_that_a_caller_can_cause_has_a_status():
    ours = {"internal", "configuration", "scope"}
    known = {kind.code for kind in vars(errors).values() if isinstance(kind, type) and hasattr(kind, "code")}
    assert known - ours - set(STATUS) == set()


def test_every_operation_has_a_summary_a_description_and_a_tag():
    for one in OPERATIONS:
        assert one.told["summary"]
        assert one.told["description"]
        assert one.told["tags"]


def test_every_body_and_every_good_answer_has_an_example_that_fits_its_schema():
    checked = 0
    for one in OPERATIONS:
        good = [answer for status, answer in one.told["responses"].items() if status.startswith("2")]
        for told in (one.told.get("requestBody", {}), *good):
            media = told.get("content", {}).get("application/json")
            if media is not None:
                whole = {**media["schema"], "components": DOCUMENT["components"]}
                Draft202012Validator(whole).validate(media["example"])
                checked += 1
    assert checked >= len(OPERATIONS)
