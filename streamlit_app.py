"""Launcher: `streamlit run streamlit_app.py` and `uvicorn streamlit_app:app` both serve Gemba."""

from app.logs import set_up
from app.server import build
from app.settings import load

settings = load()
set_up(settings)
app = build(settings)
