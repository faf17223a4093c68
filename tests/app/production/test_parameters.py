"""Parameters are named and given limits by people; each message stands at its field."""

import json
import math

import pytest
from sqlalchemy import select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.production.measured import parameters
from app.production.measured.energy import power_of
from app.production.measured.parameters import ParameterChange
from app.production.plant import plant
from data.models import AuditEntry, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry.batch import Batch
from tests.conftest import make_factory


@pytest.fixture
def access(acting):
    return acting()


@pytest.fixture
def machine(access):
    return plant(access).machine_by_key["m1"].id


@pytest.fixture
def force(access, machine):
    return listed(access, machine, "force")


def listed(access, machine, key, **more):
    with access.write() as session:
        row = Parameter(machine_id=machine, key=key, display_name=key, **more)
        session.add(row)
        bump(session, {CONFIGURATION_DAY})
        session.flush()
        return row.id


def entries(access):
    with access.read() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_limits_are_kept_until_they_are_taken_away_and_every_change_is_audited(access, machine, force):
    parameters.change(access, machine, force, 1, ParameterChange(low_limit=2.0, high_limit=8.5))
    kept = parameters.change(access, machine, force, 2, ParameterChange(unit=" kN "))
    assert (kept.low_limit, kept.high_limit, kept.unit, kept.version) == (2.0, 8.5, "kN", 3)
    gone = parameters.change(access, machine, force, 3, ParameterChange(low_limit=None))
    assert (gone.low_limit, gone.high_limit) == (None, 8.5)
    (last,) = [one for one in plant(access).parameters(machine) if one.id == force]
    assert (last.low_limit, last.high_limit) == (None, 8.5)
    told = entries(access)[-1]
    assert told.action == "parameter.edit"
    body = json.loads(told.body)
    assert (body["before"]["low_limit"], body["after"]["low_limit"]) == (2.0, None)


@pytest.mark.parametrize(
    ("low", "high", "field", "word"),
    [
        (8.0, 2.0, "high_limit", "above the low one, 8"),
        (2.0, 2.0, "high_limit", "above the low one"),
        (math.nan, 2.0, "low_limit", "is a number"),
        (1.0, math.inf, "high_limit", "is a number"),
        (-1e300, None, "low_limit", "is a number"),
    ],
)
def test_wrong_limits_are_refused_at_their_field_and_change_nothing(
    access, machine, force, low, high, field, word
):
    with pytest.raises(InvalidInput, match=word) as refused:
        parameters.change(access, machine, force, 1, ParameterChange(low_limit=low, high_limit=high))
    assert [one.field for one in refused.value.problems] == [field]
    assert parameters.one(access, machine, force).version == 1


def test_one_limit_alone_must_fit_the_stored_other(access, machine, force):
    parameters.change(access, machine, force, 1, ParameterChange(high_limit=8.0))
    with pytest.raises(InvalidInput) as refused:
        parameters.change(access, machine, force, 2, ParameterChange(low_limit=9.0))
    assert refused.value.problems[0].field == "high_limit"


@pytest.mark.parametrize("data_type", ["string", "bool"])
def test_what_is_no_number_has_no_limits(access, machine, data_type):
    mode = listed(access, machine, "mode", data_type=data_type)
    with pytest.raises(InvalidInput, match="number"):
        parameters.change(access, machine, mode, 1, ParameterChange(low_limit=1.0))
    done = parameters.change(
        access, machine, mode, 1, ParameterChange("Mode", low_limit=None, high_limit=None)
    )
    assert done.display_name == "Mode"


def test_the_second_of_two_editors_is_told(access, machine, force):
    parameters.change(access, machine, force, 1, ParameterChange(high_limit=8.0))
    with pytest.raises(Conflict):
        parameters.change(access, machine, force, 1, ParameterChange(high_limit=9.0))
    assert parameters.one(access, machine, force).high_limit == 8.0


def test_an_operator_may_not_and_a_neighbour_finds_nothing(acting, gemba, machine, force):
    with pytest.raises(Forbidden):
        parameters.change(acting("operator"), machine, force, 1, ParameterChange(high_limit=8.0))
    with pytest.raises(NotFound):
        parameters.change(
            acting("admin", make_factory(gemba, "south")), machine, force, 1, ParameterChange(high_limit=8.0)
        )


def test_a_parameter_that_is_given_its_unit_becomes_the_power_of_its_machine(access, machine):
    power = listed(access, machine, "spindle")
    assert power_of(plant(access), machine) is None
    parameters.change(access, machine, power, 1, ParameterChange(unit="kW"))
    assert power_of(plant(access), machine) == ("spindle", 1.0)


def test_what_is_found_in_the_telemetry_is_listed_with_the_type_of_its_values(access, machine):
    now_us = to_us(access.now)
    sent = {"heat": 1.5, "mode": "auto", "parts": 3}
    access.gemba.telemetry.append(
        access.factory.slug,
        Batch.of(["m1"] * 3, list(sent), [now_us - 1] * 3, list(sent.values()), latest_us=now_us),
    )
    found = {one.key: one.data_type for one in parameters.listed(access, machine)}
    assert found == {"heat": "float", "mode": "string", "parts": "int"}
