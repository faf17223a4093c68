"""The one shape of an error, for every status that the API answers with."""

from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from analytics.errors import GembaError, InvalidInput, Throttled

STATUS: Final = {
    "invalid_input": 422,
    "not_found": 404,
    "conflict": 409,
    "not_logged_in": 401,
    "code_required": 401,
    "forbidden": 403,
    "throttled": 429,
    "store_unavailable": 503,
    "rejected_points": 422,
    "too_many_points": 413,
    "not_evaluable": 422,
    "precondition_failed": 412,
    "precondition_required": 428,
}
HTTP_CODES: Final = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


class FieldError(BaseModel):
    """One field and what is wrong with it."""

    field: str
    message: str


class ErrorDetail(BaseModel):
    """What went wrong: a code for programs, a sentence for people."""

    code: str
    message: str
    fields: list[FieldError]


class ErrorBody(BaseModel):
    """The body of every answer that is an error."""

    error: ErrorDetail


def declared(status: int, description: str) -> dict[int | str, dict[str, Any]]:
    """An error answer of a route, as the document shows it."""
    return {status: {"model": ErrorBody, "description": description}}


EVERYWHERE: Final = {
    **declared(400, "The body cannot be parsed."),
    **declared(413, "The body, or the answer, is too large."),
    **declared(422, "Fields of the request are wrong; each is named."),
    **declared(429, "Too many requests; `Retry-After` says when to try again."),
    **declared(500, "A defect; the log has the details under the request's id."),
    **declared(503, "A store cannot be reached now."),
}
LOGGED_IN: Final = {
    **declared(401, "There is no valid log-in or key."),
    **declared(403, "The permission for this is missing."),
}
FOUND: Final = declared(404, "There is no such object in this factory.")
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {
    304: {"description": "Nothing has changed since the version that `If-None-Match` names."}
}
CHANGING: Final = {
    **declared(409, "Somebody was faster, or the change does not fit what is there."),
    **declared(412, "The object has another version than `If-Match` names."),
    **declared(428, "The change must name the version that it is based on in `If-Match`."),
}


def body(code: str, message: str, fields: list[dict[str, str]] | None = None) -> dict[str, object]:
    """The one shape of an error."""
    return {"error": {"code": code, "message": message, "fields": fields or []}}


def add_handlers(api: FastAPI) -> None:
    """Answer every error in the one shape."""
    api.add_exception_handler(GembaError, _known)
    api.add_exception_handler(RequestValidationError, _wrong_request)
    api.add_exception_handler(HTTPException, _http)


def internal() -> JSONResponse:
    """The answer to a defect of ours."""
    return JSONResponse(body("internal", "Something went wrong here; the log has the details."), 500)


def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GembaError)  # noqa: S101 - registered for this type only
    problems = error.problems if isinstance(error, InvalidInput) else ()
    fields = [{"field": problem.field, "message": problem.message} for problem in problems]
    status = STATUS.get(error.code)
    if status is None:
        raise error
    headers = {}
    if isinstance(error, Throttled):
        headers["Retry-After"] = str(error.retry_after_s)
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return JSONResponse(body(error.code, str(error), fields), status, headers)


def _wrong_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    fields = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
        for item in error.errors()
    ]
    return JSONResponse(body("invalid_input", "The request cannot be read.", fields), 422)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code = HTTP_CODES.get(error.status_code, "http")
    return JSONResponse(body(code, str(error.detail)), error.status_code, error.headers)
