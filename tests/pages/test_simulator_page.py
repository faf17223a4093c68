"""Simulator: a lathe is watched, held and stopped; a change is compared; a twin is fitted."""

import pytest

from app.simulate.lathes import store
from app.simulate.lathes.drafts import StartDraft
from app.simulate.lathes.fits import kept_fit
from app.simulate.lathes.service import LatheService
from tests.pages.conftest import texts


def press(page, label):
    next(one for one in page.button if one.label == label).click()
    page.run()
    assert not page.exception


def field(page, label):
    return next(one for one in page.number_input if one.label == label)


def test_an_empty_plant_is_told_what_a_simulated_lathe_is(open_page):
    assert "No lathe was simulated yet" in texts(open_page("simulator"))


def test_a_viewer_may_watch_and_not_start(open_page):
    page = open_page("simulator", "viewer")
    assert next(one for one in page.button if one.label == "Start a lathe").disabled


def test_a_running_lathe_shows_what_it_does_and_is_held_and_stopped(open_page, acting, gemba, clock):
    access = acting()
    number = store.start(access, StartDraft("m1", "mild_steel", "turning", 5, 36_000.0, 100.0, seed=3))
    service = LatheService(gemba)
    for _ in range(6):
        clock.forward(seconds=5)
        service.round()
    page = open_page("simulator")
    said = texts(page)
    assert "M1" in said
    assert f"{store.get_simulation(access, number).parts:,} parts" in said
    assert "mm wear" in said
    press(page, "Pause")
    assert store.get_simulation(access, number).status == "paused"
    page = open_page("simulator")
    press(page, "Stop")
    assert store.get_simulation(access, number).status == "stopped"
    page = open_page("simulator")
    assert page.dataframe[0].value["Lathe"].tolist() == ["M1"]


def test_a_change_stands_beside_today(open_page):
    page = open_page("simulator", **{"sim-view": "What if"})
    assert "The same" in texts(page)
    speeds = [one for one in page.number_input if one.label == "Cutting speed (m/min)"]
    speeds[1].set_value(160.0)
    page.run()
    assert not page.exception
    assert "A good part gets" in texts(page)
    table = page.dataframe[0].value.set_index("Per good part or hour")
    life = table.loc["Tool life, minutes of cutting"]
    assert life["Changed"] == pytest.approx(life["Today"] * (213.6 / 160.0) ** 4, rel=0.01)


def test_a_twin_is_fitted_and_the_fit_is_kept(open_page, acting, gemba, clock):
    access = acting()
    store.start(access, StartDraft("m1", "mild_steel", "turning", 5, 36_000.0, 20.0, seed=3, faults="none"))
    service = LatheService(gemba)
    for _ in range(40):
        clock.forward(seconds=30)
        service.round()
    page = open_page("simulator", **{"sim-view": "Fit to a machine"})
    press(page, "Fit")
    assert "off the measured power on average" in texts(page)
    table = page.dataframe[0].value.set_index("What")
    assert table.loc["Standby and drives", "Fitted"] == pytest.approx(2.6, abs=0.2)
    press(page, "Keep this fit")
    assert kept_fit(access, "m1") is not None
    assert "Fitted on" in texts(page)
