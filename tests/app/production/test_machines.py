"""Machines: added, edited and taken out of use, with the message at the field that is wrong."""

from dataclasses import replace

import pytest

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.production import machines
from app.production.machines import MachineDraft
from app.production.plant import plant
from tests.conftest import make_factory

DRAFT = MachineDraft(device_key="m9", name="Saw", line_key="a", ideal_cycle_s=2.5)


def test_a_new_machine_is_in_the_plant_at_once(acting):
    access = acting()
    assert "m9" not in plant(access).machine_by_key
    machines.add(access, DRAFT)
    assert plant(access).machine_by_key["m9"].ideal_cycle_s == 2.5


@pytest.mark.parametrize(
    ("change", "field", "word"),
    [
        ({"device_key": "m1"}, "device_key", "exists already"),
        ({"device_key": "has space"}, "device_key", "must begin"),
        ({"device_key": ""}, "device_key", "must begin"),
        ({"name": "  "}, "name", "Give"),
        ({"ideal_cycle_s": 0.0}, "ideal_cycle_s", "above 0"),
        ({"importance": 9}, "importance", "1"),
        ({"line_key": "zz"}, "line_key", "no line"),
    ],
)
def test_a_wrong_machine_is_refused_at_its_field(acting, change, field, word):
    with pytest.raises(InvalidInput, match=word) as refused:
        machines.add(acting(), replace(DRAFT, **change))
    assert refused.value.problems[0].field == field


def test_the_second_of_two_editors_sees_the_conflict(acting):
    access = acting()
    machine_id = machines.add(access, DRAFT)
    machines.edit(access, machine_id, 1, replace(DRAFT, name="Cold saw"))
    with pytest.raises(Conflict):
        machines.edit(access, machine_id, 1, replace(DRAFT, name="Band saw"))
    assert plant(access).machine_by_id[machine_id].name == "Cold saw"


def test_a_deactivated_machine_leaves_the_active_list_and_comes_back(acting):
    access = acting()
    machine_id = machines.add(access, DRAFT)
    machines.set_active(access, machine_id, 1, active=False)
    assert machine_id not in {machine.id for machine in plant(access).active}
    machines.set_active(access, machine_id, 2, active=True)
    assert machine_id in {machine.id for machine in plant(access).active}


def test_an_operator_may_not_and_a_neighbour_finds_nothing(acting, gemba):
    with pytest.raises(Forbidden):
        machines.add(acting("operator"), DRAFT)
    machine_id = machines.add(acting(), DRAFT)
    with pytest.raises(NotFound):
        machines.edit(acting("admin", make_factory(gemba, "south")), machine_id, 1, DRAFT)
