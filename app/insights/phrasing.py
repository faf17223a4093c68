"""A language model may phrase an answer or reword a question; it never supplies a figure."""

import re
from typing import Any, Final

import httpx
import structlog

from app.settings import Settings

log = structlog.get_logger()
LONGEST: Final = 1_200
NUMBER: Final = r"\d+(?:[.,]\d+)*"
PHRASE: Final = (
    "You phrase a finished answer about a factory for its manager, in one to three plain sentences. Use only "
    "the figures given, written exactly as they are; add none, compute none, and give no advice."
)
REWORD: Final = (
    "Reword the question so that it uses only these words for what is asked: {measures}; a machine, line or "
    "shift by its name; a time such as 'yesterday', 'last week', 'last 7 days', 'on Tuesday', '2026-03-01'; "
    "and 'by machine', 'by day', 'by line', 'by shift' or 'by reason'. Reply with the question alone."
)


def phrased(settings: Settings, question: str, sentence: str) -> str:
    """The answer in a model's words; empty without a model, or where its text has a figure of its own."""
    told = _asked(settings, PHRASE, f"Question: {question}\nAnswer: {sentence}")
    ours = {_digits(one) for one in re.findall(NUMBER, f"{question} {sentence}")}
    odd = [one for one in re.findall(NUMBER, told) if _digits(one) not in ours]
    if odd:
        log.warning(
            "the model's wording was refused: it has figures that are not in the answer", figures=odd[:5]
        )
        return ""
    return told


def reworded(settings: Settings, question: str, measures: list[str]) -> str:
    """The question in words that the parser knows, by a model; empty without one."""
    return _asked(settings, REWORD.format(measures=", ".join(measures)), question)


def _digits(text: str) -> str:
    return text.replace(",", "")


def _asked(settings: Settings, rule: str, text: str) -> str:
    if not settings.copilot_url:
        return ""
    messages = [{"role": "system", "content": rule}, {"role": "user", "content": text}]
    body = {"model": settings.copilot_model, "messages": messages, "temperature": 0, "max_tokens": 300}
    key = settings.copilot_key
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    address = settings.copilot_url.rstrip("/") + "/chat/completions"
    try:
        reply = httpx.post(address, json=body, headers=headers, timeout=settings.copilot_timeout_s)
        reply.raise_for_status()
        return _said(reply.json())
    except (httpx.HTTPError, ValueError) as error:
        log.warning("the model that phrases answers gave none", problem=str(error)[:200])
        return ""


def _said(body: Any) -> str:
    """The reply's text; ValueError where the body has another shape."""
    try:
        return str(body["choices"][0]["message"]["content"] or "").strip()[:LONGEST]
    except (KeyError, IndexError, TypeError):
        raise ValueError("the reply is not a chat completion") from None
