"""The parts in a script, without a browser: what they draw, what they return, what the URL does."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app.ui.tiles import _change, written


def _app(body):
    return AppTest.from_string(HEAD + body, default_timeout=120)


HEAD = """
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo
import pandas as pd
import streamlit as st
from analytics.errors import FieldProblem, InvalidInput, StoreUnavailable
from analytics.vocabulary import State
from app.ui.parts import *
from app.ui.selecting.ranges import RangeKey
NOW_US = int(datetime(2026, 11, 20, 13, 42, tzinfo=UTC).timestamp()) * 1_000_000
"""
SELECT = """
chosen = select(
    now_us=NOW_US, zone=ZoneInfo("Europe/Berlin"), day_start=time(6),
    shifts={"early": "Early"},
    lines={"a": "Line A", "b": "Line B"},
    machines={"M01": "Furnace", "M02": "Shear", "M03": "Shear"},
    machine_lines={"M01": "a", "M02": "b", "M03": "b"},
)
st.text(f"{chosen.range_key}|{','.join(chosen.lines)}|{','.join(chosen.machines)}|{chosen.label}")
"""


def _chosen(app):
    assert not app.exception
    return app.text[0].value


def _with(**params):
    app = _app(SELECT)
    for name, value in params.items():
        app.query_params[name] = value
    return app.run()


def test_without_a_url_the_selection_is_today_and_everything():
    assert _chosen(_with()) == "today|||Today, Fri 20 Nov"


def test_a_link_by_keys_selects():
    app = _with(t_range="7d", f_line="b", f_machine=["M02", "M03"])
    assert _chosen(app) == "7d|b|M02,M03|Last 7 days, 14 Nov to 20 Nov"
    assert not app.caption


def test_a_link_by_names_selects():
    app = _with(t_range="7 days", f_line="Line B", f_machine="Shear (M03)")
    assert _chosen(app).startswith("7d|b|M03|")


@pytest.mark.parametrize(
    "params",
    [
        {"t_range": "x" * 500},
        {"f_line": "nowhere"},
        {"f_machine": ["M99", "<script>"]},
        {"t_range": ["today", "nonsense"]},
    ],
)
def test_a_wrong_value_in_the_url_is_left_out_with_a_note(params):
    app = _with(**params)
    assert _chosen(app) == "today|||Today, Fri 20 Nov"
    assert "left out" in app.caption[0].value


def test_a_known_machine_in_the_url_survives_an_unknown_one():
    app = _with(f_machine=["M99", "M01"])
    assert _chosen(app).split("|")[2] == "M01"
    assert "M99" in app.caption[0].value


@pytest.mark.parametrize("days", ["2026-11-32", "yesterday", ["2026-11-20", "2026-11-01"]])
def test_wrong_dates_in_the_url_never_raise(days):
    app = _with(t_range="custom", t_days=days)
    assert _chosen(app).split("|")[0] in {"custom", "today"}


def test_dates_in_the_url_select_whole_days():
    app = _with(t_range="custom", t_days=["2026-11-02", "2026-11-03"])
    assert _chosen(app) == "custom|||02 Nov to 03 Nov"


def test_choosing_a_line_narrows_the_machines():
    app = _with().multiselect("f_line").select("a").run()
    assert list(app.multiselect("f_machine").options) == ["Furnace"]
    assert _chosen(app).startswith("today|a||")


def test_one_machine_is_always_exactly_one():
    body = SELECT.replace("    lines=", "    one_machine=True,\n    lines=")
    app = _app(body).run()
    assert _chosen(app).split("|")[2] == "M01"
    app = _app(body)
    app.query_params["f_machine"] = "M03"
    assert _chosen(app.run()).split("|")[2] == "M03"


KEPT = {"t_range": "7d", "f_line": ("b", "gone"), "f_machine": ("M02",)}


def test_what_was_chosen_on_the_page_before_still_counts():
    app = _app(SELECT)
    app.session_state["selection-kept"], app.session_state["selection-page"] = KEPT, "another"
    assert _chosen(app.run()).startswith("7d|b|M02|")
    app = _app(SELECT)
    app.session_state["selection-kept"] = {
        "t_range": "custom",
        "t_days": (date(2026, 11, 2), date(2026, 11, 3)),
    }
    app.session_state["selection-page"] = "another"
    assert _chosen(app.run()) == "custom|||02 Nov to 03 Nov"


def test_a_link_says_all_of_it_whatever_was_chosen_before():
    app = _app(SELECT)
    app.session_state["selection-kept"], app.session_state["selection-page"] = KEPT, "another"
    app.query_params["f_line"] = "a"
    assert _chosen(app.run()).startswith("today|a||")


def test_one_machine_is_not_taken_from_a_choice_of_several_nor_left_behind():
    app = _app(SELECT.replace("    lines=", "    one_machine=True,\n    lines="))
    app.session_state["selection-kept"] = {"f_machine": ("M02",)}
    app.session_state["selection-page"] = "another"
    assert _chosen(app.run()).split("|")[2] == "M01"
    assert "f_machine" not in app.session_state["selection-kept"]


@pytest.mark.parametrize("several", [[], ["M02"]])
def test_several_machines_of_another_page_are_not_taken_for_one(several):
    app = _app(SELECT.replace("    lines=", "    one_machine=True,\n    lines="))
    app.session_state["f_machine"] = several
    assert _chosen(app.run()).split("|")[2] == "M01"


def test_a_tile_shows_value_change_bounds_and_coverage():
    app = _app(
        'kpi_tile("OEE", 0.7479, key="oee", target=0.8, comparison=Comparison(0.75, "last week"),'
        " coverage=0.94, bounds=(0.7, 0.76))"
    ).run()
    assert not app.exception
    tile = app.metric[0]
    assert (tile.label, tile.value.replace("\u202f", " "), tile.delta) == ("OEE", "74.8 %", "-0.2 pp")
    words = " ".join(each.value for each in app.caption).replace("\u202f", " ")
    assert words == ("Target 80.0 %: 5.2 pp below  \ndata for 94 % of the time  \nbetween 70.0 % and 76.0 %")


def test_a_tile_without_a_value_says_what_is_missing_and_shows_no_change():
    app = _app(
        'kpi_tile("OEE", None, key="oee", missing="no ideal cycle time",'
        ' comparison=Comparison(0.7, "last week"))'
    ).run()
    assert app.metric[0].value == "–"
    assert not app.metric[0].delta
    assert app.caption[0].value == "Not evaluable: no ideal cycle time"


@pytest.mark.parametrize(
    ("value", "before", "unit", "expected"),
    [
        (0.8, 0.8001, "%", "no change"),
        (0.8, 0.75, "%", "+5.0 pp"),
        (0.75, 0.8, "%", "-5.0 pp"),
        (90, 100.2, "min", "-10 min"),
        (100.2, 100.3, "min", "no change"),
        (12.0, 10.0, "t", "+2.0 t"),
    ],
)
def test_an_arrow_follows_the_shown_digits_only(value, before, unit, expected):
    from app.ui.tiles import Comparison

    assert _change(value, Comparison(before, "last week"), unit, 1) == expected


def test_minutes_are_written_as_hours():
    assert written(425.0, "min") == "7:05 h"


def test_an_error_card_says_what_is_wrong_at_which_field_and_escapes_markup():
    app = _app(
        'error_card(InvalidInput(FieldProblem("good_units", "Too *many*."),'
        ' FieldProblem("end", "Before [start](x).")))'
    ).run()
    assert app.warning[0].value == "- **good\\_units**: Too \\*many\\*.\n- **end**: Before \\[start\\](x)."


def test_an_error_card_offers_to_try_again():
    app = _app(
        'error_card(StoreUnavailable("No answer."), lambda: st.session_state.update(tried=True))\n'
        'st.text(st.session_state.get("tried", False))'
    ).run()
    assert app.error[0].value == "No answer."
    assert app.button[0].click().run().text[0].value == "True"


def test_an_empty_state_says_how_to_begin():
    app = _app('empty_state("No machines", "Add one.", ("Add", lambda: st.session_state.update(go=1)))').run()
    assert app.button[0].label == "Add"
    app.button[0].click().run()
    assert app.session_state["go"] == 1


@pytest.mark.parametrize(
    ("last", "note"),
    [("NOW_US - 1", None), ("NOW_US - 900_000_000", "15 min ago"), ("None", "none yet")],
)
def test_old_data_is_named_with_its_age(last, note):
    app = _app(f"st.text(stale_note({last}, NOW_US))").run()
    assert app.text[0].value == str(note is not None)
    assert note is None or note in app.markdown[0].value


def test_a_state_has_icon_and_word():
    app = _app("state_badge(State.DOWN, NOW_US - 720_000_000, NOW_US)").run()
    assert "Down" in app.markdown[0].value
    assert ":material/error:" in app.markdown[0].value
    assert app.caption[0].value == "12 min"


CARD = """
frame = pd.DataFrame({"a": [1]})
event = chart_card({"data": [], "layout": {"title": {"text": "It fell"}}}, frame, key="c", title="Falls")
st.text(str(event))
"""


def test_a_chart_card_has_a_table_view_with_downloads():
    app = _app(CARD).run()
    assert not app.exception
    assert app.caption[0].value == "It fell"
    assert app.text[0].value == "PlotEvent(x_range=None, click=None)"
    app.toggle[0].set_value(True).run()
    assert not app.exception
    assert app.dataframe[0].value["a"].tolist() == [1]
    assert [button.label for button in app.get("download_button")] == ["CSV", "Excel"]


CONFIRM = """
def act():
    if st.session_state.get("broken"):
        raise StoreUnavailable("No answer.")
    st.session_state["done"] = True

if st.button("Ask", key="ask"):
    confirm_dialog("Sure?", "It goes.", act, confirm="Remove", typed="mill")
st.text(st.session_state.get("done", False))
"""


def _again(app, typed=None, confirmed=False):
    """One run in the open dialog; AppTest reruns the whole script, so the question is asked again."""
    if typed is not None:
        app.text_input("confirm-typed").set_value(typed)
    if confirmed:
        app.button("confirm-yes").click()
    app.button("ask").click().run()


def test_a_confirmed_question_acts_once_and_only_after_the_word_is_typed():
    app = _app(CONFIRM).run()
    app.button("ask").click().run()
    assert app.button("confirm-yes").disabled
    _again(app, typed="mill")
    assert not app.button("confirm-yes").disabled
    _again(app, confirmed=True)
    assert not app.exception
    assert app.session_state["done"] is True


def test_a_refused_action_is_told_in_the_dialog():
    app = _app(CONFIRM)
    app.session_state["broken"] = True
    app.run().button("ask").click().run()
    _again(app, typed="mill")
    _again(app, confirmed=True)
    assert not app.exception
    assert app.error[0].value == "No answer."
