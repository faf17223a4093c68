"""The page of machines: parameters, lines and products; where a plant without power is led to."""

from dataclasses import replace

import pytest
import streamlit as st
from sqlalchemy import select

from app.production.masters.lines import LineDraft, save_line
from app.production.masters.products import products, save_product
from app.production.measured import parameters
from app.production.measured.parameters import ParameterChange
from app.production.plant import plant
from data.models import Line, Machine, Parameter, Product, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch
from tests.pages.conftest import texts


@pytest.fixture(autouse=True)
def no_kept_answers():
    """Plants of two tests are alike to what pages keep: the same factory at the same stamp."""
    st.cache_data.clear()


@pytest.fixture
def access(acting):
    return acting()


@pytest.fixture
def sending(access):
    """m1 sends a number and a word that nobody has named."""
    now_us = to_us(access.now)
    times = [now_us - minutes * 60_000_000 for minutes in (3, 2, 1)]
    access.gemba.telemetry.append(
        access.factory.slug,
        Batch.of(
            ["m1"] * 6, ["spindle"] * 3 + ["mode"] * 3, times * 2, [1.0, 2.0, 3.5, "auto", "auto", "hand"],
            latest_us=now_us,
        ),
    )  # fmt: skip


def shown(page):
    return page.dataframe[0].value


def test_the_parameters_of_a_machine_are_listed_with_their_newest_values(open_page, sending):
    page = open_page("machines", ma_view="Parameters")
    assert not page.exception
    assert list(shown(page)["Key"]) == ["mode", "spindle"]
    assert list(shown(page)["Newest value"]) == ["hand", "3.5"]
    assert page.button(key="parameter-change").disabled


def test_a_search_and_a_filter_narrow_the_list(open_page, sending):
    page = open_page("machines", ma_view="Parameters", ma_show="Without a unit")
    assert list(shown(page)["Key"]) == ["spindle"]
    page.text_input(key="ma_parameter").set_value("mode").run()
    assert "No parameter fits" in texts(page)


def test_limits_stand_in_the_list(open_page, access, sending):
    machine = plant(access).machine_by_key["m1"].id
    (_, spindle) = parameters.listed(access, machine)
    parameters.change(access, machine, spindle.id, 1, ParameterChange("Spindle", "kW", low_limit=1.5))
    row = shown(open_page("machines", ma_view="Parameters")).iloc[1]
    assert (row["Name"], row["Unit"], row["Low limit"], row["Type"]) == ("Spindle", "kW", 1.5, "number")


def test_who_only_looks_cannot_change_a_parameter(open_page, sending):
    page = open_page("machines", "viewer", ma_view="Parameters")
    assert list(shown(page)["Key"]) == ["mode", "spindle"]
    assert "parameter-change" not in {button.key for button in page.button}


def test_a_machine_that_has_sent_nothing_says_how_parameters_come(open_page):
    assert "Nothing was sent yet" in texts(open_page("machines", ma_view="Parameters"))


def test_without_a_unit_the_energy_page_leads_to_where_it_is_given(open_page, access, sending):
    said = texts(open_page("energy"))
    assert "1 number" in said
    assert "1 has no unit at all" in said
    assert "(/machines?ma_view=Parameters&ma_show=Without+a+unit)" in said
    assert "Who manages machines" in texts(open_page("energy", "viewer"))
    machine = plant(access).machine_by_key["m1"].id
    (_, spindle) = parameters.listed(access, machine)
    parameters.change(access, machine, spindle.id, 1, ParameterChange(unit="kW"))
    assert "No machine reports its power" not in texts(open_page("energy"))


def test_a_plant_that_sends_nothing_is_told_so_on_the_energy_page(open_page):
    assert "have sent no number yet" in texts(open_page("energy"))


def test_power_that_is_known_but_silent_is_not_called_missing(open_page, access, sending):
    machine = plant(access).machine_by_key["m1"].id
    (_, spindle) = parameters.listed(access, machine)
    parameters.change(access, machine, spindle.id, 1, ParameterChange(unit="kW"))
    said = texts(open_page("energy", t_range="custom", t_days=["2020-01-01", "2020-01-07"]))
    assert "No power in this range" in said


