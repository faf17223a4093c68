"""A plant whose machines send temperatures, and rules over them."""

from collections.abc import Callable
from typing import Any

import pytest

from app.bootstrap import Access
from app.ingest.intake import ingest_telemetry
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from data.contracts.messages import TelemetryMessage
from data.models import Machine, Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump

SECOND = 1_000_000
Send = Callable[..., None]


@pytest.fixture
def access(acting: Callable[..., Access]) -> Access:
    access = acting("admin")
    with access.write() as session:
        for machine in session.query(Machine).all():
            for key, unit, kind in (
                ("temp", "°C", "float"),
                ("flow", "L/min", "float"),
                ("mode", "", "string"),
            ):
                session.add(Parameter(machine_id=machine.id, key=key, unit=unit, data_type=kind))
        bump(session, {CONFIGURATION_DAY})
    return access


@pytest.fixture
def ids(access: Access) -> dict[str, int]:
    with access.read() as session:
        return {machine.device_key: machine.id for machine in session.query(Machine).all()}


@pytest.fixture
def send(access: Access) -> Send:
    """Send values of one machine: pairs of seconds from the clock's first moment and value."""
    start_us = to_us(access.now)

    def sent(machine: str, *pairs: tuple[float, Any], parameter: str = "temp") -> None:
        receipt = ingest_telemetry(
            access.gemba,
            access.factory,
            [
                TelemetryMessage(machine, parameter, start_us + round(second * SECOND), value)
                for second, value in pairs
            ],
        )
        assert not receipt.refused

    return sent


def hot(threshold: float = 80.0, **more: Any) -> dict[str, Any]:
    """The body of a rule that fires above a temperature."""
    return {
        "conditions": {"parameter": "temp", "operator": "gt", "threshold": threshold},
        "severity": "high",
        "cooldown_minutes": 0,
        **more,
    }


@pytest.fixture
def rule(access: Access) -> Callable[..., int]:
    def made(body: dict[str, Any] | None = None, **more: Any) -> int:
        return add_rule(
            access, Draft(**{"name": "Too hot", "body": body or hot(), "scope": "global", **more})
        )

    return made


@pytest.fixture
def runtime(access: Access) -> RuleRuntime:
    return RuleRuntime(access)
