"""A broker that is away for an hour, and processes that restart meanwhile, raise no false alert."""

from datetime import timedelta

import numpy as np
import pytest

from app.alerts.listing import Filter, list_alerts
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from data.models import Parameter, to_us
from data.queries.plant import CONFIGURATION_DAY, bump
from data.telemetry import Batch
from tests.conftest import relational

SECOND = 1_000_000
EVERY_S = 10
HOUR_S = 3_600
CONDITIONS = {
    "Too hot": {"parameter": "temp", "operator": "gt", "threshold": 80},
    "Too cold": {"parameter": "temp", "operator": "lt", "threshold": 40},
    "Rises": {"kind": "rate", "parameter": "temp", "operator": "gt", "threshold": 5},
    "Falls": {"kind": "delta", "parameter": "temp", "operator": "lt", "threshold": -15, "window_s": 600},
    "Cold on average": {"kind": "aggregate", "parameter": "temp", "measure": "mean", "operator": "lt",
                        "threshold": 45, "window_s": 600},
    "Often hot": {"kind": "frequent", "parameter": "temp", "operator": "gt", "threshold": 75, "n": 3, "m": 5},
    "Stuck": {"kind": "frozen", "parameter": "temp", "longer_s": 900},
    "Unlike its past": {"kind": "baseline", "parameter": "temp", "sigmas": 6, "window_s": 1_200},
    "Not cool": {"operator": "NOT", "conditions": [{"parameter": "temp", "operator": "lt", "threshold": 90}]},
}  # fmt: skip
SILENT = "Silent"


@pytest.fixture
def relational_url(request, tmp_path):
    with relational("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def plant(acting, factory_id):
    """Two machines that send a temperature of 50 to 70 °C every ten seconds, and ten rules over it."""
    access = acting()
    with access.write() as session:
        for machine in (1, 2):
            session.add(Parameter(machine_id=machine, key="temp", unit="°C", data_type="float"))
        bump(session, {CONFIGURATION_DAY})
    for name, conditions in CONDITIONS.items():
        add_rule(access, Draft(name, {"conditions": conditions, "severity": "high"}, scope="global"))
    silent = {"kind": "no_data", "parameter": "temp", "longer_s": 300}
    add_rule(access, Draft(SILENT, {"conditions": silent, "severity": "high"}, scope="global"))
    return access


class Line:
    """The time, the two machines, and the process that runs the rules."""

    def __init__(self, access, clock):
        self.access, self.clock = access, clock
        self.start_us = to_us(clock.now)
        self.seconds = 0
        self.runtime = RuleRuntime(access)
        self.names = set()

    def send(self, first_s, last_s):
        """What both machines measured in a stretch arrives now."""
        at = np.arange(first_s, last_s, EVERY_S)
        times = (self.start_us + at * SECOND).tolist()
        for machine in ("m1", "m2"):
            values = (60 + 10 * np.sin(at / 600) + 0.2 * np.cos(at)).tolist()
            batch = Batch.of([machine] * len(at), ["temp"] * len(at), times, values,
                             latest_us=to_us(self.clock.now) + SECOND)  # fmt: skip
            self.access.gemba.telemetry.append("north", batch)

    def passes(self, seconds, *, sends=True, every=60, restarts=False):
        """Time passes with a round of the rules every so many seconds."""
        for _ in range(seconds // every):
            self.clock.now += timedelta(seconds=every)
            self.seconds += every
            if restarts:
                self.runtime = RuleRuntime(self.access)
                self.runtime.round(self.access)
            if sends:
                self.send(self.seconds - every, self.seconds)
            self.round()

    def round(self):
        """The rules look; which of them have ever raised anything is noted."""
        assert self.runtime.round(self.access).failed == {}
        self.names |= {one.rule_name for one in list_alerts(self.access, Filter())}

    def alerts(self):
        return [(one.rule_name, one.machine_key, one.state) for one in list_alerts(self.access, Filter())]


@pytest.fixture
def line(plant, clock):
    line = Line(plant, clock)
    line.passes(1_800, every=300)
    assert line.alerts() == []
    return line


def test_what_the_broker_kept_for_an_hour_takes_back_the_silence_and_raises_nothing_else(line):
    away = line.seconds
    line.passes(HOUR_S // 2, sends=False, every=300)
    line.runtime = RuleRuntime(line.access)
    line.passes(HOUR_S // 2, sends=False, every=300)
    assert sorted(line.alerts()) == [(SILENT, "m1", "active"), (SILENT, "m2", "active")]
    for begin in range(away, away + HOUR_S, 1_200):
        line.send(begin, begin + 1_200)
        line.runtime = RuleRuntime(line.access)
        line.round()
    line.passes(600, every=120)
    assert line.names == {SILENT}
    assert sorted(line.alerts()) == [(SILENT, "m1", "withdrawn"), (SILENT, "m2", "withdrawn")]


def test_a_restart_while_machines_are_silent_neither_takes_an_alert_back_nor_doubles_it(line):
    line.passes(900, sends=False, every=300)
    before = line.alerts()
    assert sorted(before) == [(SILENT, "m1", "active"), (SILENT, "m2", "active")]
    line.runtime = RuleRuntime(line.access)
    for _ in range(5):
        line.round()
        assert line.alerts() == before
        line.clock.now += timedelta(seconds=10)
    assert [one.revision for one in list_alerts(line.access, Filter())] == [1, 1]


def test_an_hour_that_is_lost_leaves_one_true_silence_of_each_machine_and_nothing_else(line):
    line.passes(HOUR_S, sends=False, every=300)
    line.passes(1_800, every=300)
    assert line.names == {SILENT}
    assert sorted(line.alerts()) == [(SILENT, "m1", "returned"), (SILENT, "m2", "returned")]


def test_a_process_that_restarts_again_and_again_raises_no_silence(line):
    line.passes(600, every=30, restarts=True)
    assert line.names == set()


def test_a_restart_after_an_outage_of_its_own_waits_for_what_came_meanwhile(line):
    """The process was away for an hour, the broker was not: its messages come in after the start."""
    away = line.seconds
    line.clock.now += timedelta(seconds=HOUR_S)
    line.seconds += HOUR_S
    line.runtime = RuleRuntime(line.access)
    line.round()
    assert line.alerts() == []
    for begin in range(away, away + HOUR_S, 1_200):
        line.clock.now += timedelta(seconds=5)
        line.send(begin, begin + 1_200)
        line.round()
    line.seconds += 15
    line.passes(600, every=120)
    assert line.names == set()
