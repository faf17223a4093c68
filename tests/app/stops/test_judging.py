"""Stops are found by themselves, judged by people, and the figures follow."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from analytics.errors import Forbidden, InvalidInput, NotFound
from analytics.vocabulary import State, TimeClass
from app.bootstrap import Access
from app.ingest.intake import ingest_states
from app.production.figures import Question, stops_by_reason, totals
from app.production.plant import plant
from app.stops.failures import failed
from app.stops.judging import Judgement, history, judge, take_back
from app.stops.listing import stops
from app.stops.quality import quality, quality_by
from app.stops.reasons import ReasonDraft, reasons, save_reason
from app.stops.settling import settle
from data.contracts.messages import StateMessage
from data.models import AuditEntry, Shift, StopLabel, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

HOUR = 3_600_000_000
MINUTE = 60_000_000
RUN, IDLE, DOWN = int(State.RUNNING), int(State.IDLE), int(State.DOWN)


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    return acting("admin")


@pytest.fixture
def shift_us(access: Access) -> int:
    """06:00 in Berlin; the clock stands seven hours later."""
    return to_us(access.now) - 7 * HOUR


@pytest.fixture
def worked(access: Access, shift_us: int) -> None:
    """m1 runs, is down from hour 2 to 4, idle to hour 5, runs; since hour 6 it is down again."""
    at = (0, RUN), (2, DOWN), (4, IDLE), (5, RUN), (6, DOWN)
    messages = [StateMessage("m1", shift_us + hour * HOUR, state) for hour, state in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    save_reason(access, ReasonDraft("clean", "Cleaning", "planned"))
    save_reason(access, ReasonDraft("other", "Other"))


@pytest.fixture
def whole(access: Access, shift_us: int) -> Question:
    return Question(shift_us, to_us(access.now), machines=("m1",))


def listed(access: Access, question: Question, origin: int) -> list[tuple[float, float, str, bool]]:
    rows = stops(access, question).sort_values("start_us")
    return [
        ((row.start_us - origin) / HOUR, (row.end_us - origin) / HOUR, row.reason_name, bool(row.is_open))
        for row in rows.itertuples()
    ]


def test_stops_are_found_by_themselves(access: Access, worked: None, whole: Question, shift_us: int) -> None:
    assert listed(access, whole, shift_us) == [(2, 4, "", False), (4, 5, "", False), (6, 7, "", True)]


def test_a_judged_stop_moves_the_pareto_and_the_figures(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    before = totals(access, whole)
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "clean", " wiped "))
    after = totals(access, whole)
    assert int(before["unplanned_stop_us"].iloc[0] - after["unplanned_stop_us"].iloc[0]) == 2 * HOUR
    assert int(after["planned_stop_us"].iloc[0]) == 2 * HOUR
    [row] = stops(access, whole).query("label >= 0").itertuples()
    assert (row.reason_name, row.note, row.judged_by) == ("Cleaning", "wiped", "admin@example.test")
    judge(access, Judgement("m1", shift_us + 4 * HOUR, shift_us + 5 * HOUR, "jam"))
    table = stops_by_reason(access, whole).set_index("name")
    assert table.loc["Jam", "minutes"] == 60


def test_a_stop_is_split_and_both_parts_merge_again(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 5 * HOUR, "jam"))
    assert listed(access, whole, shift_us)[0] == (2, 5, "Jam", False)
    judge(access, Judgement("m1", shift_us + 3 * HOUR, shift_us + 4 * HOUR, "other"))
    assert listed(access, whole, shift_us)[:3] == [
        (2, 3, "Jam", False), (3, 4, "Other", False), (4, 5, "Jam", False),
    ]  # fmt: skip
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 5 * HOUR, "other"))
    assert listed(access, whole, shift_us)[0] == (2, 5, "Other", False)


def test_the_original_is_kept_and_every_judgement_is_in_the_log(
    access: Access, worked: None, shift_us: int
) -> None:
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "jam"))
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "other"))
    kept = history(access, "m1", shift_us, shift_us + 7 * HOUR)
    assert [one.replaced_us is None for one in sorted(kept, key=lambda one: one.id)] == [False, True]
    with access.read() as session:
        entries = list(session.scalars(select(AuditEntry).where(AuditEntry.action == "stop.judge")))
        assert len(entries) == 2


def test_what_is_taken_back_has_the_machines_own_word_again(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    number = judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "jam"))
    take_back(access, number)
    assert listed(access, whole, shift_us)[0] == (2, 4, "", False)
    with pytest.raises(NotFound):
        take_back(access, number)


def test_a_running_stop_is_judged_until_the_machine_runs_again(
    access: Access, worked: None, whole: Question, shift_us: int, clock: Any
) -> None:
    judge(access, Judgement("m1", shift_us + 6 * HOUR, None, "jam"))
    assert listed(access, whole, shift_us)[-1] == (6, 7, "Jam", True)
    clock.forward(hours=1)
    restart = [StateMessage("m1", shift_us + 8 * HOUR - MINUTE * 30, RUN)]
    ingest_states(access.gemba, access.factory, restart)
    clock.forward(hours=1)
    ingest_states(access.gemba, access.factory, [StateMessage("m1", shift_us + 8 * HOUR, DOWN)])
    later = Question(shift_us, to_us(access.now), machines=("m1",))
    assert listed(access, later, shift_us)[-2:] == [(6, 7.5, "Jam", False), (8, 9, "", True)]
    assert settle(access) == 1
    assert settle(access) == 0
    assert listed(access, later, shift_us)[-2:] == [(6, 7.5, "Jam", False), (8, 9, "", True)]
    judge(access, Judgement("m1", shift_us + 8 * HOUR, None, "other"))
    assert listed(access, later, shift_us)[-2:] == [(6, 7.5, "Jam", False), (8, 9, "Other", True)]


def test_an_old_open_judgement_does_not_reach_over_the_next_stop(
    access: Access, worked: None, shift_us: int
) -> None:
    judge(access, Judgement("m1", shift_us + 2 * HOUR, None, "jam"))
    judge(access, Judgement("m1", shift_us + 6 * HOUR, None, "other"))
    with access.read() as session:
        standing = session.scalars(select(StopLabel).where(StopLabel.replaced_us.is_(None)))
        ends = {(one.start_us - shift_us) // HOUR: one.end_us for one in standing}
    assert ends == {2: shift_us + 5 * HOUR, 6: None}


def test_a_judgement_without_an_end_ends_where_the_machine_ran_again(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    judge(access, Judgement("m1", shift_us + 6 * HOUR, None, "other"))
    judge(access, Judgement("m1", shift_us + 3 * HOUR, None, "jam"))
    assert listed(access, whole, shift_us) == [
        (2, 3, "", False), (3, 5, "Jam", False), (6, 7, "Other", True),
    ]  # fmt: skip
    with access.read() as session:
        standing = session.scalars(select(StopLabel).where(StopLabel.replaced_us.is_(None)))
        ends = {(one.start_us - shift_us) // HOUR: one.end_us for one in standing}
    assert ends == {3: shift_us + 5 * HOUR, 6: None}
    [kept] = [one for one in history(access, "m1", 0, 2**62) if one.replaced_us is None and one.end_us]
    assert kept.end_us == shift_us + 5 * HOUR


def test_an_open_judgement_of_a_stop_that_ended_since_leaves_later_judgements_alone(
    access: Access, worked: None, shift_us: int, clock: Any
) -> None:
    judge(access, Judgement("m1", shift_us + 6 * HOUR, None, "jam"))
    clock.forward(hours=3)
    later = [(7.5, RUN), (8, DOWN), (9, RUN)]
    messages = [StateMessage("m1", round(shift_us + hour * HOUR), state) for hour, state in later]
    ingest_states(access.gemba, access.factory, messages)
    judge(access, Judgement("m1", shift_us + 8 * HOUR, shift_us + 9 * HOUR, "other"))
    judge(access, Judgement("m1", shift_us + 6 * HOUR, None, "clean"))
    asked = Question(shift_us, to_us(access.now), machines=("m1",))
    assert listed(access, asked, shift_us)[-2:] == [(6, 7.5, "Cleaning", False), (8, 9, "Other", False)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"machine": "nope"}, "machine"),
        ({"reason": "nope"}, "reason"),
        ({"start": 4, "end": 2}, "end"),
        ({"start": 6, "end": 9}, "end"),
        ({"start": 0, "end": 1}, "start"),
        ({"start": 0, "end": None}, "start"),
        ({"note": "x" * 2_001}, "note"),
    ],
)
def test_a_mistake_is_named_by_its_field(
    access: Access, worked: None, shift_us: int, given: dict[str, Any], field: str
) -> None:
    base = {"machine": "m1", "start": 2, "end": 4, "reason": "jam", "note": ""} | given
    end = None if base["end"] is None else shift_us + base["end"] * HOUR
    with pytest.raises(InvalidInput) as refused:
        judge(
            access,
            Judgement(base["machine"], shift_us + base["start"] * HOUR, end, base["reason"], base["note"]),
        )
    assert [one.field for one in refused.value.problems] == [field]


def test_a_viewer_judges_nothing(acting: Callable[..., Access], worked: None, shift_us: int) -> None:
    with pytest.raises(Forbidden):
        judge(acting("viewer"), Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "jam"))


def test_label_quality_counts_reasons_others_and_delays(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    empty = quality(access, whole)
    assert (empty.stops, empty.with_reason, empty.judged) == (3, 0.0, 0)
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "jam"))
    judge(access, Judgement("m1", shift_us + 4 * HOUR, shift_us + 5 * HOUR, "other"))
    found = quality(access, whole)
    assert found.with_reason_time == pytest.approx(3 / 4)
    assert found.other_time == pytest.approx(1 / 3)
    assert found.delay_median_s == pytest.approx(2.5 * 3_600)
    assert quality_by(access, whole)["machine"].tolist() == ["m1"]


def test_the_tree_of_reasons_is_checked_and_told_in_order(access: Access, worked: None) -> None:
    save_reason(access, ReasonDraft("jam.feed", "Feeder", parent="jam"))
    assert [one.code for one in reasons(access)] == ["clean", "jam", "jam.feed", "other"]
    save_reason(access, ReasonDraft("jam", "Jammed", is_active=False), was="jam")
    wrong = [
        (ReasonDraft("Jam!", "x"), "", "code"), (ReasonDraft("other", "x"), "", "code"),
        (ReasonDraft("a", " "), "", "name"), (ReasonDraft("a", "x", "bad"), "", "category"),
        (ReasonDraft("a", "x", parent="nope"), "", "parent"),
        (ReasonDraft("jam", "x", parent="jam.feed"), "jam", "parent"),
    ]  # fmt: skip
    for draft, was, field in wrong:
        with pytest.raises(InvalidInput) as refused:
            save_reason(access, draft, was)
        assert [one.field for one in refused.value.problems] == [field]


def test_a_judged_stop_outside_the_schedule_is_no_failure(access: Access, shift_us: int) -> None:
    with access.write() as session:
        session.execute(delete(Shift).where(Shift.key != "early"))
        bump(session, {CONFIGURATION_DAY})
    at = (-24, RUN), (-14, DOWN), (-13, RUN)
    messages = [StateMessage("m1", shift_us + hour * HOUR, state) for hour, state in at]
    assert not ingest_states(access.gemba, access.factory, messages).refused
    judge(access, Judgement("m1", shift_us - 14 * HOUR, shift_us - 13 * HOUR, "jam"))
    found = stops(access, Question(shift_us - 24 * HOUR, shift_us, machines=("m1",)))
    assert (found["label"] >= 0).tolist() == [True]
    assert failed(plant(access), found).tolist() == [False]


def test_a_category_that_changes_changes_the_past(
    access: Access, worked: None, whole: Question, shift_us: int
) -> None:
    judge(access, Judgement("m1", shift_us + 2 * HOUR, shift_us + 4 * HOUR, "jam"))
    save_reason(access, ReasonDraft("jam", "Jam", "setup"), was="jam")
    row = stops(access, whole).query("label >= 0").iloc[0]
    assert row["time_class"] == int(TimeClass.SETUP)
