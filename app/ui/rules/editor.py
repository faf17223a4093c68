"""The editor of a rule: name, conditions, life, times, channels, what it says, what it would have done."""

import json
from collections.abc import Mapping

import streamlit as st

from analytics.errors import FieldProblem, InvalidInput
from app.rules import store
from app.rules.drafts import Draft, checked
from app.ui.forms import Problems
from app.ui.rules.form import Form, leave, levels_of
from app.ui.rules.look_back import look_back_card
from app.ui.rules.marks import elsewhere, marks
from app.ui.rules.settings import life, naming, sending, times
from app.ui.rules.tree import condition_tree
from app.ui.rules.words import offered, whole
from app.ui.scene import Scene


def rule_editor(at: Scene, form: Form) -> None:
    """Draw the editor; saving closes it."""
    problems = Problems("rule")
    with st.container(border=True):
        naming(at, form, problems)
    with st.container(border=True):
        found = _conditions(at, form)
    meaning = st.container(border=True, key="re-meaning")
    history = st.container(border=True, key="re-look-back")
    with st.container(border=True, key="re-around"):
        st.markdown("##### How its alerts come and go")
        life(form, problems)
        times(at, form, problems)
        sending(form, problems)
    with meaning:
        _meaning(at, form)
    _others(problems)
    _buttons(at, form, problems)
    with history:
        look_back_card(at, form.draft(), is_sound=not found)


def mistakes(at: Scene, draft: Draft) -> list[FieldProblem]:
    """What is wrong with a draft, by place."""
    try:
        checked(at.plant, draft)
    except InvalidInput as error:
        return list(error.problems)
    return []


def _conditions(at: Scene, form: Form) -> Mapping[str, str]:
    """The tree and its JSON; returns the mistakes of the whole draft that keep it from running."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown("##### Conditions")
        view = st.segmented_control(
            "View", ["Tree", "JSON"], default="Tree", key="re-view", label_visibility="collapsed",
            required=True, width="content",
        )  # fmt: skip
    problems = mistakes(at, form.draft())
    found = marks(form.levels, problems)
    if view == "Tree":
        shown = {} if form.is_untouched else found
        condition_tree(form, offered(at.plant, form.scope, form.target), shown)
        return found
    _as_json(form)
    if found:
        lines = [f":material/error: {_place_words(form, place)}: {said}" for place, said in found.items()]
        st.markdown("  \n".join(f":red[{line}]" for line in lines))
    return found


def _place_words(form: Form, place: str) -> str:
    """The place of a mistake as the API writes it."""
    path, _, field = place.partition(":")
    level, *steps = path.split("/")
    words = "conditions" + "".join(f"[{step}]" for step in steps) + (f".{field}" if field else "")
    return f"levels[{level}].{words}" if len(form.levels) > 1 else words


def _as_json(form: Form) -> None:
    """The conditions as JSON, which can be edited; what is not JSON changes nothing."""
    text = st.text_area(
        "The conditions as JSON", form.text(), key=f"re-json-{form.round}", height=360,
        help="One level has `severity` and `conditions`; several are a list named `levels`.",
    )  # fmt: skip
    if not st.button("Take this over", icon=":material/check:", key="re-json-take"):
        return
    try:
        body = json.loads(text or "")
    except json.JSONDecodeError as error:
        st.error(f"Line {error.lineno}, column {error.colno}: {error.msg}", icon=":material/error:")
        return
    problem = _taken(form, body)
    if problem:
        st.error(problem, icon=":material/error:")
        return
    st.rerun()


def _taken(form: Form, body: object) -> str:
    """Put conditions into the form; returns why they cannot be."""
    if not isinstance(body, dict):
        return "Conditions are an object."
    levels = body.get("levels") or [body.get("conditions")]
    if not isinstance(levels, list) or not all(isinstance(one, dict) for one in levels):
        return "Give `conditions` with `severity`, or a list of `levels` that have them."
    if not all(isinstance(one.get("conditions"), dict) for one in body.get("levels") or []):
        return "Each level has `conditions`."
    form.change(levels_of(body))
    form.round += 1
    return ""


def _meaning(at: Scene, form: Form) -> None:
    st.markdown("##### What it says")
    st.markdown("  \n".join(whole(at.plant, form.draft())))


def _others(problems: Problems) -> None:
    """The mistakes of the last try that have no field here; those of the tree stand at their nodes."""
    kept = [FieldProblem(field, message) for field, message in problems.found.items()]
    outside = elsewhere(kept)
    if len(outside) < len(kept):
        st.error("The conditions are not complete: see the marks above.", icon=":material/error:")
    for problem in outside:
        if problem.field in {"", "levels"}:
            st.error(problem.message, icon=":material/error:")


def _buttons(at: Scene, form: Form, problems: Problems) -> None:
    with st.container(horizontal=True):
        if st.button("Cancel", key="re-cancel"):
            problems.clear()
            leave()
            st.rerun()
        if st.button("Save as draft", icon=":material/save:", key="re-save"):
            _saved(at, form, problems, publish=False)
        if st.button("Save and publish", type="primary", icon=":material/publish:", key="re-publish"):
            _saved(at, form, problems, publish=True)


def _saved(at: Scene, form: Form, problems: Problems, *, publish: bool) -> None:
    draft, form.is_tried = form.draft(), True

    def keep() -> None:
        if form.id is None:
            store.add_rule(at.access, draft, publish=publish)
        else:
            store.edit_rule(at.access, form.id, form.version, draft, publish=publish)

    if problems.attempt(keep):
        leave()
        st.session_state["rules-done"] = f"{draft.name} is {'published' if publish else 'kept as a draft'}."
        st.rerun()
    if problems.found:
        st.rerun()
