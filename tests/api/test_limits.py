"""Token buckets: a minute's worth at once, then evenly; one name's haste is not another's."""

from app.api import limits
from app.api.limits import Buckets


def test_a_bucket_gives_a_minutes_worth_then_fills_evenly():
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    assert [buckets.wait_s("a") for _ in range(60)] == [0.0] * 60
    assert buckets.wait_s("a") == 1.0
    assert buckets.wait_s("b") == 0.0
    now[0] = 0.5
    assert buckets.wait_s("a") == 0.5
    now[0] = 1.0
    assert buckets.wait_s("a") == 0.0
    assert buckets.wait_s("a") > 0
    now[0] = 1_000.0
    assert [buckets.wait_s("a") for _ in range(61)][-1] > 0, "a long rest fills the bucket once, not more"


def test_many_names_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr(limits, "MOST_BUCKETS", 100)
    buckets = Buckets(60, lambda: 0.0)
    for number in range(1_000):
        buckets.wait_s(str(number))
    assert len(buckets._kept) == 100
