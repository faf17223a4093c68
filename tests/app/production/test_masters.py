"""Lines and products: added, renamed, deleted where nothing refers to them."""

import json
from dataclasses import replace

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound, StillUsed
from app.ingest.intake import ingest_counts
from app.jobs.rhythm import Rhythm
from app.jobs.schedules import ScheduleDraft, add_schedule
from app.production import machines
from app.production.machines import MachineDraft
from app.production.masters.lines import LineDraft, delete_line, lines, one_line, save_line
from app.production.masters.products import (
    ProductDraft,
    delete_product,
    one_product,
    products,
    save_product,
)
from app.production.plant import plant
from app.rules.drafts import Draft
from app.rules.store import add_rule
from app.shifts.targets import TargetDraft, save_target
from data.contracts.messages import CountMessage
from data.models import AuditEntry, to_us
from tests.conftest import make_factory


@pytest.fixture
def access(acting):
    return acting()


def audit(access):
    with access.read() as session:
        rows = session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        return [(one.action, json.loads(one.body)) for one in rows]


def test_a_new_line_can_be_chosen_for_a_machine_at_once(access):
    number = save_line(access, LineDraft("b", " Milling "))
    assert plant(access).line_by_key["b"].name == "Milling"
    machines.add(access, MachineDraft("m9", "Saw", line_key="b"))
    assert one_line(access, number).machines == 1


def test_a_renamed_line_keeps_its_machines_and_the_change_is_audited(access):
    stored = lines(access)[0]
    save_line(access, LineDraft("a", "Forge", oee_target=0.8), stored)
    again = one_line(access, stored.id)
    assert (again.draft, again.machines) == (LineDraft("a", "Forge", 0.8), 2)
    assert again.version != stored.version
    action, body = audit(access)[-1]
    assert (action, body["before"]["name"], body["after"]["name"]) == ("line.change", "Line A", "Forge")


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (LineDraft("a", "Again"), "key"),
        (LineDraft("", "None"), "key"),
        (LineDraft("x" * 61, "Long"), "key"),
        (LineDraft("b", "  "), "name"),
        (LineDraft("b", "B", oee_target=1.5), "oee_target"),
        (LineDraft("b", "B", area="x" * 61), "area"),
    ],
)
def test_a_wrong_line_is_refused_at_its_field(access, draft, field):
    with pytest.raises(InvalidInput) as refused:
        save_line(access, draft)
    assert [one.field for one in refused.value.problems] == [field]
    assert len(lines(access)) == 1


def test_a_line_and_a_product_keep_their_keys(access):
    with pytest.raises(InvalidInput, match="keeps its key"):
        save_line(access, LineDraft("b", "Line A"), lines(access)[0])
    with pytest.raises(InvalidInput, match="keeps its key"):
        save_product(access, ProductDraft("p2", "Bar"), products(access)[0])


def test_the_second_of_two_editors_is_told(access):
    line, product = lines(access)[0], products(access)[0]
    save_line(access, LineDraft("a", "Forge"), line)
    save_product(access, replace(product.draft, cycles={"m1": 2.0}), product)
    with pytest.raises(Conflict):
        save_line(access, LineDraft("a", "Mill"), line)
    with pytest.raises(Conflict):
        save_product(access, replace(product.draft, name="Rod"), product)
    with pytest.raises(Conflict):
        delete_line(access, line)
    assert (one_line(access, line.id).draft.name, one_product(access, product.id).draft.name) == (
        "Forge",
        "Bar",
    )


def test_an_area_comes_with_its_first_line_and_goes_with_its_last(access):
    line = lines(access)[0]
    save_line(access, replace(line.draft, area=" Hall 2 "), line)
    other = save_line(access, LineDraft("b", "Milling", area="Hall 2"))
    assert [one.name for one in plant(access).rows.areas] == ["Hall 2"]
    assert [one.draft.area for one in lines(access)] == ["Hall 2", "Hall 2"]
    first = one_line(access, line.id)
    save_line(access, replace(first.draft, area="Yard"), first)
    assert audit(access)[-1][1]["before"]["area"] == "Hall 2"
    assert plant(access).area_of(line.id) == "Yard"
    assert [one.name for one in plant(access).rows.areas] == ["Hall 2", "Yard"]
    delete_line(access, one_line(access, other))
    assert [one.name for one in plant(access).rows.areas] == ["Yard"]


def test_areas_of_factories_are_apart(access, acting, gemba):
    south = acting("admin", make_factory(gemba, "south"))
    for one in (access, south):
        line = lines(one)[0]
        save_line(one, replace(line.draft, area="Hall 2"), line)
    line = one_line(access, lines(access)[0].id)
    save_line(access, replace(line.draft, area=""), line)
    assert [len(plant(one).rows.areas) for one in (access, south)] == [0, 1]


