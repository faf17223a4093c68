"""The FastAPI application: one error shape, one router per noun."""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from analytics.errors import GembaError, InvalidInput

STATUS = {
    "invalid_input": 422,
    "not_found": 404,
    "conflict": 409,
    "not_logged_in": 401,
    "forbidden": 403,
    "throttled": 429,
    "store_unavailable": 503,
    "rejected_points": 422,
    "too_many_points": 413,
    "not_evaluable": 422,
}


def body(code: str, message: str, fields: list[dict[str, str]] | None = None) -> dict[str, object]:
    """The one shape of an error."""
    return {"error": {"code": code, "message": message, "fields": fields or []}}


def build_api() -> FastAPI:
    """The API, mounted under /api."""
    api = FastAPI(title="Gemba", docs_url=None, redoc_url=None)
    api.add_exception_handler(GembaError, _known)
    api.add_exception_handler(RequestValidationError, _wrong_request)
    api.add_exception_handler(HTTPException, _http)
    api.add_exception_handler(Exception, _unknown)
    return api


def _known(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, GembaError)  # noqa: S101 - registered for this type only
    problems = error.problems if isinstance(error, InvalidInput) else ()
    fields = [{"field": problem.field, "message": problem.message} for problem in problems]
    return JSONResponse(body(error.code, str(error), fields), STATUS.get(error.code, 500))


def _wrong_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this type only
    fields = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": str(item["msg"])}
        for item in error.errors()
    ]
    return JSONResponse(body("invalid_input", "The request cannot be read.", fields), 422)


def _http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this type only
    code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "http")
    return JSONResponse(body(code, str(error.detail)), error.status_code)


def _unknown(request: Request, error: Exception) -> JSONResponse:
    return JSONResponse(body("internal", "Something went wrong here; the log has the details."), 500)
