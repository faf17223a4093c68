"""The benchmark of ingest: which messages raise alerts, and that the alerts of a small run are seen."""

import re

import pytest

from app.benchmark.live.ingest import paced
from app.benchmark.live.spikes import RULES, is_spike


def test_each_watched_machine_is_too_high_in_eight_messages_of_240_and_others_never():
    machines = 500
    high = [number for number in range(240 * machines) if is_spike(number, machines)]
    assert len(high) == 8 * RULES
    assert {number % machines for number in high} == set(range(RULES))
    turns = [number // machines for number in high if number % machines == 3]
    assert turns == list(range(turns[0], turns[0] + 8))


@pytest.mark.timeout(600)
def test_alerts_of_a_small_plant_are_seen_while_it_sends(mosquitto_server):
    pace, _, alerts = paced(20, 3.0)
    assert re.search(r"[1-9][\d,]* messages/s", pace)
    assert int(re.search(r"([\d,]+) alerts", alerts)[1].replace(",", "")) >= 20
