"""One process: the pages, the API, health, metrics, log-in routes and the background services."""

import asyncio
import gc
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import streamlit as st
import structlog
from starlette.middleware import Middleware
from starlette.routing import BaseRoute, Mount, Route

from app.api.application import build_api
from app.api.web import SecurityHeaders, asset, close_session, health, metrics, open_session, to_api
from app.bootstrap import Gemba, install, wire
from app.services import BackgroundServices
from app.settings import ROOT, Settings, load

log = structlog.get_logger()


def build(settings: Settings | None = None) -> st.App:
    """The ASGI application of the parts that the settings name."""
    chosen = settings or load()

    @asynccontextmanager
    async def lifespan(app: st.App) -> AsyncIterator[None]:
        gemba = await asyncio.to_thread(wire, chosen)
        install(gemba)
        services = BackgroundServices(gemba)
        await asyncio.to_thread(_warm_up)
        services.start()
        _chain_signals(gemba)
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

    return st.App(
        ROOT / "app" / "main.py",
        lifespan=lifespan,
        routes=_routes(chosen),
        middleware=[Middleware(SecurityHeaders)],
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
        routes += [Route("/api", to_api), Mount("/api", build_api())]
    return routes


def _warm_up() -> None:
    """Import what the first page needs, so that no visitor waits for it."""
    import duckdb  # noqa: F401
    import pandas as pd  # noqa: F401
    import plotly.graph_objects as go  # noqa: F401


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