def test_without_limits_the_control_chart_leads_to_where_they_are_given(open_page, access):
    now_us = to_us(access.now)
    times = [now_us - n * 60_000_000 for n in range(240, 0, -1)]
    batch = Batch.of(
        ["m1"] * 240, ["force"] * 240, times, [10.0 + n % 3 for n in range(240)], latest_us=now_us
    )
    access.gemba.telemetry.append(access.factory.slug, batch)
    address = "(/machines?ma_view=Parameters&ma_machine=M1+%28m1%29)"
    assert address in texts(open_page("spc", s_signal="force"))
    assert "who manages machines gives" in texts(open_page("spc", "viewer", s_signal="force"))
    machine = plant(access).machine_by_key["m1"].id
    (force,) = parameters.listed(access, machine)
    parameters.change(access, machine, force.id, 1, ParameterChange(low_limit=5.0, high_limit=15.0))
    page = open_page("spc", s_signal="force")
    assert "need a low and a high limit" not in texts(page)
    (cpk,) = [tile.value for tile in page.metric if tile.label == "Cpk"]
    assert float(cpk) > 0


def test_limits_written_on_the_page_are_those_of_the_chart_until_another_signal_is_chosen(open_page, access):
    now_us = to_us(access.now)
    times = [now_us - n * 60_000_000 for n in range(240, 0, -1)]
    for key in ("force", "torque"):
        batch = Batch.of(
            ["m1"] * 240, [key] * 240, times, [10.0 + n % 3 for n in range(240)], latest_us=now_us
        )
        access.gemba.telemetry.append(access.factory.slug, batch)
    page = open_page("spc", s_signal="force", s_low="9", s_high="13")
    tiles = {tile.label: tile.value for tile in page.metric}
    assert float(tiles["Cp"]) > 0
    page.number_input(key="s_high").set_value(8.0).run()
    assert "must lie below the upper one" in texts(page)
    page.selectbox(key="s_signal").select("torque").run()
    assert [page.number_input(key=key).value for key in ("s_low", "s_high")] == [None, None]
    assert not page.exception


def test_lines_are_listed_with_their_machines(open_page, access):
    save_line(access, LineDraft("b", "Milling", oee_target=0.8))
    page = open_page("machines", ma_view="Lines")
    assert not page.exception
    assert shown(page).to_dict("list")["Machines"] == [2, 0]
    assert page.button(key="line-change").disabled
    assert not page.button(key="line-add").disabled


def test_products_are_listed_and_a_chosen_one_shows_whose_ideal_cycle_counts(open_page, access):
    bar = products(access)[0]
    save_product(access, replace(bar.draft, cycles={"m2": 2.5}), bar)
    page = open_page("machines", ma_view="Products")
    assert not page.exception
    assert list(shown(page)["Ideal cycles"]) == [1]
    assert "Choose a product" in texts(page)


@pytest.mark.parametrize("view", ["Lines", "Products"])
def test_who_only_looks_sees_lines_and_products_without_buttons(open_page, view):
    page = open_page("machines", "viewer", ma_view=view)
    assert not page.exception
    assert not {button.key for button in page.button} & {"line-add", "product-add"}


def test_an_empty_plant_can_begin_with_each_of_them(open_page, gemba, access):
    with access.write() as session:
        for model in (Parameter, Machine, Line, Product):
            for row in session.scalars(select(model)):
                session.delete(row)
        bump(session, {CONFIGURATION_DAY})
    for view, said, button in (
        ("Machines", "No machine yet", "add-machine"),
        ("Parameters", "No machine yet", ""),
        ("Lines", "No line yet", "line-add"),
        ("Products", "No product yet", "product-add"),
    ):
        page = open_page("machines", ma_view=view)
        assert not page.exception
        assert said in texts(page)
        assert not button or not page.button(key=button).disabled
    assert "No machine here" in texts(open_page("energy"))


def test_a_machine_can_be_deleted_only_by_who_manages_machines(open_page):
    assert open_page("machines").button(key="delete-machine").disabled
    assert "delete-machine" not in {button.key for button in open_page("machines", "viewer").button}
