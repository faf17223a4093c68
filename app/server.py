"""One process: the pages, the API, health, metrics, log-in routes and the background services."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from importlib import import_module
from pkgutil import walk_packages
from types import FrameType
from typing import Any

import streamlit as st
import structlog
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from app.api.application import build_api
from app.bootstrap import Gemba, install, wire
from app.clock import Clock, system_clock
from app.heap import keep_arenas_few
from app.logs import quiet
from app.services import BackgroundServices
from app.settings import ROOT, Settings, load
from app.web import SecurityHeaders, asset, close_session, health, metrics, open_session, to_api

log = structlog.get_logger()


WRITERS = frozenset({"ingest", "worker"})
"""The parts that write telemetry: one process of a plant has them, the others open the store for reading."""


def build(settings: Settings | None = None, clock: Clock = system_clock) -> st.App | Starlette:
    """The ASGI application of the parts that the settings name; without "ui" it serves no page."""
    keep_arenas_few()
    chosen = settings or load()

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        reads_only = not WRITERS & chosen.part_set
        gemba = await asyncio.to_thread(partial(wire, chosen, clock, telemetry_read_only=reads_only))
        install(gemba)
        services = BackgroundServices(gemba)
        await asyncio.to_thread(_warm_up)
        services.start()
        _chain_signals(gemba)
        quiet()
        gc.collect()
        gc.freeze()
        log.info("started", parts=chosen.parts, home=str(chosen.home))
        try:
            yield
        finally:
            gemba.closing.set()
            await asyncio.to_thread(services.stop)
            await asyncio.to_thread(gemba.close)
            log.info("stopped")

    routes, middleware = _routes(chosen), [Middleware(SecurityHeaders, is_https=chosen.cookie_secure)]
    if "ui" not in chosen.part_set:
        return Starlette(lifespan=lifespan, routes=routes, middleware=middleware)
    return st.App(
        ROOT / "app" / "main.py",
        lifespan=lifespan,
        routes=routes,
        middleware=middleware,
    )


def _routes(settings: Settings) -> list[BaseRoute]:
    routes: list[BaseRoute] = [
        Route("/health", health),
        Route("/metrics", metrics),
        Route("/auth/open", open_session),
        Route("/auth/close", close_session),
        Route("/assets/{name}", asset),
    ]
    if "api" in settings.part_set:
        routes += [Route("/api", to_api), Mount("/api", build_api(settings))]
    return routes


def _warm_up() -> None:
    """Import what pages need, so that no visitor waits for it and the collector leaves it alone."""
    import duckdb  # noqa: F401
    import plotly.graph_objects as go  # noqa: F401

    import app.ui.frame.theme

    quiet()
    for found in walk_packages(app.ui.__path__, "app.ui."):
        import_module(found.name)
    app.ui.frame.theme.keep_theme()


def _chain_signals(gemba: Gemba) -> None:
    """Tell long-lived answers to end before the server waits for them."""

    def chained(number: int) -> None:
        before = signal.getsignal(number)

        def handler(signum: int, frame: FrameType | None) -> None:
            gemba.closing.set()
            if callable(before):
                before(signum, frame)

        signal.signal(number, handler)

    try:
        chained(signal.SIGTERM)
        chained(signal.SIGINT)
    except ValueError:
        log.debug("signals stay as they are outside the main thread")
