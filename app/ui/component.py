"""Components of our own: `assets/NAME.html`, `.css` and `.js`."""

from functools import cache
from importlib import resources
from typing import Any, cast

import msgspec
import streamlit as st

from app.ui.palette import token_colors


@cache
def component(name: str) -> Any:
    """The component of that name, made once a process; its script knows PALETTE and what drawing.js has."""
    folder = resources.files("app.ui") / "assets"
    html, css, script, drawing = (
        (folder / file).read_text("utf-8")
        for file in (f"{name}.html", f"{name}.css", f"{name}.js", "drawing.js")
    )
    palette = {"light": token_colors("light"), "dark": token_colors("dark")}
    js = f"const PALETTE = {msgspec.json.encode(palette).decode()}\n{drawing}{script}"
    made = st.components.v2.component(f"gemba_{name}", html=html, css=css, js=js, isolate_styles=False)
    return cast("Any", made)


def only_rerun() -> None:
    """What a component's event calls where the rerun itself is the answer: Streamlit wants a name for it."""
