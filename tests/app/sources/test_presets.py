"""Databases filled as the four reference systems describe them become machines, telemetry, records, OEE."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pymongo
import pytest
from sqlalchemy import select

from analytics.errors import InvalidInput
from analytics.vocabulary import Activity
from app.bootstrap import Access
from app.documents.listing import documents, severity
from app.people.invitations import pending
from app.production.figures import Question, totals
from app.rules.store import get_rule, publish_rule
from app.sources import watch
from app.sources.runs import Run
from data.documents.protocol import Search
from data.models import (
    ActivityEvent,
    Alert,
    AlertRule,
    JobSpell,
    Machine,
    Parameter,
    PerformanceRecord,
    ProductionJob,
    ShopTool,
    Worker,
    WorkerName,
    Workstation,
    from_us,
    to_us,
)
from tests.app.sources import plants

Add = Callable[..., tuple[int, tuple[str, ...]]]
Read = Callable[[int], Run]
END_US = to_us(plants.START + timedelta(days=1))
BEGIN_US = to_us(plants.START - timedelta(days=3))


def rows(access: Access, model: Any) -> list[Any]:
    with access.read() as session:
        return list(session.scalars(select(model).order_by(model.id)))


def test_steel_factory_gives_machines_shift_records_and_their_oee(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_steel")
    plants.steel_factory(url)
    number, notes = added("steel-factory", url)
    run = read(number)
    assert (run.tally.new, run.tally.rejected) == (8, 0)
    assert [one.split(",")[0] for one in notes] == ["Its alerts carry no time"]
    machines = {row.device_key: row for row in rows(access, Machine)}
    assert (machines["1"].name, machines["1"].type, machines["2"].location) == (
        "Blast Furnace", "Furnace", "Hall B",
    )  # fmt: skip
    records = [row for row in rows(access, PerformanceRecord) if row.machine_id == machines["1"].id]
    assert [from_us(row.start_us).date().isoformat() for row in records] == [
        "2026-02-10", "2026-02-11", "2026-02-12",
    ]  # fmt: skip
    assert (records[0].planned_s, records[0].downtime_s, records[0].output, records[0].good) == (
        25_200, 2_820, 19_271, 18_848,
    )  # fmt: skip
    assert round(1 - records[0].downtime_s / records[0].planned_s, 4) == 0.8881
    assert read(number).tally.new == 0


def test_steel_factory_without_dates_lays_its_records_one_after_another(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_steel_bare")
    plants.steel_factory(url, dated=False)
    number, notes = added("steel-factory", url, first_day="2026-02-01")
    assert "names no date" in notes[0]
    assert read(number).tally.rejected == 0
    found = rows(access, PerformanceRecord)
    first = [row for row in found if row.machine_id == found[0].machine_id]
    assert from_us(first[0].start_us).isoformat() == "2026-02-01T00:00:00+00:00"
    assert [row.start_us for row in first[1:]] == [row.end_us for row in first[:-1]]


def test_the_oee_of_a_steel_factory_record_is_the_check_value(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_steel_oee")
    plants.steel_factory(url)
    read(added("steel-factory", url)[0])
    with access.write() as session:
        machine = session.scalars(select(Machine).where(Machine.device_key == "1")).one()
        machine.ideal_cycle_s = 1.0
    begin = to_us(plants.START.replace(day=10, hour=0))
    row = totals(access, Question(begin, begin + 7 * 3_600_000_000, machines=("1",))).iloc[0]
    found = [round(float(row[name]), 4) for name in ("availability", "performance", "quality", "oee")]
    assert found == [0.8881, 0.8611, 0.978, 0.7479]


def test_steel_factory_documents_are_kept_with_their_numbers(
    access: Access, added: Add, read: Read, mongodb_server: Any
) -> None:
    url = mongodb_server.url("ref_steel_documents")
    plants.steel_factory_documents(url)
    number, _ = added("steel-factory-mongodb", url)
    assert read(number).tally.new == 7
    store, slug = access.gemba.documents, access.factory.slug
    logs = store.find(slug, "steel_factory_anomaly_logs", Search())
    assert len(logs) == 5
    oldest = logs[-1]
    assert (oldest.body["score"], oldest.machine, oldest.at_us) == (-0.31, "1", to_us(plants.START))
    assert store.find(slug, "steel_factory_scan_sessions", Search())[0].body["anomalies_found"] == 2
    again = read(number)
    assert (again.tally.new, again.tally.changed) == (0, 0)


def test_steel_factory_anomalies_blocks_and_dated_alerts_come_from_its_tables(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_steel_logs")
    plants.steel_factory(url)
    plants.steel_factory_logs(url)
    number, notes = added("steel-factory", url)
    assert notes == ("Its users have no mail address: invite them on the page Users & roles.",)
    assert read(number).tally.new == 8 + 1 + 2 + 1
    [alert] = rows(access, Alert)
    assert (alert.rule_name, alert.severity, alert.raised_us) == ("Too hot", "high", to_us(plants.START))
    kept = "steel_factory_anomaly_detection"
    found, total = documents(access, kept, Search())
    assert total == 2
    assert [severity(kept, one) for one in found] == ["normal", "high"]
    assert [one.machine for one in found] == ["2", "1"]
    [block], _ = documents(access, "steel_factory_blockchain_log", Search())
    assert block.body["Hash"] == "ab"
    assert read(number).tally.new == 0


def test_byte_astra_gives_a_machine_and_its_telemetry_per_lathe(
    access: Access, added: Add, read: Read, mongodb_server: Any
) -> None:
    server = mongodb_server.url("x").rpartition("/")[0] + "/"
    plants.byte_astra(server)
    number, notes = added("byte-astra", server, mail_domain="byte-astra.example")
    assert "read as minutes" in notes[0]
    assert "invitations" in notes[1]
    run = read(number)
    assert (run.tally.new, run.tally.rejected) == (3 * 40 * 7 + 3 + 3 + 2, 0)
    assert [one.number for one in rows(access, ShopTool)] == [5]
    jobs = {one.key: one for one in rows(access, ProductionJob)}
    first = jobs["JOB_20260212_001"]
    assert (first.operation, first.material, first.state) == ("turning", "mild_steel", "running")
    assert (first.start_us, first.estimated_s) == (to_us(plants.START), 1_800)
    assert len(jobs) == len(rows(access, JobSpell)) == 3
    found = [(one.rule_name, one.severity, one.cleared_us is not None) for one in rows(access, Alert)]
    assert sorted(found) == [
        ("HIGH_TEMPERATURE", "critical", False), ("HIGH_TEMPERATURE", "critical", False),
        ("HIGH_TEMPERATURE", "critical", True),
    ]  # fmt: skip
    line = {
        "machine": "lathe-1", "said": "HIGH_TEMPERATURE, limit 80", "truth": "true", "value": 85.5,
    }  # fmt: skip
    assert line in [one.evidence[0] for one in rows(access, Alert)]
    assert {"lathe-1", "lathe-2", "lathe-3"} <= {row.device_key for row in rows(access, Machine)}
    units = {row.key: row.unit for row in rows(access, Parameter)}
    assert (units["rpm"], units["tool_wear"], units["torque"]) == ("1/min", "mm", "Nm")
    found = access.gemba.telemetry.read(access.factory.slug, BEGIN_US, END_US, ["lathe-2"], ["temperature"])
    assert found["value"].tolist() == [45.5 + i for i in range(40)]
    assert found["time_us"].iloc[1] - found["time_us"].iloc[0] == 5_000_000
    assert {(one.email, one.role) for one in pending(access)} == {
        ("sahil@byte-astra.example", "manager"), ("yash@byte-astra.example", "operator"),
    }  # fmt: skip
    with pymongo.MongoClient(server) as client:
        client["SensorData"]["lathe1_sensory_data"].insert_one(plants.sensor_row(1, 40))
        client["SensorData"]["lathe4_sensory_data"].insert_one(plants.sensor_row(4, 0))
        client["Jobs"]["lathe1_job_detail"].update_one({}, {"$set": {"Status": "Completed"}})
        client["Jobs"]["lathe2_job_detail"].insert_one(plants.job_row(9))
    again = read(number)
    assert (again.tally.new, again.tally.changed, again.tally.rejected) == (2 * 7, 1, 1)
    states = {one.key: one.state for one in rows(access, ProductionJob)}
    assert states["JOB_20260212_001"] == "finished"
    assert "JOB_20260212_009" not in states
    assert len(pending(access)) == 2


def test_byte_astra_users_stay_where_they_are_without_a_mail_domain(
    access: Access, added: Add, read: Read, mongodb_server: Any
) -> None:
    server = mongodb_server.url("x").rpartition("/")[0] + "/"
    plants.byte_astra(server, lathes=1, samples=1)
    number, notes = added("byte-astra", server)
    assert "no mail address" in notes[-1]
    read(number)
    assert pending(access) == []


def test_factoryops_brings_one_factory_with_names_units_and_users(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_factoryops")
    plants.factoryops(url)
    number, _ = added("factoryops", url, factory="vpc", users="yes")
    run = read(number)
    assert (run.tally.new, run.tally.changed, run.tally.rejected) == (2 + 2 + 1 + 1 + 2, 1, 0)
    machines = {row.device_key: row for row in rows(access, Machine)}
    assert (machines["M01"].manufacturer, machines["M01"].location) == ("Mazak", "Hall 1")
    assert machines["C02"].model == ""
    assert "X99" not in machines
    parameters = {row.key: row for row in rows(access, Parameter)}
    assert (parameters["voltage"].unit, parameters["voltage"].is_kpi) == ("V", True)
    assert (parameters["parts"].data_type, parameters["parts"].is_kpi) == ("int", False)
    assert [one.email for one in pending(access)] == ["lan@vpc.example"]


def test_factoryops_rules_come_as_drafts_and_its_alerts_as_history(
    access: Access, added: Add, read: Read, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_factoryops")
    plants.factoryops(url)
    number, notes = added("factoryops", url, factory="vpc")
    assert "publishes them" in notes[1]
    read(number)
    machines = {row.device_key: row.id for row in rows(access, Machine)}
    [rule] = rows(access, AlertRule)
    assert (rule.name, rule.published, rule.is_active) == ("High voltage", 0, False)
    assert (rule.scope, set(rule.target)) == ("device", {machines["M01"], machines["C02"]})
    assert (rule.draft["cooldown_minutes"], rule.draft["schedule_config"]["end_time"]) == (30, "22:00")
    assert rule.draft["notification_channels"] == {"email": True, "whatsapp": False}
    alerts = sorted(rows(access, Alert), key=lambda one: one.raised_us)
    assert [(one.machine_id, one.message, one.is_final) for one in alerts] == [
        (machines["M01"], "voltage is 245", True), (machines["C02"], "voltage is 251", True),
    ]  # fmt: skip
    assert ((alerts[0].cleared_us or 0) - alerts[0].raised_us, alerts[1].cleared_us) == (1_200_000_000, None)
    assert [one.snapshot for one in alerts] == [{"voltage": 245.5}, {}]
    publish_rule(access, rule.id, None)
    assert get_rule(access, rule.id).published == 1
    plants.run_sql(url, "UPDATE alerts SET resolved_at = '2026-02-12 12:00:00' WHERE device_id = 2")
    again = read(number)
    assert (again.tally.new, again.tally.changed) == (0, 1)
    assert all(one.cleared_us is not None for one in rows(access, Alert))


def test_factoryops_telemetry_keeps_to_its_factory_and_takes_new_fields(
    access: Access, added: Add, read: Read, influxdb_server: Any
) -> None:
    url = influxdb_server.url("ref_factoryops")
    influxdb_server.drop("ref_factoryops")
    url = influxdb_server.url("ref_factoryops")
    plants.factoryops_telemetry(url)
    number, _ = added("factoryops-influxdb", url, factory_id="1")
    assert read(number).tally.new == 2 * 30 * 3
    slug, telemetry = access.factory.slug, access.gemba.telemetry
    found = telemetry.read(slug, BEGIN_US, END_US, ["M01"], ["voltage"])
    assert found["value"].tolist() == [231.4 + i for i in range(30)]
    assert "X99" not in {row.device_key for row in rows(access, Machine)}
    later = int((plants.START + timedelta(minutes=30)).timestamp()) * 10**9
    plants.write_lines(url, [f"telemetry,factory_id=1,device_id=M01 spindle_temp=61.5 {later}"])
    assert read(number).tally.new == 1
    assert len(telemetry.read(slug, BEGIN_US, END_US, ["M01"], ["spindle_temp"])) == 1


def test_productivity_gives_workstations_and_activity(access: Access, added: Add, read: Read) -> None:
    folder = access.gemba.settings.sources_folder / access.factory.slug
    plants.productivity(folder / "productivity.db")
    number, _ = added("productivity", "sqlite:///productivity.db")
    assert read(number).tally.new == 2 + 2 + 4
    assert {"S1", "S2"} <= {row.device_key for row in rows(access, Machine)}
    events = rows(access, ActivityEvent)
    assert [Activity(one.kind).name for one in events] == ["WORKING", "PRODUCT_COUNT", "IDLE", "ABSENT"]
    workers = {one.id: (one.key, one.pseudonym) for one in rows(access, Worker)}
    assert (events[1].count, workers[events[1].worker_id], events[1].key) == (3.0, ("W1", "Worker 01"), "2")
    assert sorted(one.name for one in rows(access, WorkerName)) == ["Ana Diaz", "John Smith"]
    machines = {one.device_key: one.id for one in rows(access, Machine)}
    assert {one.key: one.machine_id for one in rows(access, Workstation)} == {
        key: machines[key] for key in ("S1", "S2")
    }
    assert read(number).tally.new == 0


def test_a_preset_says_when_the_database_is_another_one(
    access: Access, added: Add, mariadb_server: Any
) -> None:
    url = mariadb_server.url("ref_nothing")
    with pytest.raises(InvalidInput, match="no database of Steel Factory"):
        added("steel-factory", url)
    with pytest.raises(InvalidInput, match="no database of FactoryOps"):
        added("factoryops", url, factory="vpc")


def test_positions_say_how_far_each_lathe_was_read(
    access: Access, added: Add, read: Read, mongodb_server: Any
) -> None:
    server = mongodb_server.url("x").rpartition("/")[0] + "/"
    plants.byte_astra(server, lathes=2, samples=3)
    number, _ = added("byte-astra", server)
    read(number)
    found = watch.positions(access, number)
    assert [(one.item, one.rows) for one in found if one.item.startswith("SensorData.")] == [
        ("SensorData.lathe1_sensory_data", 3), ("SensorData.lathe2_sensory_data", 3),
    ]  # fmt: skip
