"""One fixed colour per state, time class and loss, in the light and the dark theme, doubled by icon and word.

ISA-101: what is normal is calm, only what is abnormal is strong. Figures name a colour by its token
(`@state.down`); the chart component, or `resolve` on the server, turns tokens into the colours of the theme
that is on.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from analytics.vocabulary import (
    LOSS_LABELS,
    STATE_LABELS,
    STATE_WORDS,
    TIME_CLASS_LABELS,
    Loss,
    State,
    TimeClass,
)

Mode = Literal["light", "dark"]
BadgeColor = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray", "primary"]


@dataclass(frozen=True, slots=True)
class Tone:
    """How one meaning looks: colour per theme, badge colour, icon, word, and a hatch for "no data"."""

    token: str
    light: str
    dark: str
    badge: BadgeColor
    icon: str
    word: str
    hatch: str = ""

    def color(self, mode: Mode) -> str:
        """The hexadecimal colour in one theme."""
        return self.light if mode == "light" else self.dark


_Look = tuple[str, str, BadgeColor, str]

_CALM: Final[_Look] = ("#8DBFB8", "#2F7F78", "green", "play_circle")
_AMBER: Final[_Look] = ("#C88700", "#E5B22E", "orange", "pause_circle")
_BLUE: Final[_Look] = ("#3E6CB5", "#6E9BE8", "blue", "build_circle")
_GREY: Final[_Look] = ("#6B7581", "#A3ADB9", "gray", "event_busy")
_RED: Final[_Look] = ("#B3201B", "#F2564B", "red", "error")
_PALE: Final[_Look] = ("#DCE1E7", "#323B45", "gray", "power_settings_new")
_NONE: Final[_Look] = ("#F2F4F6", "#1B232B", "gray", "cloud_off")
_SLOW: Final[_Look] = ("#A487D3", "#CFC2F7", "violet", "speed")
_SCRAP: Final[_Look] = ("#EB5F8A", "#F7B3CF", "violet", "delete")
_START: Final[_Look] = ("#3B2A1E", "#AC9274", "gray", "hourglass_top")


def _tone(token: str, look: _Look, word: str, hatch: str = "") -> Tone:
    light, dark, badge, icon = look
    return Tone(token, light, dark, badge, f":material/{icon}:", word, hatch)


_STATE_LOOKS: Final[dict[State, _Look]] = {
    State.UNKNOWN: _NONE,
    State.RUNNING: _CALM,
    State.IDLE: _AMBER,
    State.SETUP: _BLUE,
    State.PLANNED_STOP: _GREY,
    State.DOWN: _RED,
    State.OFF: _PALE,
}
_CLASS_LOOKS: Final[dict[TimeClass, _Look]] = {
    TimeClass.UNKNOWN: _NONE,
    TimeClass.PRODUCING: _CALM,
    TimeClass.MINOR_STOP: _AMBER,
    TimeClass.SETUP: _BLUE,
    TimeClass.UNPLANNED_STOP: _RED,
    TimeClass.PLANNED_STOP: _GREY,
    TimeClass.NOT_SCHEDULED: _PALE,
}
_LOSS_LOOKS: Final[dict[Loss, _Look]] = {
    Loss.BREAKDOWN: _RED,
    Loss.SETUP: _BLUE,
    Loss.MINOR_STOP: _AMBER,
    Loss.REDUCED_SPEED: _SLOW,
    Loss.DEFECT: _SCRAP,
    Loss.STARTUP: _START,
}


def _hatch(look: _Look) -> str:
    return "/" if look is _NONE else ""


STATE_TONES: Final[Mapping[State, Tone]] = MappingProxyType(
    {
        state: _tone(f"@state.{STATE_WORDS[state]}", look, STATE_LABELS[state], _hatch(look))
        for state, look in _STATE_LOOKS.items()
    }
)
CLASS_TONES: Final[Mapping[TimeClass, Tone]] = MappingProxyType(
    {
        item: _tone(f"@class.{item.name.lower()}", look, TIME_CLASS_LABELS[item], _hatch(look))
        for item, look in _CLASS_LOOKS.items()
    }
)
LOSS_TONES: Final[Mapping[Loss, Tone]] = MappingProxyType(
    {loss: _tone(f"@loss.{loss.value}", look, LOSS_LABELS[loss]) for loss, look in _LOSS_LOOKS.items()}
)

SERIES_LIGHT: Final = ("#0F766E", "#E0620D", "#1D4E9E", "#C65D9B", "#58A421", "#5B3A1E", "#3697D5")
SERIES_DARK: Final = ("#1FA38C", "#F5A121", "#5B7BE8", "#F0CBE3", "#B9E07A", "#A0714A", "#2ECBFA")
SERIES_DASHES: Final = ("solid", "dash", "dot", "dashdot")

_SURFACES: Final[dict[str, tuple[str, str]]] = {
    "@text": ("#101820", "#EEF2F5"),
    "@muted": ("#54606B", "#A9B4BF"),
    "@grid": ("#E3E8EC", "#2A343E"),
    "@paper": ("#FFFFFF", "#12181E"),
    "@panel": ("#F4F6F8", "#1B232B"),
    "@accent": ("#0F766E", "#2F9E92"),
    "@good": ("#0F766E", "#2F9E92"),
    "@hatch": ("#8A949E", "#6F7A85"),
    "@limit": ("#B3201B", "#F2564B"),
    "@target": ("#101820", "#EEF2F5"),
}


def series_token(index: int) -> str:
    """The colour of the n-th telemetry series; after the seventh the colours repeat (see `series_dash`)."""
    return f"@series.{index % len(SERIES_LIGHT)}"


def series_dash(index: int) -> str:
    """The dash of the n-th series: series that share a colour differ in their dash."""
    return SERIES_DASHES[index // len(SERIES_LIGHT) % len(SERIES_DASHES)]


def faded(token: str, opacity: float) -> str:
    """The same token at an opacity between 0 and 1, as `@token/0.2`."""
    return f"{token}/{opacity:g}"


def token_colors(mode: Mode) -> dict[str, str]:
    """Every token with its hexadecimal colour in one theme."""
    index = 0 if mode == "light" else 1
    tones = (*STATE_TONES.values(), *CLASS_TONES.values(), *LOSS_TONES.values())
    series = SERIES_LIGHT if mode == "light" else SERIES_DARK
    return {
        **{tone.token: tone.color(mode) for tone in tones},
        **{f"@series.{position}": color for position, color in enumerate(series)},
        **{token: pair[index] for token, pair in _SURFACES.items()},
    }


def _resolve_text(text: str, colors: Mapping[str, str]) -> str:
    token, _, opacity = text.partition("/")
    color = colors.get(token)
    if color is None:
        return text
    if not opacity:
        return color
    red, green, blue = (int(color[start : start + 2], 16) for start in (1, 3, 5))
    return f"rgba({red},{green},{blue},{opacity})"


def _resolve_any(value: Any, colors: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return _resolve_text(value, colors) if value.startswith("@") else value
    if isinstance(value, Mapping):
        return {key: _resolve_any(item, colors) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes)):
        return [_resolve_any(item, colors) for item in value]
    return value


def resolve(figure: Mapping[str, Any], mode: Mode) -> dict[str, Any]:
    """The figure with each colour token replaced by its colour in one theme (for files drawn on the server).

    Texts that start with `@` but are no token stay as they are; arrays are not looked into.
    """
    colors = token_colors(mode)
    return {key: _resolve_any(value, colors) for key, value in figure.items()}
