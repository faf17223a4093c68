"""A whole rule in plain words: where, when, how bad, and how its alerts come and go."""

from collections.abc import Mapping, Sequence
from datetime import date, time
from typing import Any, Final

from analytics.errors import InvalidInput
from analytics.rules.conditions import parse
from analytics.rules.rule import RANK
from analytics.rules.sentences import duration, sentence
from app.production.plant import Plant
from app.rules.drafts import Draft, targets
from app.rules.running import FIGURES, rule_parameters
from app.ui.rules.form import levels_of, settings_of
from app.ui.rules.tree import Offered

DAY_NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNKNOWN_WORDS: Final = {
    "hold": "keep what held before",
    "break": "end the alert",
    "true": "count as true",
    "false": "count as false",
}
CHANNEL_WORDS: Final = {
    "email": "e-mail", "whatsapp": "WhatsApp", "sms": "SMS", "slack": "Slack", "teams": "Teams",
    "webhook": "webhook", "apprise": "Apprise",
}  # fmt: skip
MOST_NAMED: Final = 4


def level_sentences(body: Mapping[str, Any], units: Mapping[str, str]) -> list[tuple[str, str]]:
    """Severity and sentence of each level, the worst first; one that cannot be read has an empty sentence."""
    found = []
    for level in levels_of(body):
        try:
            said = sentence(parse(level.get("conditions")), units)
        except InvalidInput:
            said = ""
        found.append((str(level.get("severity")), said))
    return sorted(found, key=lambda one: -RANK.get(one[0], 0))


def in_one(body: Mapping[str, Any], units: Mapping[str, str]) -> str:
    """The levels in one line."""
    parts = level_sentences(body, units)
    if len(parts) == 1:
        return parts[0][1]
    return "; ".join(f"{severity}: {said}" for severity, said in parts)


def scope_words(known: Plant, scope: str, target: Sequence[Any]) -> str:
    """What a rule watches, by name."""
    if scope == "global":
        return "all machines"
    if scope == "device":
        names = [known.machine_by_id[one].name for one in target if one in known.machine_by_id]
    elif scope == "lines":
        names = [known.line_by_key[one].name for one in target if one in known.line_by_key]
    else:
        names = [f"type {one}" for one in target]
    if not names:
        return "nothing yet"
    if len(names) > MOST_NAMED:
        return f"{', '.join(names[:MOST_NAMED])} and {len(names) - MOST_NAMED} more"
    return ", ".join(names)


def offered(known: Plant, scope: str, target: Sequence[Any]) -> list[Offered]:
    """The parameters of the watched machines by name, each key once; of all machines while none is chosen."""
    watched = targets(known, scope, target) or list(known.active)
    found: dict[str, Offered] = {}
    for machine in watched:
        for one in rule_parameters(known, machine.id):
            found.setdefault(one.key, Offered(one.key, one.display_name or one.key, one.unit, one.data_type))
    return sorted(found.values(), key=lambda one: one.name.lower())


def units_of(known: Plant) -> dict[str, str]:
    """The unit of each parameter of the plant."""
    return {one.key: one.unit for one in known.rows.parameters if one.unit} | dict.fromkeys(FIGURES, "%")


def whole(known: Plant, draft: Draft) -> list[str]:
    """The rule in sentences: one for each level, then its life, its times and its channels."""
    units, life = units_of(known), settings_of(draft.body)
    where = scope_words(known, draft.scope, draft.target)
    together = f"at least {life['k']} of {where} together" if life["k"] else where
    lines = [
        f"**{severity.capitalize()}** for {together}: when {said}."
        if said
        else f"**{severity.capitalize()}**: the conditions are not complete yet."
        for severity, said in level_sentences(draft.body, units)
    ]
    held = (
        [f"Suppressed by design while {suppressed_words(life['suppress'], units)}."]
        if life["suppress"]
        else []
    )
    return [*lines, _life(life), *held, _when(life), _sent(life)]


def suppressed_words(body: Any, units: Mapping[str, str] | None = None) -> str:
    """The condition that suppresses a rule's alerts; question marks where it cannot be read."""
    try:
        return sentence(parse(body), units)
    except InvalidInput:
        return "?"


def _life(life: Mapping[str, Any]) -> str:
    parts = []
    if _positive(life["on_delay_s"]):
        parts.append(f"raised after {duration(life['on_delay_s'])} without a break")
    if _positive(life["off_delay_s"]):
        parts.append(f"cleared {duration(life['off_delay_s'])} after it is back to normal")
    if _positive(life["cooldown_minutes"]):
        parts.append(f"at most one alert in {duration(60 * life['cooldown_minutes'])}")
    gap = duration(life["max_gap_s"]) if _positive(life["max_gap_s"]) else "?"
    means = UNKNOWN_WORDS.get(life["unknown"], "?")
    parts.append(f"gaps over {gap} {means}")
    said = "; ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _positive(value: Any) -> bool:
    return isinstance(value, int | float) and value > 0


def _when(life: Mapping[str, Any]) -> str:
    config = life["schedule_config"] if isinstance(life["schedule_config"], Mapping) else {}
    if life["schedule_type"] == "date_range":
        return f"From {config.get('start_date')} to {config.get('end_date')}, both days included."
    if life["schedule_type"] == "time_window":
        return f"Only {' and '.join(window_words(one) for one in windows_of(config))}."
    return "At all times."


def windows_of(config: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The weekly windows of a schedule, given one by one or as a list."""
    given = config.get("windows")
    parts = given if isinstance(given, list) else [config] if config else []
    return [dict(one) for one in parts if isinstance(one, Mapping)]


def window_words(window: Mapping[str, Any]) -> str:
    """One weekly window, like `Mon, Tue 06:00 to 14:00`."""
    days = window.get("days") or range(1, 8)
    names = ", ".join(DAY_NAMES[one - 1] for one in days if one in range(1, 8))
    whole_week = "every day" if len(list(days)) == len(DAY_NAMES) else names
    return f"{whole_week} {window.get('start_time', '?')} to {window.get('end_time', '?')}"


def _sent(life: Mapping[str, Any]) -> str:
    chosen = [word for name, word in CHANNEL_WORDS.items() if life["notification_channels"].get(name)]
    return f"Sent by {', '.join(chosen)}." if chosen else "Not sent anywhere: shown in Gemba only."


def clock_of(text: Any, instead: time) -> time:
    """A wall-clock time as written; `instead` where it is none."""
    try:
        return time.fromisoformat(str(text))
    except ValueError:
        return instead


def date_of(text: Any, instead: date) -> date:
    """A day as written; `instead` where it is none."""
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        return instead
