"""Structured logs: one line an event, text for people or JSON for machines."""

import logging
import sys

import structlog
from structlog.typing import Processor

from app.settings import Settings

LEVELS = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def set_up(settings: Settings) -> None:
    """Send all log lines to standard error in the format that the settings ask for."""
    last: Processor = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            last,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[settings.log_level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(level=LEVELS["warning"], stream=sys.stderr, force=True)
    quiet()


def quiet() -> None:
    """Leave out the line per request of the server and of Streamlit; called again once both run."""
    for name in ("uvicorn", "uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).setLevel(LEVELS["warning"])
    # Importing the page parts outside a page, as the server does once, is not worth a warning each.
    logging.getLogger("streamlit.runtime.scriptrunner_utils.script_run_context").setLevel(LEVELS["error"])
