"""Simulated lathes: started by people, moved by the service, sent through the intake, restarted."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import func, select

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound, StoreUnavailable
from analytics.twin.lathe.signals import KEYS
from analytics.vocabulary import State
from app.ingest.intake import ingest_telemetry
from app.rules.drafts import Draft
from app.rules.runtime import RuleRuntime
from app.rules.store import add_rule
from app.simulate.lathes import store
from app.simulate.lathes.drafts import StartDraft, process_in
from app.simulate.lathes.fits import fit_machine, fit_values, forget_fit, keep_fit, kept_fit
from app.simulate.lathes.service import LatheService
from app.simulate.lathes.watching import add_lathe, free_lathes
from data.contracts.messages import TelemetryMessage
from data.models import Alert, AuditEntry, Machine, Parameter, ProductionCount, Simulation, StateEvent, to_us
from tests.app.ingest.broker import forget, reading, until, with_settings
from tests.conftest import make_factory, relational

JOB = StartDraft("m1", "Mild Steel", "turning", 5, 3_600.0, seed=7, faults="none")


@pytest.fixture
def relational_url(request, tmp_path):
    with relational("sqlite", request, tmp_path) as url:
        yield url


@pytest.fixture
def access(acting):
    return acting("operator")


@pytest.fixture
def service(gemba):
    return LatheService(gemba)


def pass_time(clock, service, seconds, step=5.0):
    for _ in range(int(seconds / step)):
        clock.forward(seconds=step)
        service.round()


def points(access, parameter="power_kw", machine="m1"):
    found = access.gemba.telemetry.read(access.factory.slug, 0, 2**62, [machine], [parameter])
    return found.sort_values("time_us")


def rows(access, table):
    with access.read() as session:
        return list(session.scalars(select(table).order_by(table.id)))


def refused(access, **changed):
    with pytest.raises(InvalidInput) as caught:
        store.start(access, replace(JOB, **changed))
    return {one.field: one.message for one in caught.value.problems}


def test_a_started_lathe_sends_every_interval_through_the_intake(access, clock, service):
    number = store.start(access, JOB)
    begun_us = to_us(clock())
    pass_time(clock, service, 60)
    found = points(access)
    assert (found["time_us"] - begun_us).tolist() == [5_000_000 * step for step in range(1, 13)]
    assert set(access.gemba.telemetry.parameters("north", ["m1"])["parameter"]) == set(KEYS)
    known = store.get_simulation(access, number)
    assert known.position_s == pytest.approx(60)
    assert known.status == store.RUNNING
    [event] = rows(access, StateEvent)
    assert event.state == State.RUNNING


def test_a_thousand_times_as_fast_parts_and_wear_come_in_seconds(access, clock, service):
    store.start(access, replace(JOB, speed=1_000.0, duration_s=86_400.0))
    pass_time(clock, service, 60)
    made = sum(row.good + row.scrap for row in rows(access, ProductionCount))
    [known] = store.list_simulations(access)
    assert known.parts == made > 500
    assert known.position_s == pytest.approx(60_000)
    wear = points(access, "tool_wear_mm")["value"]
    assert wear.max() > 0.1
    assert sum(row.scrap for row in rows(access, ProductionCount)) >= 1


def test_it_ends_when_its_time_is_over_and_is_off_then(access, clock, service):
    store.start(access, replace(JOB, duration_s=100.0, speed=10.0))
    pass_time(clock, service, 30)
    [known] = store.list_simulations(access)
    assert (known.status, known.ended_because) == (store.FINISHED, "its time is over")
    assert known.position_s == 100.0
    last = rows(access, StateEvent)[-1]
    assert last.state == State.OFF
    assert last.start_us == to_us(known.ended_at) == known.last_us
    before = len(points(access))
    pass_time(clock, service, 30)
    assert len(points(access)) == before


def test_the_time_limit_ends_it_whatever_the_speed_was_set_to(gemba, access, clock):
    short = with_settings(gemba, simulation_limit_s=60.0)
    number = store.start(replace(access, gemba=short), replace(JOB, duration_s=600.0, speed=10.0))
    store.set_speed(access, number, 1.0)
    pass_time(clock, LatheService(short), 90)
    known = store.get_simulation(access, number)
    assert known.status == store.FINISHED
    assert "time limit" in known.ended_because
    assert known.worked_s == pytest.approx(60)


def test_a_pause_holds_it_and_a_resume_goes_on_without_the_time_between(access, clock, service):
    number = store.start(access, JOB)
    pass_time(clock, service, 60)
    store.pause(access, number)
    pass_time(clock, service, 300)
    assert store.get_simulation(access, number).position_s == pytest.approx(60)
    assert rows(access, StateEvent)[-1].state == State.IDLE
    store.resume(access, number)
    pass_time(clock, service, 30)
    assert store.get_simulation(access, number).position_s == pytest.approx(90)
    assert rows(access, StateEvent)[-1].state == State.RUNNING


def test_the_speed_changes_from_here_on(access, clock, service):
    number = store.start(access, JOB)
    pass_time(clock, service, 20)
    store.set_speed(access, number, 100.0)
    pass_time(clock, service, 10)
    assert store.get_simulation(access, number).position_s == pytest.approx(20 + 1_000)


def test_a_stopped_lathe_is_off_and_its_machine_can_be_simulated_again(access, clock, service):
    number = store.start(access, JOB)
    pass_time(clock, service, 20)
    store.pause(access, number)
    pass_time(clock, service, 200)
    store.stop(access, number)
    pass_time(clock, service, 5)
    assert rows(access, StateEvent)[-1].state == State.OFF
    with pytest.raises(Conflict, match="stopped"):
        store.resume(access, number)
    assert store.start(access, JOB) != number


def test_after_a_restart_it_goes_on_from_its_position_and_makes_nothing_up(gemba, access, clock):
    number = store.start(access, JOB)
    pass_time(clock, LatheService(gemba), 60)
    clock.forward(seconds=600)
    again = LatheService(gemba)
    again.round()
    pass_time(clock, again, 30)
    known = store.get_simulation(access, number)
    assert known.position_s == pytest.approx(90)
    times = points(access)["time_us"].to_numpy()
    assert np.diff(times).max() == pytest.approx(605e6)
    states = [event.state for event in rows(access, StateEvent)]
    assert states == [State.RUNNING, State.UNKNOWN, State.RUNNING]


def test_two_services_do_not_send_twice(gemba, access, clock):
    store.start(access, JOB)
    first, second = LatheService(gemba), LatheService(gemba)
    for _ in range(12):
        clock.forward(seconds=5)
        first.round()
        second.round()
    assert len(points(access)) == 12
    clock.forward(seconds=30)
    second.round()
    assert len(points(access)) == 18


def test_while_the_intake_is_away_it_waits_and_loses_nothing(gemba, access, clock):
    class Away:
        is_away = True

        def __init__(self):
            from app.simulate.lathes.sending import Direct

            self.real = Direct(gemba)

        def send(self, *given):
            if self.is_away:
                raise StoreUnavailable("away")
            self.real.send(*given)

        def stop(self):
            pass

    sender = Away()
    service = LatheService(gemba, sender)
    store.start(access, JOB)
    clock.forward(seconds=20)
    with pytest.raises(StoreUnavailable, match="north: away"):
        service.round()
    sender.is_away = False
    clock.forward(seconds=5)
    service.round()
    assert len(points(access)) == 5


def test_twenty_lathes_run_at_once_and_the_next_is_refused(acting, clock, service):
    access = acting("operator")
    with access.write() as session:
        for number in range(3, 22):
            session.add(
                Machine(device_key=f"m{number}", name="x", created_at=access.now, updated_at=access.now)
            )
    for number in range(1, 21):
        store.start(access, replace(JOB, lathe=f"m{number}", seed=number))
    with pytest.raises(Conflict, match="20 lathes"):
        store.start(access, replace(JOB, lathe="m21"))
    pass_time(clock, service, 10)
    newest = access.gemba.telemetry.latest("north", None, ["power_kw"])
    assert len(newest) == 20
    assert newest["value"].nunique() > 1


def test_one_machine_runs_one_simulation(access):
    store.start(access, JOB)
    with pytest.raises(Conflict, match="simulated already"):
        store.start(access, JOB)


def test_a_machine_that_sends_its_own_data_is_not_simulated(access):
    ingest_telemetry(
        access.gemba,
        access.factory,
        [TelemetryMessage("m1", "power_kw", to_us(access.now) - 60_000_000, 3.0)],
    )
    with pytest.raises(Conflict, match="data of its own"):
        store.start(access, JOB)


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"material": "granite"}, "material", "mild_steel"),
        ({"job_type": "milling"}, "job_type", "knurling"),
        ({"tool_no": None}, "tool_no", "needs a tool"),
        ({"tool_no": 7}, "tool_no", "not for turning"),
        ({"duration_s": -60.0}, "duration", "1 to 31,536,000 s"),
        ({"duration_s": 90_000.0}, "duration", "at most 28,800 s"),
        ({"speed": 2_000.0}, "speed_factor", "1 to 1,000"),
        ({"wear_mm": 0.31}, "wear_mm", "worn out"),
        ({"values": {"speed_m_min": 5_000.0}}, "speed_m_min", "1 to 785.4"),
        ({"values": {"colour": 1.0}}, "colour", "no cutting value"),
        ({"lathe": "m99"}, "lathe_id", "m1, m2"),
        ({"faults": "all"}, "faults", "none, usual"),
        ({"change_share": 9.0}, "change_share", "0.05 to 3"),
    ],
)
def test_what_the_lathe_cannot_do_is_refused_with_the_allowed_range(access, changed, field, words):
    assert words in refused(access, **changed)[field]
    assert rows(access, Simulation) == []


def test_what_is_no_lathe_is_not_simulated(access):
    with access.write() as session:
        session.scalars(select(Machine).where(Machine.device_key == "m2")).one().type = "Rolling mill"
    assert "no lathe" in refused(access, lathe="m2")["lathe_id"]
    assert [one.key for one in free_lathes(access)] == ["m1"]


def test_a_lathe_for_simulations_is_added_by_those_who_may_manage_machines(access, acting):
    with pytest.raises(Forbidden):
        add_lathe(access)
    assert [add_lathe(acting("engineer")), add_lathe(acting("engineer"))] == ["sim-1", "sim-2"]
    assert [one.key for one in free_lathes(access)] == ["sim-1", "sim-2", "m1", "m2"]
    store.start(access, replace(JOB, lathe="sim-2"))
    assert [one.key for one in free_lathes(access)] == ["sim-1", "m1", "m2"]


def test_it_takes_the_permission_and_another_factorys_simulation_is_not_found(gemba, acting, access):
    number = store.start(access, JOB)
    for action in (store.pause, store.resume, store.stop):
        with pytest.raises(Forbidden):
            action(acting("viewer"), number)
    with pytest.raises(Forbidden):
        store.start(acting("viewer"), replace(JOB, lathe="m2"))
    other = acting("admin", in_factory=make_factory(gemba, "south"))
    with pytest.raises(NotFound):
        store.get_simulation(other, number)
    with pytest.raises(NotFound):
        store.stop(other, number)


def test_every_change_is_in_the_audit_log(access, clock, service):
    number = store.start(access, replace(JOB, duration_s=60.0))
    store.pause(access, number)
    store.resume(access, number)
    store.set_speed(access, number, 2.0)
    pass_time(clock, service, 60)
    again = store.start(access, replace(JOB, lathe="m2"))
    store.stop(access, again)
    actions = [one.action for one in rows(access, AuditEntry) if one.action.startswith("simulation")]
    assert actions == [
        "simulation.start", "simulation.pause", "simulation.resume", "simulation.speed", "simulation.finish",
        "simulation.start", "simulation.stop",
    ]  # fmt: skip


def test_what_it_sends_has_names_and_units(access):
    store.start(access, JOB)
    with access.read() as session:
        found = {row.key: (row.display_name, row.unit) for row in session.scalars(select(Parameter))}
    assert found["cutting_force_n"] == ("Cutting force", "N")
    assert len(found) == len(KEYS)


def test_a_rule_over_a_simulated_lathe_fires(acting, clock, service):
    access = acting("admin")
    store.start(access, JOB)
    body = {"conditions": {"parameter": "spindle_speed_rpm", "operator": "gt", "threshold": 500}}
    add_rule(access, Draft("turns", {**body, "severity": "high"}, scope="global"))
    runtime = RuleRuntime(access)
    for _ in range(30):
        pass_time(clock, service, 5)
        runtime.round(access)
    with access.read() as session:
        assert session.scalar(select(func.count(Alert.id))) >= 1


def test_with_a_broker_the_lathe_sends_through_it(gemba, access, clock, mosquitto_server):
    name = "simulated"
    try:
        with reading(gemba, mosquitto_server.url(), mqtt_client_id=name):
            parts = with_settings(gemba, mqtt_url=mosquitto_server.url())
            service = LatheService(parts)
            store.start(access, replace(JOB, speed=100.0, duration_s=36_000.0))
            pass_time(clock, service, 30)
            until(lambda: len(points(access)) == 6, "the readings are stored")
            until(lambda: rows(access, ProductionCount), "the counts are stored")
            assert rows(access, StateEvent)[0].state == State.RUNNING
            parts.closing.set()
            service.round()
    finally:
        forget(mosquitto_server, name)


def test_without_the_broker_it_says_so_and_stands_still(gemba, access, clock, monkeypatch):
    monkeypatch.setattr("app.simulate.lathes.sending.CONNECT_S", 0.2)
    parts = with_settings(gemba, mqtt_url="mqtt://127.0.0.1:9")
    service = LatheService(parts)
    number = store.start(access, JOB)
    clock.forward(seconds=10)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        service.round()
    assert store.get_simulation(access, number).position_s == 0
    parts.closing.set()
    service.round()
    assert threading.active_count() < 50


def test_a_twin_is_fitted_to_what_a_machine_sent_and_its_simulation_takes_the_fit(acting, clock, service):
    access = acting("engineer")
    number = store.start(access, replace(JOB, speed=20.0, duration_s=36_000.0))
    pass_time(clock, service, 1_500, 30)
    known = store.get_simulation(access, number)
    found = fit_machine(access, "m1", process_in(known.body), to_us(clock()) - 3_600_000_000, to_us(clock()))
    assert found.fixed_kw.value == pytest.approx(2.6, abs=0.2)
    assert found.kc_factor.value == pytest.approx(1.0, abs=0.05)
    assert kept_fit(access, "m1") is None
    keep_fit(access, "m1", replace(found, kc_factor=replace(found.kc_factor, value=1.5)))
    keep_fit(access, "m1", replace(found, kc_factor=replace(found.kc_factor, value=1.2)))
    assert kept_fit(access, "m1").calibration.kc_factor.value == 1.2
    store.stop(access, number)
    service.round()
    harder = store.get_simulation(access, store.start(access, JOB))
    assert process_in(harder.body).material.kc11 == pytest.approx(1.2 * 1_988)
    with access.read() as session:
        machine = session.scalar(select(Machine.id).where(Machine.device_key == "m1"))
    assert fit_values(access, machine)["kc_factor"] == 1.2
    forget_fit(access, "m1")
    assert kept_fit(access, "m1") is None
    actions = [one.action for one in rows(access, AuditEntry) if one.action.startswith("lathe")]
    assert actions == ["lathe.fit", "lathe.fit", "lathe.fit-forgotten"]
