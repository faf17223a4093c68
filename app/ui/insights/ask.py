"""Ask in plain words: the question, the answer with its figures, and the query that was understood."""

import pandas as pd
import streamlit as st

from analytics.errors import GembaError
from app.insights.asking import Reply, ask
from app.ui.cards import error_card
from app.ui.formats import plain
from app.ui.parts import data_table
from app.ui.scene import Scene

EXAMPLES = (
    "OEE last week by machine",
    "Top 5 reasons for downtime in the last 7 days",
    "Why did we lose time yesterday?",
    "Energy per part by line this month",
    "Worst 3 machines by availability this week",
)
VALUES = ("value", "lower", "upper")
HEADS = {
    "part": "Part", "machine": "Machine", "line": "Line", "shift": "Shift", "day": "Day", "reason": "Reason",
    "loss": "Loss", "value": "Value", "lower": "At least", "upper": "At most", "coverage": "Known time",
    "remark": "Remark", "hours": "Hours", "stops": "Stops", "share": "Share",
}  # fmt: skip


def ask_card(at: Scene) -> None:
    """The field, examples to begin with, and the answer to what was asked."""
    with st.container(border=True, key="card-ask", gap="small"):
        text = st.text_input(
            "Ask in plain words", key="i_question", bind="query-params", max_chars=500,
            placeholder=EXAMPLES[0], icon=":material/search:",
        )  # fmt: skip
        if not text:
            _examples()
            return
        try:
            reply = _reply(at.access.factory.id, text, at.stamp, at.now_us // 60_000_000, at)
        except GembaError as error:
            error_card(error)
            _examples()
            return
        _draw(reply)


def _format(name: str, shares: set[str], unit: str) -> str:
    if name in shares:
        return "percent"
    if name == "hours":
        return "%.1f h"
    return f"%,.2f {unit}".strip() if name in VALUES else "localized"


def _examples() -> None:
    with st.container(horizontal=True, gap="small"):
        for number, example in enumerate(EXAMPLES):
            st.button(example, key=f"ask-{number}", on_click=_take, args=(example,))


def _take(example: str) -> None:
    st.session_state["i_question"] = example


@st.cache_data(ttl=120, max_entries=128, show_spinner="Looking it up ...")
def _reply(factory: int, text: str, stamp: int, minute: int, _at: Scene) -> Reply:
    return ask(_at.access, text)


def _draw(reply: Reply) -> None:
    found = reply.answer
    st.markdown(f"**{plain(reply.wording or found.sentence)}**")
    if reply.wording:
        st.caption(f"Worded by the language model; the figures: {plain(found.sentence)}")
    if found.unknown:
        words = ", ".join(found.unknown)
        st.warning(f"Not understood, and left out: {plain(words)}", icon=":material/help:")
    if len(found.rows) > 1:
        table = pd.DataFrame(list(found.rows)).replace("", None).dropna(axis=1, how="all")
        shares = {"coverage", "share", *(VALUES if found.unit == "%" else ())}
        columns = {
            HEADS[name]: st.column_config.NumberColumn(HEADS[name], format=_format(name, shares, found.unit))
            for name in (*VALUES, "coverage", "hours", "stops", "share")
        }
        table = table[[name for name in HEADS if name in table]].rename(columns=HEADS)
        data_table(
            table, key="answer", label="The figures behind the answer", download_name="answer",
            columns=columns,
        )  # fmt: skip
    asked = f" · asked as: {plain(reply.asked)}" if reply.asked else ""
    st.caption(f"Query: `{found.query}`{asked}")
