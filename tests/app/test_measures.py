"""What Prometheus is told: stores, services, jobs, alerts; and the dashboard asks for nothing else."""

import json
import re
from dataclasses import replace
from pathlib import Path

from prometheus_client.parser import text_string_to_metric_families

import app.api.requests  # noqa: F401 - its counters are told too
from app.bootstrap import ServiceState
from app.measures import measured
from app.rules.drafts import Draft
from app.rules.store import add_rule
from data.models import Alert, IngestClient, QuarantinedMessage, to_us
from tests.app.rules.conftest import hot

DASHBOARD = Path(__file__).resolve().parents[2] / "docs" / "grafana.json"
WORDS = {"rate", "sum", "by", "le", "status", "histogram_quantile"}


def told(gemba):
    text = measured(gemba).decode()
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def filled(gemba, acting):
    access, now = acting(), gemba.clock()
    rule = add_rule(access, Draft("Too hot", hot(), scope="global"))
    with access.write() as session:
        session.add(
            Alert(
                rule_id=rule, rule_version=1, rule_name="Too hot", severity="high", worst="high",
                raised_us=to_us(now), message="hot", created_at=now,
            )
        )  # fmt: skip
        session.add(
            QuarantinedMessage(device_key="x", kind="telemetry", digest="d", payload=b"{}", received_at=now)
        )
    with gemba.database.write(None) as session:
        session.add(
            IngestClient(
                client_id="one", broker="b", is_connected=True, backlog=3, messages=40, points=800,
                told_at=now,
            )
        )  # fmt: skip
    state = ServiceState(1.0, rounds=2, last_at=now, problem="it broke")
    return replace(gemba, services={"rules": state, "signer": ServiceState(1.0)})


def test_stores_services_alerts_and_readers_are_told(gemba, acting):
    found = told(filled(gemba, acting))
    assert [found["gemba_store_up", name] for name in ("relational", "telemetry", "documents")] == [1, 1, 1]
    assert (found["gemba_service_up", "rules"], found["gemba_service_up", "signer"]) == (0, 1)
    assert found["gemba_service_age_seconds", "rules"] == 0
    assert found["gemba_alerts_active", "high"] == 1
    assert (found["gemba_rules_active",], found["gemba_ingest_quarantined",]) == (1, 1)
    assert found["gemba_mqtt_points_total", "one"] == 800
    assert found["gemba_mqtt_connected", "one"] == 1


def test_the_dashboard_asks_only_for_what_there_is(gemba, acting):
    panels = json.loads(DASHBOARD.read_text())["panels"]
    assert len({one["id"] for one in panels}) == len(panels) >= 15
    known = set(re.findall(r"^# TYPE (\w+)", measured(filled(gemba, acting)).decode(), re.MULTILINE))
    known |= {f"{name}_bucket" for name in known}
    for panel in panels:
        for target in panel["targets"]:
            asked = set(re.findall(r"[a-z_]{3,}", re.sub(r'\[\w+\]|"[^"]*"', "", target["expr"]))) - WORDS
            assert asked <= known, (panel["title"], asked - known)


def test_nothing_that_is_told_names_a_factory(gemba, acting):
    assert b"north" not in measured(filled(gemba, acting)).lower()
