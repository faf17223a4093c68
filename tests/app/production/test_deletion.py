"""A machine that was listed by mistake is deleted; one that has data is not, and the refusal says why."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound, StillUsed
from app.ingest.discovery import Discovery
from app.ingest.intake import ingest_states
from app.maintenance.orders import OrderDraft
from app.maintenance.working import open_order
from app.production import machines
from app.production.deletion import delete, traces
from app.production.machines import MachineDraft
from app.production.masters.lines import lines
from app.production.masters.products import ProductDraft, save_product
from app.production.plant import plant
from app.rules.drafts import Draft
from app.rules.store import add_rule, remove_rule
from data.contracts.messages import ReadingMessage, StateMessage
from data.models import AuditEntry, Parameter, to_us
from data.telemetry.batch import Batch
from tests.conftest import make_factory


@pytest.fixture
def access(acting):
    return acting()


@pytest.fixture
def typo(access):
    """A machine with a mistyped key, which has a parameter and an ideal cycle and nothing else."""
    number = machines.add(access, MachineDraft("sawl", "Saw"))
    save_product(access, ProductDraft("pipe", cycles={"sawl": 3.0}))
    with access.write() as session:
        session.add(Parameter(machine_id=number, key="speed"))
    return number


def send(access, key):
    now_us = to_us(access.now)
    batch = Batch.of([key, "m1"], ["speed", "speed"], [now_us - 1] * 2, [1.0, 2.0], latest_us=now_us)
    access.gemba.telemetry.append(access.factory.slug, batch)


def sending(access):
    return set(access.gemba.telemetry.parameters(access.factory.slug)["machine"])


def test_a_machine_without_data_goes_with_what_is_its_own_and_the_log_keeps_what_it_was(access, typo):
    delete(access, typo, 1)
    known = plant(access)
    assert "sawl" not in known.machine_by_key
    assert not known.parameters(typo)
    assert not known.rows.cycles
    with access.read() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()[-1]
    assert (entry.action, json.loads(entry.body)["before"]["device_key"]) == ("machine.delete", "sawl")
    machines.add(access, MachineDraft("saw1", "Saw"))


def test_a_machine_with_data_stays_and_the_refusal_names_it(access, typo):
    start = to_us(access.now - timedelta(hours=1))
    ingest_states(access.gemba, access.factory, [StateMessage("sawl", start, 1)])
    open_order(access, OrderDraft("sawl", "Oil it"))
    with pytest.raises(StillUsed, match=r"1 state event, 1 work order refer to it\. Deactivate it instead"):
        delete(access, typo, 1, with_telemetry=True)
    assert traces(access, typo, 1).found == {"state_event": 1, "work_order": 1}
    assert plant(access).parameters(typo)


def test_a_rule_that_watches_the_machine_keeps_it_until_the_rule_is_deleted(access, typo):
    body = {"conditions": {"parameter": "speed", "operator": "gt", "threshold": 5}, "severity": "high"}
    rule = add_rule(access, Draft("Too fast", body, scope="device", target=(typo,)))
    with pytest.raises(StillUsed, match="1 rule refers"):
        delete(access, typo, 1)
    remove_rule(access, rule)
    delete(access, typo, 1)


def test_telemetry_goes_only_when_the_person_says_so_and_nobody_elses_does(access, typo):
    send(access, "sawl")
    with pytest.raises(StillUsed, match="has telemetry"):
        delete(access, typo, 1)
    assert sending(access) == {"sawl", "m1"}
    assert traces(access, typo, 1).series == 1
    delete(access, typo, 1, with_telemetry=True)
    assert sending(access) == {"m1"}
    assert "sawl" not in plant(access).machine_by_key


def test_a_change_in_the_meantime_a_neighbour_and_a_role_without_the_permission_are_refused(
    acting, gemba, access, typo
):
    with pytest.raises(Conflict):
        delete(access, typo, 2)
    with pytest.raises(NotFound):
        delete(acting("admin", make_factory(gemba, "south")), typo, 1)
    with pytest.raises(Forbidden):
        delete(acting("operator"), typo, 1)
    assert "sawl" in plant(access).machine_by_key


def test_the_next_machine_lists_its_own_parameters_even_where_it_gets_the_number_of_the_deleted(
    gemba, access
):
    first = machines.add(access, MachineDraft("sawl", "Saw"))
    found = Discovery(gemba)
    now_us = to_us(access.now)
    found.admit(access.factory, [ReadingMessage("sawl", now_us, {"speed": 1.0})], {"sawl": first})
    delete(access, first, 1)
    second = machines.add(access, MachineDraft("saw1", "Saw"))
    found.admit(access.factory, [ReadingMessage("saw1", now_us, {"speed": 1.0})], {"saw1": second})
    assert [one.key for one in plant(access).parameters(second)] == ["speed"]


def test_a_machine_can_bring_the_first_line_with_it(access):
    first = machines.add(access, MachineDraft("m8", "Saw", new_line="Milling"))
    machines.add(access, MachineDraft("m9", "Drill", new_line="Milling"))
    assert {one.draft.key: one.machines for one in lines(access)} == {"Milling": 2, "a": 2}
    assert plant(access).line_name(plant(access).machine_by_id[first]) == "Milling"
    with access.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert actions == ["line.add", "machine.add", "machine.add"]
    with pytest.raises(InvalidInput) as refused:
        machines.add(access, MachineDraft("m10", "Press", new_line="x" * 61))
    assert refused.value.problems[0].field == "line_key"
