"""What the dialogs of jobs, tools and lathes refuse: the reason and what is allowed, at the field."""

from dataclasses import dataclass

import pytest
import streamlit as st
from sqlalchemy import select

from app.shop.fittings import fit_tool, measure_wear
from app.shop.jobs import JobDraft, JobSearch, jobs
from app.shop.planning import make_job
from app.shop.tools import ToolDraft, add_tool, tools
from app.simulate.lathes.store import list_simulations
from app.ui.forms import Problems
from data.models import Machine
from data.queries.plant import CONFIGURATION_DAY, bump

RIGHT = {"machine": "m1", "material": "mild_steel", "operation": "turning", "tool": 5, "quantity": 40.0}
WRITTEN = {"unobtainium", "milling"}
"""Words that somebody writes into a field instead of choosing one; the test's page knows options only."""


@pytest.fixture
def access(acting):
    access = acting("manager")
    with access.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == "m1")).one().type = "CNC lathe"
        bump(session, {CONFIGURATION_DAY})
    add_tool(access, ToolDraft(5, "Insert", cuts_like=5, stock=3))
    return access


@dataclass
class Dialog:
    """A dialog of a page, which is opened anew by its button in each run: a test cannot run it alone."""

    page: object
    opener: str

    def press(self, **button):
        """Fill in before this; the words that stand at fields afterwards, and below them."""
        self._button(self.opener).click()
        self._button(**button).click()
        self._run()
        assert not self.page.exception
        self._button(self.opener).click()
        self._run()
        at_fields = [one.value for one in self.page.markdown if one.value.startswith(":red[:material/error:")]
        return at_fields, [one.value for one in self.page.error]

    def _run(self):
        for box in self.page.selectbox:
            box.options.extend({box.value} & WRITTEN - {*box.options})
        self.page.run()

    def _button(self, key=None, label=None):
        return next(one for one in self.page.button if (one.key == key if key else one.label == label))


@pytest.fixture
def dialog(open_page, monkeypatch):
    monkeypatch.setattr(Problems, "clear", lambda _self: None)
    rerun = st.rerun
    monkeypatch.setattr(st, "rerun", lambda scope="app": None if scope == "fragment" else rerun(scope=scope))
    st.cache_data.clear()

    def opened(page, opener, role="manager", **params):
        found = Dialog(open_page(page, role, **params), opener)
        found._button(opener).click()
        found.page.run()
        return found

    return opened


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"material": "unobtainium"}, "mild_steel"),
        ({"operation": "milling"}, "turning, facing"),
        ({"tool": None}, "needs a tool"),
        ({"speed_m_min": 5_000.0}, "outside 1 to 785.4 m/min"),
        ({"depth_mm": 9.0}, "outside 0.05 to 8 mm"),
        ({"estimate": -5.0}, "outside 0 (not included) to 31,536,000 s"),
        ({"cycle": -1.0}, "86,400 s"),
        ({"quantity": None}, "above 0"),
        ({"machine": None}, "machines: m1, m2"),
    ],
    ids=lambda given: next(iter(given)) if isinstance(given, dict) else "",
)
def test_a_wrong_job_stays_in_its_dialog_with_the_reason_at_the_field(access, dialog, wrong, said):
    tried = dialog("production_jobs", "pjob-make")
    for name, value in {**RIGHT, **wrong}.items():
        if name in {"machine", "material", "operation", "tool"}:
            box = tried.page.selectbox(key=f"pjob-{name}")
            box.set_value(value)
        else:
            tried.page.number_input(key=f"pjob-{name}").set_value(value)
        is_choice = name in {"machine", "material", "operation", "tool"}
        (tried.page.selectbox if is_choice else tried.page.number_input)(key=f"pjob-{name}").set_value(value)
    at_fields, below = tried.press(label="Save")
    assert len(at_fields) == 1
    assert said in at_fields[0]
    assert below == []
    assert jobs(access, JobSearch())[1] == 0


def test_a_worn_out_tool_starts_no_job_on_the_operators_page(access, open_page):
    make_job(access, JobDraft(**RIGHT))
    measure_wear(access, fit_tool(access, "m1", 5), 1, 0.31)
    page = open_page("operator", "operator", o_machine="M1")
    page.button(key="op-job-start").click().run()
    assert not page.exception
    said = " ".join(one.value for kind in (page.markdown, page.error, page.warning) for one in kind)
    assert "worn out" in said
    assert "outside 0 to 0.3 mm" in said
    assert jobs(access, JobSearch(("running",)))[1] == 0


def test_a_wrong_tool_stays_in_its_dialog_with_all_reasons_at_their_fields(access, dialog):
    tried = dialog("tools", "tool-add", t_view="Store")
    for name, value in {"number": 5, "life": -1.0, "limit": 0.0, "price": -1.0}.items():
        tried.page.number_input(key=f"tool-{name}").set_value(value)
    at_fields, below = tried.press(label="Save")
    assert len(at_fields) == 5
    assert below == []
    assert len(tools(access)) == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("Cutting speed (m/min)", 5_000.0, "1 to 785.4"),
        ("For how many of its own hours", -1.0, "1 to 31,536,000 s"),
        ("Flank wear of its edge now (mm)", 0.31, "worn out"),
    ],
)
def test_a_wrong_simulation_stays_in_its_dialog_with_the_allowed_range(access, dialog, field, value, said):
    tried = dialog("simulator", "sim-start")
    next(one for one in tried.page.number_input if one.label == field).set_value(value)
    at_fields, below = tried.press(key="sim-start-go")
    assert len(at_fields) == 1
    assert said in at_fields[0]
    assert below == []
    assert list_simulations(access) == []