def test_a_line_is_deleted_only_when_nothing_refers_to_it_and_the_refusal_says_what_does(access):
    number = save_line(access, LineDraft("b", "Milling"))
    machine = machines.add(access, MachineDraft("m9", "Saw", line_key="b"))
    save_target(access, TargetDraft("oee", 0.7, access.now.date(), line="b"))
    body = {"conditions": {"parameter": "kpi:oee", "operator": "lt", "threshold": 50}, "severity": "high"}
    add_rule(access, Draft("Low OEE", body, scope="lines", target=("b",)), publish=False)
    with pytest.raises(StillUsed, match=r"1 rule, 1 machine, 1 target refer to it\. Move its machines"):
        delete_line(access, one_line(access, number))
    machines.edit(access, machine, 1, MachineDraft("m9", "Saw"))
    with pytest.raises(StillUsed, match="1 rule, 1 target refer"):
        delete_line(access, one_line(access, number))
    free = save_line(access, LineDraft("c", "Packing"))
    delete_line(access, one_line(access, free))
    assert "c" not in plant(access).line_by_key
    assert audit(access)[-1][0] == "line.delete"


def test_a_line_that_a_schedule_asks_for_stays(access):
    number = save_line(access, LineDraft("b", "Milling"))
    asked = {"sections": ["summary"], "lines": ["b"], "period": "day", "format": "json", "title": "Daily"}
    add_schedule(access, ScheduleDraft("Daily", "report", Rhythm("daily", 360), asked))
    with pytest.raises(StillUsed, match="1 schedule refers to it"):
        delete_line(access, one_line(access, number))


def test_a_product_has_an_ideal_cycle_on_each_machine_that_is_named(access):
    number = save_product(access, ProductDraft("A/47 11", "Pipe", "kg", {"m1": 2.5, "m2": 3.0}))
    stored = one_product(access, number)
    assert stored.draft == ProductDraft("A/47 11", "Pipe", "kg", {"m1": 2.5, "m2": 3.0})
    save_product(access, replace(stored.draft, cycles={"m2": 4.0}), stored)
    assert one_product(access, number).draft.cycles == {"m2": 4.0}
    cycles = {(one.machine_id, one.cycle_s) for one in plant(access).rows.cycles}
    assert cycles == {(plant(access).machine_by_key["m2"].id, 4.0)}
    assert audit(access)[-1][1]["before"]["cycles"] == {"m1": 2.5, "m2": 3.0}


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (ProductDraft("p1"), "key"),
        (ProductDraft(" p2"), "key"),
        (ProductDraft("p2", unit=" "), "unit"),
        (ProductDraft("p2", cycles={"m9": 1.0}), "cycles"),
        (ProductDraft("p2", cycles={"m1": 0.0}), "cycles"),
        (ProductDraft("p2", cycles={"m1": float("nan")}), "cycles"),
    ],
)
def test_a_wrong_product_is_refused_at_its_field(access, draft, field):
    with pytest.raises(InvalidInput) as refused:
        save_product(access, draft)
    assert [one.field for one in refused.value.problems] == [field]
    assert len(products(access)) == 1


def test_a_product_goes_with_its_cycles_unless_something_else_refers_to_it(access):
    bar = products(access)[0]
    save_product(access, replace(bar.draft, cycles={"m1": 2.0}), bar)
    start = to_us(access.now) - 3_600_000_000
    ingest_counts(
        access.gemba, access.factory, [CountMessage("m1", start, start + 60_000_000, 5, product="p1")]
    )
    with pytest.raises(StillUsed, match="1 count refers to it"):
        delete_product(access, one_product(access, bar.id))
    free = save_product(access, ProductDraft("p2", cycles={"m1": 2.0, "m2": 1.0}))
    delete_product(access, one_product(access, free))
    assert [one.draft.key for one in products(access)] == ["p1"]
    assert len(plant(access).rows.cycles) == 1
    assert audit(access)[-1][0] == "product.delete"


def test_a_product_out_of_use_is_offered_only_where_it_is_chosen_already(access):
    bar = products(access)[0]
    save_product(access, ProductDraft("p2", "Pipe"))
    save_product(access, replace(bar.draft, is_active=False), bar)
    assert audit(access)[-1][1]["after"]["is_active"] is False
    known = plant(access)
    assert [one.key for one in known.offered()] == ["p2"]
    assert [one.key for one in known.offered("p1")] == ["p1", "p2"]
    assert [one.key for one in known.offered(bar.id)] == ["p1", "p2"]
    assert set(known.product_by_key) == {"p1", "p2"}
    again = one_product(access, bar.id)
    with pytest.raises(Conflict):
        save_product(access, replace(again.draft, name="Rod"), bar)
    save_product(access, replace(again.draft, is_active=True), again)
    assert [one.key for one in plant(access).offered()] == ["p1", "p2"]


def test_an_operator_may_not_and_a_neighbour_finds_nothing(acting, gemba, access):
    line, product = lines(access)[0], products(access)[0]
    for role in ("operator", "viewer"):
        with pytest.raises(Forbidden):
            save_line(acting(role), LineDraft("b", "B"))
        with pytest.raises(Forbidden):
            delete_product(acting(role), product)
    south = acting("admin", make_factory(gemba, "south"))
    with pytest.raises(NotFound):
        delete_line(south, line)
    with pytest.raises(NotFound):
        save_product(south, replace(product.draft, name="Stolen"), product)
