"""The form's fields around the conditions: what it is called, where it applies, how its alerts live."""

from datetime import time, timedelta
from typing import Any, Final

import streamlit as st

from analytics.rules.conditions import STATES
from app.notify.kinds import CHANNELS
from app.rules.drafts import SCOPES
from app.ui.forms import Problems
from app.ui.rules.form import Form, channels_on
from app.ui.rules.words import (
    CHANNEL_WORDS,
    DAY_NAMES,
    UNKNOWN_WORDS,
    clock_of,
    date_of,
    suppressed_words,
    windows_of,
)
from app.ui.scene import Scene
from app.ui.selecting.zone import local_datetime

SCOPE_WORDS: Final = {"device": "Machines", "lines": "Lines", "types": "Types", "global": "Everything"}
SCHEDULE_WORDS: Final = {
    "always": "Always",
    "time_window": "Weekly windows",
    "date_range": "From day to day",
}
NUMBERS: Final = (
    ("on_delay_s", "On-delay (s)", 0, 86_400, "It must hold so long before the alert is raised."),
    ("off_delay_s", "Off-delay (s)", 0, 86_400, "It must be normal so long before the alert is cleared."),
    ("cooldown_minutes", "Cooldown (min)", 0, 43_200, "At most one alert in this time."),
    ("max_gap_s", "Longest gap (s)", 1, 604_800, "Without a sample for longer, the value is not known."),
    ("lateness_s", "Wait for late data (s)", 0, 3_600, "Samples this late still change an alert."),
)


def naming(at: Scene, form: Form, problems: Problems) -> None:
    """Name, description and what the rule watches."""
    left, right = st.columns([2, 3])
    with left:
        form.name = st.text_input("Name", form.name, key="re-name", max_chars=255)
        problems.here("name")
    with right:
        form.description = st.text_input(
            "Description", form.description, key="re-description", max_chars=2_000
        )
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    with left:
        scope = st.segmented_control(
            "Watches", SCOPES, default=form.scope, format_func=SCOPE_WORDS.__getitem__, key="re-scope",
            required=True,
        )  # fmt: skip
    if scope is not None and scope != form.scope:
        form.scope, form.target = scope, ()
    with right:
        _target(at, form)
        for field in ("device_ids", "lines", "types", "scope"):
            problems.here(field)


def _target(at: Scene, form: Form) -> None:
    names: dict[Any, str]
    if form.scope == "global":
        st.caption(f"All {len(at.plant.active)} machines, and those that come later.")
        return
    if form.scope == "device":
        names = {machine.id: machine.name for machine in at.plant.active}
    elif form.scope == "lines":
        names = {line.key: line.name for line in at.plant.rows.lines}
    else:
        names = {kind: kind for kind in sorted({one.type for one in at.plant.active if one.type})}
    chosen = st.multiselect(
        SCOPE_WORDS[form.scope], list(names), [one for one in form.target if one in names],
        format_func=names.__getitem__, key=f"re-target-{form.scope}", placeholder="choose",
    )  # fmt: skip
    form.target = tuple(chosen)


def life(form: Form, problems: Problems) -> None:
    """Delays, cooldown, gaps, and over how many machines."""
    cells = st.grid("auto", min_column_width=170, gap="small", key="re-life")
    for name, label, least, most, hint in NUMBERS:
        with cells.container():
            _number(form, name, label, least, most, hint)
            problems.here(name)
    with cells.container():
        words = list(UNKNOWN_WORDS)
        now = form.settings["unknown"]
        form.settings["unknown"] = st.selectbox(
            "Missing data", words, words.index(now) if now in words else 0, key="re-unknown",
            format_func=lambda one: UNKNOWN_WORDS[one].capitalize(),
        )  # fmt: skip
        problems.here("unknown")
    with cells.container():
        _number(
            form, "k", "Machines together", 0, 1_000,
            "0: each machine for itself. Else one alert when so many of them are in the condition.",
        )  # fmt: skip
        problems.here("k")
    suppression(form, problems)


def suppression(form: Form, problems: Problems) -> None:
    """In which states of the machine its alerts tell nobody; another condition is shown and stays."""
    now = form.settings["suppress"]
    states = now.get("states") if isinstance(now, dict) and now.get("kind") == "state" else None
    if now and (states is None or now.get("for_s")):
        st.caption(f"Suppressed by design while {suppressed_words(now)}. Files and the API can change that.")
        problems.here("suppress")
        return
    chosen = st.multiselect(
        "Suppressed by design while the machine is", list(STATES),
        [one for one in states or [] if one in STATES],
        format_func=lambda one: one.replace("_", " "), key="re-suppress", placeholder="never",
        help="Its alerts are listed as suppressed, told to nobody, and no part of the alarm load. What is "
        "still active afterwards is told then.",
    )  # fmt: skip
    form.settings["suppress"] = {"kind": "state", "states": chosen} if chosen else None
    problems.here("suppress")


