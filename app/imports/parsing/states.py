"""Machine states as files spell them: words, synonyms, PackML names and numbers; and yes or no."""

from typing import Final

from analytics.vocabulary import STATE_WORDS, ReasonCategory, State

SYNONYMS: Final[dict[State, str]] = {
    State.RUNNING: "run running producing production productive execute executing active on auto automatic "
    "operating operation work working normal completing uptime",
    State.IDLE: "idle standby waiting wait starved blocked suspended suspending unsuspending complete "
    "completed ready no_material no_operator no_orders micro_stop",
    State.SETUP: "setup set_up changeover change_over tool_change starting resetting adjustment warm_up "
    "warmup product_change",
    State.PLANNED_STOP: "planned_stop planned planned_downtime scheduled_stop scheduled_down break pause "
    "lunch meeting maintenance planned_maintenance preventive_maintenance cleaning",
    State.DOWN: "down stop stopped stopping fault faulted failure failed error breakdown broken alarm "
    "aborted aborting held holding unholding clearing unplanned unplanned_stop unplanned_downtime "
    "downtime repair emergency_stop unscheduled_down",
    State.OFF: "off powered_off power_off switched_off shutdown not_scheduled non_scheduled closed",
    State.UNKNOWN: "unknown offline no_data undefined disconnected",
}
"""Spellings per state, with underscores for spaces; the state's own word is always one of them."""

BY_WORD: Final[dict[str, State]] = {
    word: state for state, words in SYNONYMS.items() for word in (*words.split(), STATE_WORDS[state])
}

PACKML: Final[dict[int, State]] = {
    0: State.UNKNOWN,
    1: State.DOWN,
    2: State.DOWN,
    3: State.SETUP,
    4: State.IDLE,
    5: State.IDLE,
    6: State.RUNNING,
    7: State.DOWN,
    8: State.DOWN,
    9: State.DOWN,
    10: State.DOWN,
    11: State.DOWN,
    12: State.DOWN,
    13: State.IDLE,
    14: State.IDLE,
    15: State.SETUP,
    16: State.RUNNING,
    17: State.IDLE,
}
"""ISA-TR88.00.02 numbers. Suspended (5, 13, 14) has its cause outside the machine, held (10 to 12) inside."""

NUMBERINGS: Final = ("gemba", "packml")
NO_NUMBERING: Final = (
    "States are numbers here: say which numbering they follow (--set state_numbers=packml, or gemba: "
    "0 unknown, 1 running, 2 idle, 3 set-up, 4 planned stop, 5 down, 6 off)."
)
FLAGS: Final[dict[str, bool]] = {
    **dict.fromkeys(("yes", "y", "true", "1", "x", "ja", "on"), True),
    **dict.fromkeys(("no", "n", "false", "0", "", "nein", "off", "-"), False),
}
_CATEGORIES: Final[dict[str, ReasonCategory]] = {
    **{category.value: category for category in ReasonCategory},
    "unplanned_stop": ReasonCategory.UNPLANNED,
    "breakdown": ReasonCategory.UNPLANNED,
    "changeover": ReasonCategory.SETUP,
    "set_up": ReasonCategory.SETUP,
    "planned_stop": ReasonCategory.PLANNED,
    "break": ReasonCategory.PLANNED,
    "maintenance": ReasonCategory.PLANNED,
    "outside": ReasonCategory.EXTERNAL,
}


def _plain(text: str) -> str:
    return "_".join(text.strip().lower().replace("-", " ").replace("_", " ").replace("/", " ").split())


def state_of(text: str, numbering: str) -> tuple[State | None, str]:
    """The state that a cell means, or None with the reason.

    Numbers need a numbering, "gemba" (0 unknown to 6 off) or "packml", because the two disagree.

    >>> state_of("Planned Stop", "")[0]
    <State.PLANNED_STOP: 4>
    """
    word = _plain(text)
    if word in BY_WORD:
        return BY_WORD[word], ""
    digits = word.removesuffix(".0")
    if not digits.isdecimal() or not digits.isascii():
        known = ", ".join(STATE_WORDS.values())
        return None, f"'{text}' is no known state; use one of {known}, or a PackML name."
    number = int(digits)
    if not numbering:
        return None, NO_NUMBERING
    found = PACKML.get(number) if numbering == "packml" else next((s for s in State if s == number), None)
    return found, "" if found is not None else f"{number} is no state number of {numbering}."


def category_of(text: str) -> ReasonCategory | None:
    """The branch of the reason tree that a word names; an empty cell is an unplanned stop."""
    return _CATEGORIES.get(_plain(text)) if text.strip() else ReasonCategory.UNPLANNED
