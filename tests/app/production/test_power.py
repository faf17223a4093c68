"""A machine has one power, whichever page asks for it."""

import pytest

from app.alerts.dashboard import summary
from app.bootstrap import Access
from app.ingest.intake import ingest_telemetry
from app.production.figures import Question
from app.production.measured import presence
from app.production.measured.energy import energy, kilowatts, power_of, powers
from app.production.measured.power import power_now
from app.production.measured.presence import presences
from app.production.plant import plant
from data.contracts.messages import TelemetryMessage
from data.models import Machine, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

MINUTE = 60_000_000


@pytest.fixture
def access(acting):
    return acting("admin")


def sends(access: Access, **units: str) -> int:
    with access.write() as session:
        machine = session.query(Machine).filter_by(device_key="m1").one()
        for key, unit in units.items():
            session.add(Parameter(machine_id=machine.id, key=key, unit=unit, data_type="float"))
        bump(session, {CONFIGURATION_DAY})
        return machine.id


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("kW", 1.0), ("KW", 1.0), (" kw ", 1.0), ("W", 1e-3), ("w", 1e-3), ("MW", 1e3), ("mW", 1e-6),
     ("mw", None), ("kVA", None), ("kWh", None), ("", None)],
)  # fmt: skip
def test_a_unit_of_power_has_one_factor(unit, factor):
    assert kilowatts(unit) == factor


@pytest.mark.parametrize(
    ("units", "wanted"),
    [
        ({"power_kw": "kW", "spindle_power_kw": "kW"}, ("power_kw", 1.0)),
        ({"power": "kw"}, ("power", 1.0)),
        ({"apparent": "kVA", "drive": "W"}, ("drive", 0.001)),
        ({"apparent": "kVA"}, None),
    ],
)
def test_energy_the_list_of_machines_and_the_power_now_take_the_same_parameter(access, units, wanted):
    number, now = sends(access, **units), to_us(access.now)
    known = plant(access)
    assert power_of(known, number) == powers(known).get("m1") == wanted
    values = [
        TelemetryMessage("m1", key, now - back * MINUTE, 1_000.0 * (place + 1))
        for place, key in enumerate(units)
        for back in range(60, -1, -1)
    ]
    assert not ingest_telemetry(access.gemba, access.factory, values).refused
    presence._remembered.clear()
    kw = None if wanted is None else 1_000.0 * (list(units).index(wanted[0]) + 1) * wanted[1]
    assert presences(access)["m1"].power_kw == kw
    question = Question(now - 60 * MINUTE, now)
    assert power_now(access, question)["kw"].tolist() == ([] if kw is None else [kw])
    assert energy(access, question)["kwh"].tolist() == pytest.approx([] if kw is None else [kw])
    told = summary(access)
    assert told["current_energy_kw"] == kw
    assert told["energy_today_kwh"] == (None if kw is None else pytest.approx(kw))