def _number(form: Form, name: str, label: str, least: int, most: int, hint: str) -> None:
    value = form.settings[name]
    whole = isinstance(value, int)
    start: Any = int(value) if whole else float(value)
    step: Any = 1 if whole else 0.5
    low, high = (least, most) if whole else (float(least), float(most))
    given = st.number_input(
        label, low, high, min(max(start, low), high), step, key=f"re-{name}", help=hint,
        format="%d" if whole else "%g",
    )  # fmt: skip
    form.settings[name] = given


def sending(form: Form, problems: Problems) -> None:
    """The channels."""
    chosen = st.pills(
        "Sent by", CHANNELS, selection_mode="multi", default=channels_on(form), key="re-channels",
        format_func=CHANNEL_WORDS.__getitem__,
    )  # fmt: skip
    form.settings["notification_channels"] = {
        name: name in chosen
        for name in CHANNELS
        if name in chosen or name in form.settings["notification_channels"]
    }
    problems.here("notification_channels")


def times(at: Scene, form: Form, problems: Problems) -> None:
    """When the rule may raise alerts."""
    kinds = list(SCHEDULE_WORDS)
    now = form.settings["schedule_type"]
    kind = st.segmented_control(
        f"May raise alerts (clock of {at.access.factory.timezone})", kinds,
        default=now if now in kinds else "always", format_func=SCHEDULE_WORDS.__getitem__, key="re-schedule",
        required=True,
    )  # fmt: skip
    form.settings["schedule_type"] = kind
    if kind == "time_window":
        _windows(form)
    elif kind == "date_range":
        _days(at, form)
    for name in ("", ".days", ".start_time", ".start_date", ".end_date"):
        problems.here(f"schedule_config{name}")
    problems.here("schedule_type")


def _windows(form: Form) -> None:
    windows = [one for one in windows_of(form.settings["schedule_config"]) if "start_date" not in one]
    windows = windows or [{"start_time": "06:00", "end_time": "22:00", "days": [1, 2, 3, 4, 5]}]
    kept = []
    for place, window in enumerate(windows):
        made = _window(form, place, window, is_only=len(windows) == 1)
        if made is not None:
            kept.append(made)
    if len(kept) < len(windows):
        _windows_are(form, kept)
        st.rerun()
    if st.button("Another window", icon=":material/add:", key="re-window-add", type="tertiary"):
        _windows_are(form, [*kept, {"start_time": "06:00", "end_time": "14:00", "days": [6, 7]}])
        st.rerun()
    form.settings["schedule_config"] = kept[0] if len(kept) == 1 else {"windows": kept}


def _windows_are(form: Form, windows: list[dict[str, Any]]) -> None:
    """Other windows: their widgets begin afresh."""
    form.settings["schedule_config"] = {"windows": windows}
    form.window_round += 1


def _window(form: Form, place: int, window: dict[str, Any], *, is_only: bool) -> dict[str, Any] | None:
    """One window as the person left it; None when it was taken out."""
    key = f"re-window-{form.window_round}-{place}"
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"{key}-row"):
        start = st.time_input(
            "From", clock_of(window.get("start_time"), time(6)), key=f"{key}-from", step=900, width=120
        )
        end = st.time_input(
            "To", clock_of(window.get("end_time"), time(22)), key=f"{key}-to", step=900, width=120,
            help="An end that is not after the start is on the next day.",
        )  # fmt: skip
        days = st.pills(
            "Days on which it begins", range(1, 8), selection_mode="multi", key=f"{key}-days",
            default=[one for one in window.get("days") or range(1, 8) if one in range(1, 8)],
            format_func=lambda one: DAY_NAMES[one - 1],
        )  # fmt: skip
        is_out = st.button(
            "Take this window out", icon=":material/delete:", key=f"{key}-out", disabled=is_only,
            type="tertiary",
        )  # fmt: skip
    if is_out:
        return None
    return {"start_time": f"{start:%H:%M}", "end_time": f"{end:%H:%M}", "days": sorted(days)}


def _days(at: Scene, form: Form) -> None:
    config = form.settings["schedule_config"]
    today = local_datetime(at.now_us, at.zone).date()
    first = date_of(config.get("start_date"), today)
    last = date_of(config.get("end_date"), max(first, today) + timedelta(days=6))
    with st.container(horizontal=True):
        start = st.date_input("First day", first, key="re-first-day", width=170)
        end = st.date_input("Last day", last, key="re-last-day", width=170)
    form.settings["schedule_config"] = {"start_date": f"{start}", "end_date": f"{end}"}
