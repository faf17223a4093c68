"""The FastAPI application: one error shape, one router per noun, mounted under /api."""

from collections.abc import Callable
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from app.api import errors, productivity, reference_page
from app.api.bodies import BodyLimit
from app.api.calendar import basics, crews, shifts, special_days, targets
from app.api.factoryops import (
    alerts,
    analytics,
    dashboard,
    devices,
    factories,
    kpis,
    log_in,
    parameters,
    reports,
    rules,
    users,
)
from app.api.limits import RateLimit
from app.api.masters import lines, products
from app.api.people import account, keys, roles
from app.api.plant import (
    audit,
    documents,
    figures,
    imports,
    insights,
    out_of_service,
    records,
    schedules,
    simulator,
    stops,
    timeline,
)
from app.api.plant import kpis as registry
from app.api.plant.live import batches, ingest, telemetry
from app.api.predict import anomalies, forecasts, live_scores, models, predictions
from app.api.reference_page import with_examples
from app.api.requests import HEADER, RequestLog
from app.api.shop import calendar, calls, lathes, orders, plans, tools
from app.api.shop import jobs as production_jobs
from app.bootstrap import Gemba, current
from app.settings import Settings

IMPORTS = "/v1/imports"
ROUTERS: tuple[APIRouter, ...] = (
    factories.router,
    log_in.router,
    devices.router,
    parameters.router,
    lines.router,
    products.router,
    kpis.router,
    rules.router,
    alerts.router,
    out_of_service.router,
    dashboard.router,
    analytics.router,
    live_scores.router,
    reports.router,
    users.router,
    figures.router,
    timeline.router,
    stops.router,
    registry.router,
    insights.router,
    forecasts.router,
    anomalies.router,
    models.router,
    predictions.router,
    records.router,
    batches.router,
    calendar.router,
    shifts.router,
    crews.router,
    special_days.router,
    targets.router,
    basics.router,
    orders.router,
    plans.router,
    production_jobs.router,
    tools.router,
    lathes.router,
    calls.router,
    ingest.router,
    telemetry.router,
    imports.router,
    simulator.router,
    schedules.router,
    documents.router,
    audit.router,
    roles.router,
    keys.router,
    account.router,
)


class Api(FastAPI):
    """FastAPI whose document has an example of each body and each answer."""

    def openapi(self) -> dict[str, Any]:
        """The document, made once."""
        if self.openapi_schema is None:
            self.openapi_schema = with_examples(super().openapi())
        return self.openapi_schema


def build_api(settings: Settings, parts: Callable[[], Gemba] = current) -> FastAPI:
    """The API; `parts` gives the wired parts when a request needs them."""
    api = Api(
        title="Gemba",
        version="1",
        description="Factory operations and analytics: machines, signals, production, OEE, people.",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_name,
        telemetry={"tracing": False},
    )
    api.state.parts = parts
    api.state.strict_updates = settings.api_strict_updates
    errors.add_handlers(api)
    for router in ROUTERS:
        api.include_router(router, prefix="/v1", responses=errors.EVERYWHERE)
    api.include_router(productivity.router, responses=errors.EVERYWHERE)
    api.include_router(reports.files, prefix="/v1")
    api.add_api_route("/docs", _reference(api), include_in_schema=False)
    api.add_middleware(
        BodyLimit, most_mb=settings.api_body_max_mb, of_paths={IMPORTS: settings.import_max_mb}
    )
    api.add_middleware(
        RateLimit, per_token=settings.api_rate_per_minute, per_address=settings.api_rate_per_address
    )
    origins = [origin.strip() for origin in settings.api_cors_origins.split(",") if origin.strip()]
    if origins:
        api.add_middleware(
            CORSMiddleware,
            allow_origins=origins,
            allow_methods=["GET", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=["Authorization", "X-API-Key", "Content-Type", "If-Match", "If-None-Match", HEADER],
            expose_headers=["ETag", HEADER, "Retry-After"],
        )
    api.add_middleware(RequestLog)
    return api


def _name(route: APIRoute) -> str:
    """A client's function is named as ours: `list_devices`."""
    return route.name


def _reference(api: FastAPI) -> Callable[[], HTMLResponse]:
    @cache
    def page() -> str:
        return reference_page.page(api.openapi())

    def reference() -> HTMLResponse:
        return HTMLResponse(page())

    return reference
