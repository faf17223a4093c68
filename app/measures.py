"""What Prometheus is told of stores, services, ingest, rules, alerts, notifications and jobs when it asks.

Figures are summed over the factories and name none, because `/metrics` asks nobody to log in.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import REGISTRY, Collector

from analytics.errors import StoreUnavailable
from app.bootstrap import Gemba
from app.health import report
from data.models import to_us
from data.queries import watching
from data.queries.plant import factory_row, factory_slugs

STORE = ("latency_ms", "size_bytes", "points", "backlog")


def measured(gemba: Gemba) -> bytes:
    """The counters of this process, and what the stores say now, in Prometheus' text format."""
    own = CollectorRegistry()
    own.register(_Installation(gemba))
    return generate_latest(REGISTRY) + generate_latest(own)


class _Installation(Collector):
    """Asked once per scrape."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba

    def collect(self) -> Iterator[Metric]:
        """Stores and services always; the rest while the relational store answers."""
        yield from self._stores()
        yield from self._services()
        try:
            yield from self._work()
        except StoreUnavailable:
            return

    def describe(self) -> list[Metric]:
        """Nothing is asked when it is registered."""
        return []

    def _stores(self) -> Iterator[Metric]:
        stores = report(self._gemba)["stores"]
        up = GaugeMetricFamily("gemba_store_up", "Whether a store answers.", labels=["store"])
        for name, found in stores.items():
            up.add_metric([name], float(found["reachable"]))
        yield up
        for key in STORE:
            one = GaugeMetricFamily(f"gemba_store_{key}", f"{key} of a store.", labels=["store"])
            for name, found in stores.items():
                if isinstance(found.get(key), int | float):
                    one.add_metric([name], float(found[key]))
            yield one

    def _services(self) -> Iterator[Metric]:
        up = GaugeMetricFamily("gemba_service_up", "Whether its last round went well.", labels=["service"])
        age = GaugeMetricFamily("gemba_service_age_seconds", "Since its last round.", labels=["service"])
        now_us = to_us(self._gemba.clock())
        for name, state in self._gemba.services.items():
            up.add_metric([name], float(not state.problem))
            if state.last_at is not None:
                age.add_metric([name], (now_us - to_us(state.last_at)) / 1e6)
        yield from (up, age)

    def _work(self) -> Iterator[Metric]:
        gemba, sums = self._gemba, {name: Counter[str]() for name in ("jobs", "mails", "alerts", "refused")}
        rules = waiting = 0
        with gemba.database.read(None) as session:
            slugs = factory_slugs(session)
            rows = [factory_row(session, slug) for slug in slugs]
            factories = [row.id for row in rows if row is not None]
            readers = watching.broker_readers(session)
        for factory in factories:
            with gemba.database.read(factory) as session:
                sums["jobs"].update(watching.jobs_by_state(session))
                sums["mails"].update(watching.messages_by_state(session))
                sums["alerts"].update(watching.open_alerts(session))
                sums["refused"].update(watching.refused_messages(session))
                rules += watching.rules_in_force(session)
                waiting += watching.quarantined(session)
        yield _gauge("gemba_jobs", "Jobs by state.", "state", sums["jobs"])
        yield _gauge("gemba_notifications", "Notifications by state.", "state", sums["mails"])
        yield _gauge("gemba_alerts_active", "Active alerts by severity.", "severity", sums["alerts"])
        refused = CounterMetricFamily("gemba_ingest_refused", "Refused messages.", labels=["reason"])
        for reason, count in sums["refused"].items():
            refused.add_metric([reason], count)
        yield refused
        yield GaugeMetricFamily("gemba_rules_active", "Rules in force.", value=rules)
        yield GaugeMetricFamily("gemba_ingest_quarantined", "Messages of unknown machines.", value=waiting)
        yield from _readers(readers)


def _gauge(name: str, words: str, label: str, counts: Counter[str]) -> Metric:
    found = GaugeMetricFamily(name, words, labels=[label])
    for key, count in counts.items():
        found.add_metric([key], count)
    return found


def _readers(readers: list[tuple[str, bool, int, int, int]]) -> Iterator[Metric]:
    up = GaugeMetricFamily("gemba_mqtt_connected", "Whether a reader has its broker.", labels=["reader"])
    backlog = GaugeMetricFamily("gemba_mqtt_backlog", "Messages in hand of a reader.", labels=["reader"])
    messages = CounterMetricFamily("gemba_mqtt_messages", "Messages that a reader took.", labels=["reader"])
    points = CounterMetricFamily("gemba_mqtt_points", "Points that a reader took.", labels=["reader"])
    for name, is_up, waiting, taken, stored in readers:
        up.add_metric([name], float(is_up))
        backlog.add_metric([name], waiting)
        messages.add_metric([name], taken)
        points.add_metric([name], stored)
    yield from (up, backlog, messages, points)
