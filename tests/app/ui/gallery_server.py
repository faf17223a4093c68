"""The gallery behind the route that serves the drawing library, as the app mounts it."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.ui.charts.bundle import PLOTLY_HEADERS, PLOTLY_PATH, plotly_bundle_gzip


async def plotly(_: Request) -> Response:
    return Response(plotly_bundle_gzip(), headers={**PLOTLY_HEADERS, "Content-Encoding": "gzip"})


app = st.App(str(Path(__file__).with_name("gallery_app.py")), routes=[Route(PLOTLY_PATH, plotly)])
