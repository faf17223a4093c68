"""Colours mean one thing each, stay apart for colour-blind eyes, and text is readable in both themes."""

import itertools
import tomllib
from pathlib import Path

import numpy as np
import pytest

from analytics.vocabulary import Loss, State, TimeClass
from app.ui.palette import (
    CLASS_TONES,
    LOSS_TONES,
    SERIES_DARK,
    SERIES_LIGHT,
    STATE_TONES,
    faded,
    resolve,
    series_dash,
    series_token,
    token_colors,
)

CONFIG = tomllib.loads((Path(__file__).parents[3] / ".streamlit/config.toml").read_text("utf-8"))
# Machado, Oliveira, Fernandes 2009, severity 1.
VISION = {
    "normal": np.eye(3),
    "protan": np.array(
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def _linear(color):
    raw = np.array([int(color[at : at + 2], 16) for at in (1, 3, 5)]) / 255
    return np.where(raw <= 0.04045, raw / 12.92, ((raw + 0.055) / 1.055) ** 2.4)


def _contrast(one, other):
    low, high = sorted(float(_linear(color) @ [0.2126, 0.7152, 0.0722]) for color in (one, other))
    return (high + 0.05) / (low + 0.05)


def _lab(light):
    ratio = TO_XYZ @ np.clip(light, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def _closest(colors):
    return min(
        float(np.linalg.norm(_lab(seen @ _linear(one)) - _lab(seen @ _linear(other))))
        for seen in VISION.values()
        for one, other in itertools.combinations(colors, 2)
    )


@pytest.mark.parametrize("mode", ["light", "dark"])
@pytest.mark.parametrize("tones", [STATE_TONES, CLASS_TONES, LOSS_TONES], ids=["state", "class", "loss"])
def test_filled_colours_of_a_set_stay_apart_for_every_kind_of_colour_vision(tones, mode):
    assert _closest([tone.color(mode) for tone in tones.values() if not tone.hatch]) >= 12


@pytest.mark.parametrize("colors", [SERIES_LIGHT, SERIES_DARK], ids=["light", "dark"])
def test_series_colours_stay_apart_for_every_kind_of_colour_vision(colors):
    assert _closest(colors) >= 12


def test_every_meaning_has_a_tone_with_icon_and_word():
    assert set(STATE_TONES) == set(State)
    assert set(CLASS_TONES) == set(TimeClass)
    assert set(LOSS_TONES) == set(Loss)
    for tones in (STATE_TONES, CLASS_TONES, LOSS_TONES):
        assert len({tone.word for tone in tones.values()}) == len(tones)
        assert all(tone.icon.startswith(":material/") for tone in tones.values())


def test_only_no_data_is_hatched():
    assert [state for state, tone in STATE_TONES.items() if tone.hatch] == [State.UNKNOWN]
    assert [item for item, tone in CLASS_TONES.items() if tone.hatch] == [TimeClass.UNKNOWN]


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_what_is_abnormal_stands_out_from_the_background_and_running_is_calmer(mode):
    paper = CONFIG["theme"][mode]["backgroundColor"]
    down, running = (
        _contrast(STATE_TONES[state].color(mode), paper) for state in (State.DOWN, State.RUNNING)
    )
    assert down >= 4.5
    assert down > running
    assert _contrast(STATE_TONES[State.IDLE].color(mode), paper) >= 3


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_texts_and_captions_of_the_theme_reach_aa(mode):
    theme = CONFIG["theme"][mode]
    for paper in (theme["backgroundColor"], theme["secondaryBackgroundColor"]):
        mixed = _mixed(theme["textColor"], paper, 0.6)
        assert _contrast(theme["textColor"], paper) >= 7
        assert _contrast(mixed, paper) >= 4.5
        assert _contrast(theme["linkColor"], paper) >= 4.5
        assert _contrast(token_colors(mode)["@muted"], paper) >= 4.5
    assert _contrast("#FFFFFF", theme["primaryColor"]) >= 4.5
    for name in ("red", "orange", "green", "blue", "violet", "gray"):
        assert _contrast(theme[f"{name}TextColor"], theme[f"{name}BackgroundColor"]) >= 4.5


def _mixed(text, paper, share):
    pairs = [(int(text[at : at + 2], 16), int(paper[at : at + 2], 16)) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in pairs)


def test_the_theme_and_the_palette_name_the_same_colours():
    for mode, series in (("light", SERIES_LIGHT), ("dark", SERIES_DARK)):
        theme, colors = CONFIG["theme"][mode], token_colors(mode)
        assert tuple(theme["chartCategoricalColors"]) == series
        assert theme["textColor"] == colors["@text"]
        assert theme["backgroundColor"] == colors["@paper"]
        assert theme["secondaryBackgroundColor"] == colors["@panel"]
        assert theme["redColor"] == STATE_TONES[State.DOWN].color(mode)
        assert theme["blueColor"] == STATE_TONES[State.SETUP].color(mode)
        assert theme["orangeColor"] == STATE_TONES[State.IDLE].color(mode)
    assert set(token_colors("light")) == set(token_colors("dark"))


def test_the_theme_loads_no_font_from_another_host():
    fonts = [CONFIG["theme"][name] for name in ("font", "headingFont", "codeFont")]
    assert all(font in {"sans-serif", "serif", "monospace"} for font in fonts)


def test_series_beyond_the_seventh_repeat_the_colour_with_another_dash():
    looks = [(series_token(index), series_dash(index)) for index in range(28)]
    assert len(set(looks)) == 28


def test_resolve_replaces_tokens_at_any_depth_and_leaves_other_texts():
    figure = {
        "data": [{"marker": {"color": ["@state.down", faded("@state.down", 0.25)]}, "name": "@home"}],
        "layout": {"height": 3},
    }
    solved = resolve(figure, "light")
    assert solved["data"][0] == {"marker": {"color": ["#B3201B", "rgba(179,32,27,0.25)"]}, "name": "@home"}
    assert resolve(figure, "dark")["data"][0]["marker"]["color"][0] == "#F2564B"
    assert solved["layout"] == {"height": 3}
