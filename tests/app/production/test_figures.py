"""Figures over the real store: what a record and a state change do, and that kept days never go stale."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import delete

from analytics.timeline import day_windows
from analytics.vocabulary import State
from app.production import cells as cells_module
from app.production import figures
from app.production.figures import Question
from app.production.masters.lines import LineDraft, lines, save_line
from app.production.plant import plant
from app.production.records import entry as records
from app.production.records.entry import RecordDraft
from data.models import Factory, Machine, PerformanceRecord, ProductionCount, RecordStop, StateEvent, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

DAY = datetime(2026, 3, 3, 5, 0, tzinfo=UTC)  # 06:00 in Berlin: the production day begins
MINUTE = 60_000_000


def us(moment):
    return to_us(moment)


def add_states(access, machine_id, rows):
    with access.write() as session:
        for start, end, state, reason in rows:
            session.add(
                StateEvent(
                    machine_id=machine_id, start_us=us(DAY) + start * MINUTE,
                    end_us=None if end is None else us(DAY) + end * MINUTE,
                    state=state, reason_id=reason, received_us=0,
                )
            )  # fmt: skip
        bump(session, {us(DAY) // 86_400_000_000, us(DAY) // 86_400_000_000 + 1})


def add_count(access, machine_id, start, end, good, scrap=0.0):
    with access.write() as session:
        session.add(
            ProductionCount(
                machine_id=machine_id, start_us=us(DAY) + start * MINUTE, end_us=us(DAY) + end * MINUTE,
                good=good, scrap=scrap, received_us=0,
            )
        )  # fmt: skip
        bump(session, {us(DAY) // 86_400_000_000})


@pytest.fixture
def access(acting):
    return acting()


@pytest.fixture
def m1(access):
    return plant(access).machine_by_key["m1"].id


def early(**more):
    return Question(us(DAY), us(DAY + timedelta(hours=8)), machines=("m1",), **more)


def test_the_worked_example_comes_out_of_the_store(access, m1):
    records.enter(
        access,
        RecordDraft(
            m1, DAY, DAY + timedelta(hours=8), planned_s=420 * 60, operating_s=373 * 60,
            downtime_s=47 * 60, output=19_271, good=18_848,
        ),
    )  # fmt: skip
    row = figures.totals(access, early()).iloc[0]
    assert row["availability"] == pytest.approx(373 / 420)
    assert row["performance"] == pytest.approx(19_271 / 60 / 373)
    assert row["quality"] == pytest.approx(18_848 / 19_271)
    assert row["oee"] == pytest.approx(0.7479, abs=5e-5)
    assert row["coverage"] == 1.0


def test_states_and_counts_become_figures_and_stops_by_reason(access, m1):
    jam = plant(access).reason_by_code["jam"].id
    add_states(
        access,
        m1,
        [(0, None, State.RUNNING, None), (60, None, State.DOWN, jam), (120, None, State.RUNNING, None)],
    )
    add_count(access, m1, 0, 480, good=21_000, scrap=0)
    row = figures.totals(access, early()).iloc[0]
    assert row["availability"] == pytest.approx(420 / 480)
    assert row["oee"] == pytest.approx(21_000 / 60 / 480)
    top = figures.stops_by_reason(access, early()).iloc[0]
    assert (top["name"], top["minutes"], top["stops"]) == ("Jam", 60.0, 1)


def test_a_kept_day_is_computed_again_when_a_record_changes_it(access, m1):
    before = figures.totals(access, early()).iloc[0]
    assert before["coverage"] == 0.0
    draft = RecordDraft(m1, DAY, DAY + timedelta(hours=8), 8 * 3600, 4 * 3600, 4 * 3600, 100, 100)
    record_id = records.enter(access, draft)
    assert figures.totals(access, early()).iloc[0]["availability"] == 0.5
    records.take_back(access, record_id, 1)
    assert figures.totals(access, early()).iloc[0]["coverage"] == 0.0


def test_kept_days_and_a_cold_computation_agree_bit_for_bit(access, m1, clock):
    add_states(access, m1, [(0, None, State.RUNNING, None), (700, None, State.DOWN, None)])
    add_count(access, m1, 0, 700, good=33_333)
    clock.now = DAY + timedelta(days=6)
    wide = Question(us(DAY - timedelta(days=1)), us(DAY + timedelta(days=4)))
    for first in range(4):  # keep the days one by one, in another order
        day = DAY + timedelta(days=3 - first)
        figures.totals(access, Question(us(day), us(day + timedelta(days=1))))
    warm = figures.totals(access, wide)
    cells_module._kept._days.clear()
    assert figures.totals(access, wide).equals(warm)


def test_the_part_of_a_day_is_computed_once_and_again_when_it_changes(access, m1, clock, monkeypatch):
    add_states(access, m1, [(0, None, State.RUNNING, None), (300, None, State.DOWN, None)])
    clock.now = DAY + timedelta(days=3)
    cut = Question(us(DAY + timedelta(hours=1)), us(DAY + timedelta(hours=9)))
    other = Question(us(DAY + timedelta(hours=2)), us(DAY + timedelta(hours=9)))
    computed, real = [], cells_module._compute
    monkeypatch.setattr(cells_module, "_compute", lambda *given: computed.append(given) or real(*given))
    first = figures.totals(access, cut).iloc[0]
    assert figures.broken_down(access, cut, ("machine",)).iloc[0]["availability"] == first["availability"]
    assert len(computed) == 1
    assert figures.totals(access, other).iloc[0]["availability"] != first["availability"]
    assert len(computed) == 2
    add_states(access, m1, [(400, None, State.RUNNING, None)])
    assert figures.totals(access, cut).iloc[0]["availability"] > first["availability"]
    assert len(computed) == 3


def test_a_record_replaces_what_was_measured_and_its_reasons_join_the_pareto(access, m1):
    jam = plant(access).reason_by_code["jam"].id
    add_states(access, m1, [(0, 240, State.DOWN, jam), (240, 480, State.RUNNING, None)])
    records.enter(
        access,
        RecordDraft(
            m1, DAY, DAY + timedelta(hours=8), 480 * 60, 450 * 60, 30 * 60, 10, 10, stops=((jam, 20 * 60),)
        ),
    )
    assert figures.totals(access, early()).iloc[0]["availability"] == pytest.approx(450 / 480)
    table = figures.stops_by_reason(access, early())
    assert list(zip(table["name"], table["minutes"], strict=True)) == [
        ("Jam", 20.0),
        ("No reason given", 10.0),
    ]


@pytest.mark.parametrize(("begin", "hours"), [(0, 8), (4, 8), (6, 24)])
def test_the_downtime_of_a_record_is_that_of_the_cells_in_every_shift_and_day(access, m1, begin, hours):
    jam = plant(access).reason_by_code["jam"].id
    first = DAY + timedelta(hours=begin)
    draft = RecordDraft(
        m1, first, first + timedelta(hours=hours), hours * 3600, hours * 2700, hours * 900, 10, 10,
        stops=((jam, hours * 600),),
    )  # fmt: skip
    records.enter(access, draft)
    whole = Question(us(DAY), us(DAY + timedelta(days=2)), machines=("m1",))
    asked = [replace(whole, shifts=(shift,)) for shift in ("early", "late", "night")]
    asked += [replace(whole, end_us=us(DAY + timedelta(hours=9))), early(), whole]
    for question in asked:
        table = figures.stops_by_reason(access, question).set_index("name")["time_us"]
        down = figures.totals(access, question).iloc[0]["unplanned_stop_us"]
        assert table.sum() == pytest.approx(down, abs=3)
        assert table.get("Jam", 0) == pytest.approx(down * 2 / 3, abs=3)
        days = figures.stops_by_reason(access, question, ("machine", "reason", "day"))
        cells = figures.broken_down(access, question, ["day"]).set_index("day")["unplanned_stop_us"]
        for day, time_us in days.groupby("day")["time_us"].sum().items():
            assert time_us == pytest.approx(cells[day], abs=3)
    assert figures.stops_by_reason(access, whole)["stops"].tolist() == [1, 1]


def test_an_open_stop_counts_up_to_now_and_the_future_not_at_all(access, m1, clock):
    clock.now = DAY + timedelta(hours=2)
    add_states(access, m1, [(0, None, State.RUNNING, None), (60, None, State.DOWN, None)])
    row = figures.totals(access, Question(us(DAY), us(DAY + timedelta(days=1)), machines=("m1",))).iloc[0]
    assert row["calendar_us"] == 120 * MINUTE
    assert row["unplanned_stop_us"] == 60 * MINUTE


def test_a_range_that_cuts_a_day_gives_that_part_only(access, m1):
    add_states(access, m1, [(0, 480, State.RUNNING, None)])
    cut = Question(us(DAY) + 60 * MINUTE, us(DAY) + 180 * MINUTE, machines=("m1",))
    row = figures.totals(access, cut).iloc[0]
    assert row["producing_us"] == row["calendar_us"] == 120 * MINUTE


def test_every_breakdown_is_a_ratio_of_sums(access, m1):
    m2 = plant(access).machine_by_key["m2"].id
    add_states(access, m1, [(0, 480, State.RUNNING, None)])
    add_states(access, m2, [(0, 60, State.RUNNING, None), (60, 480, State.DOWN, None)])
    whole = Question(us(DAY), us(DAY + timedelta(hours=8)))
    by_machine = figures.broken_down(access, whole, ["machine"]).set_index("machine")
    assert by_machine.loc["m1", "availability"] == 1.0
    assert by_machine.loc["m2", "availability"] == pytest.approx(60 / 480)
    assert figures.totals(access, whole).iloc[0]["availability"] == pytest.approx(540 / 960)


def test_an_area_is_the_sum_of_its_lines(access, m1):
    machine = plant(access).machine_by_key["m2"]
    old = lines(access)[0]
    save_line(access, replace(old.draft, area="Hall 2"), old)
    save_line(access, LineDraft("b", "Milling", area="Yard"))
    with access.write() as session:
        row = session.get_one(Machine, machine.id)
        row.line_id = next(one.id for one in lines(access) if one.draft.key == "b")
        bump(session, {CONFIGURATION_DAY})
    add_states(access, m1, [(0, 480, State.RUNNING, None)])
    add_states(access, machine.id, [(0, 60, State.RUNNING, None), (60, 480, State.DOWN, None)])
    whole = Question(us(DAY), us(DAY + timedelta(hours=8)))
    found = figures.broken_down(access, whole, ["area"]).set_index("area")["availability"].to_dict()
    assert found == {"Hall 2": 1.0, "Yard": pytest.approx(60 / 480)}


@pytest.fixture(autouse=True)
def _nothing_left(access):
    yield
    with access.write() as session:
        for table in (RecordStop, PerformanceRecord, StateEvent, ProductionCount):
            session.execute(delete(table))


def test_windows_lose_their_holes_and_nothing_else():
    windows = day_windows(date(2026, 3, 3), date(2026, 3, 5), ZoneInfo("UTC"))
    first, day = int(windows.start_us[0]), 86_400_000_000
    left = figures.without(
        windows, [(0, first + 10), (first + day, first + day + 7), (first + 2 * day, 2**62)]
    )
    assert (left.start_us - first).tolist() == [10, day + 7]
    assert (left.end_us - first).tolist() == [day, 2 * day]
    assert left.day.tolist() == windows.day[:2].tolist()
    whole = figures.without(windows, [(0, first), (first + 3 * day, 2**62)])
    assert whole.start_us.tolist() == windows.start_us.tolist()
    assert whole.end_us.tolist() == windows.end_us.tolist()


def test_stops_by_day_are_those_of_each_day_alone(access, m1, clock):
    jam = plant(access).reason_by_code["jam"].id
    day = 24 * 60
    add_states(
        access, m1,
        [(0, 600, State.RUNNING, None), (600, day + 90, State.DOWN, jam),
         (day + 90, None, State.RUNNING, None)],
    )  # fmt: skip
    clock.now = DAY + timedelta(days=4)
    begin = DAY + timedelta(days=2)
    draft = RecordDraft(
        m1, begin, begin + timedelta(hours=8), 480 * 60, 450 * 60, 30 * 60, 10, 10, stops=((jam, 20 * 60),)
    )
    records.enter(access, draft)
    whole = Question(us(DAY), us(DAY + timedelta(days=4)), machines=("m1",))
    table = figures.stops_by_reason(access, whole, ("machine", "reason", "day"))
    for number in range(4):
        first = DAY + timedelta(days=number)
        alone = Question(us(first), us(first + timedelta(days=1)), machines=("m1",))
        expected = figures.stops_by_reason(access, alone, ("machine", "reason"))
        mine = table[table["day"] == first.date()]
        assert mine[["name", "time_us"]].values.tolist() == expected[["name", "time_us"]].values.tolist()
    assert table["day"].nunique() == 3


@pytest.fixture
def midnight(gemba, factory_id, acting):
    """The same plant, but its production day begins at 00:00, in the night shift of the day before."""
    with gemba.database.write(None) as session:
        session.get_one(Factory, factory_id).day_start_min = 0
    return acting()


def test_the_hours_of_a_night_shift_after_the_start_of_the_day_are_in_every_range(midnight, m1, clock):
    start = datetime(2026, 3, 3, tzinfo=ZoneInfo("Europe/Berlin"))
    add_states(midnight, m1, [(-3 * 24 * 60, None, State.RUNNING, None)])
    add_states(midnight, m1, [(-5 * 60, None, State.DOWN, None), (-4 * 60, None, State.RUNNING, None)])
    clock.now = (start + timedelta(hours=3)).astimezone(UTC)
    for begin, hours, down in ((0, 3, 1), (1.5, 1.5, 0.5), (-4, 7, 1)):
        since = us(start + timedelta(hours=begin))
        asked = Question(since, since + 24 * 60 * MINUTE, machines=("m1",))
        cells = figures.selected(midnight, asked)
        assert cells["calendar_us"].sum() == hours * 60 * MINUTE
        assert cells["unplanned_stop_us"].sum() == down * 60 * MINUTE
        assert figures.stops_by_reason(midnight, asked)["minutes"].sum() == down * 60
        pieces = figures.timeline_pieces(midnight, asked)
        assert (pieces["end_us"] - pieces["start_us"]).sum() == hours * 60 * MINUTE
    clock.now = (start + timedelta(hours=30)).astimezone(UTC)
    cells = figures.selected(midnight, Question(us(start), us(start + timedelta(days=1)), machines=("m1",)))
    assert cells["calendar_us"].sum() == 24 * 60 * MINUTE
    assert cells["unplanned_stop_us"].sum() == 60 * MINUTE
    assert sorted(cells.groupby("day")["calendar_us"].sum() // (60 * MINUTE)) == [6, 18]
