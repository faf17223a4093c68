"""The API's figures are those of the pages, bit for bit; files and batches go through the same checks."""

import pytest

from app.production import figures
from app.production.figures import Question
from app.production.measured.signals import lines
from app.shop.report import lathe_report
from data.models import to_us
from tests.api.world import NOW, World, acting

RANGE = {"start": "2026-03-03T00:00:00Z", "end": "2026-03-04T12:00:00Z"}
START, END = 1_772_496_000_000_000, to_us(NOW)
RATIOS = ("availability", "performance", "quality", "oee", "teep", "coverage", "oee_lower", "oee_upper")


def same(got: float | None, wanted: float) -> bool:
    return got is None if wanted != wanted else got == wanted


def test_the_totals_are_those_of_the_pages(world: World):
    wanted = figures.totals(acting(world.gemba, "north"), Question(START, END)).iloc[0]
    with world.client() as client:
        got = client.get("/oee", params=RANGE).json()
    assert got["total"] == 1
    row = got["data"][0]
    assert row["oee"] is not None
    for name in (*RATIOS, "total", "good", "calendar_us", "producing_us", "unplanned_stop_us"):
        assert same(row[name], wanted[name]), name


@pytest.mark.parametrize("by", [["machine"], ["shift"], ["day", "machine"], ["line"], ["product"]])
def test_a_breakdown_is_that_of_the_pages(world: World, by):
    wanted = figures.broken_down(acting(world.gemba, "north"), Question(START, END), by)
    with world.client() as client:
        got = client.get("/oee", params={**RANGE, "by": by, "per_page": 100, "sort": by[0]}).json()
    assert got["total"] == len(wanted)
    rows = {tuple(str(row[name]) for name in by): row for row in got["data"]}
    for _, row in wanted.iterrows():
        mine = rows[tuple(str(row[name]) for name in by)]
        assert all(same(mine[name], row[name]) for name in RATIOS)


def test_losses_and_stops_are_those_of_the_pages(world: World):
    access, asked = acting(world.gemba, "north"), Question(START, END)
    flow = figures.loss_flow(access, asked).iloc[0]
    six = figures.big_losses(access, asked)
    stops = figures.stops_by_reason(access, asked)
    with world.client() as client:
        row = client.get("/losses", params=RANGE).json()["data"][0]
        big = client.get("/losses/six-big", params=RANGE).json()["data"]
        why = client.get("/stops", params=RANGE).json()["data"]
    assert row["calendar_us"] == flow["calendar_us"]
    assert row["fully_productive_us"] == flow["fully_productive_us"]
    assert {one["loss"]: one["loss_us"] for one in big} == dict(zip(six["loss"], six["loss_us"], strict=True))
    assert [one["time_us"] for one in why] == stops["time_us"].tolist()
    assert sum(one["time_us"] for one in why) > 0


def test_the_performance_of_the_lathes_is_that_of_the_managers_page(world: World):
    wanted = lathe_report(acting(world.gemba, "north"), START, END)
    with world.client(role="viewer") as client:
        got = client.get("/lathes/performance", params=RANGE).json()["data"]
        fewest = client.get("/lathes/performance", params={**RANGE, "sort": "oee"}).json()["data"]
        backwards = client.get("/lathes/performance", params={"start": RANGE["end"], "end": RANGE["start"]})
    assert [one["machine"] for one in got] == wanted["machine"].tolist()
    assert any(one["oee"] is not None for one in got)
    for mine, (_, row) in zip(got, wanted.iterrows(), strict=True):
        assert all(same(mine[name], row[name]) for name in wanted.columns if name != "machine")
    shares = [one["oee"] for one in fewest if one["oee"] is not None]
    assert shares == sorted(shares)
    assert backwards.status_code == 422
    assert "after the start" in backwards.text


def test_the_timeline_covers_the_range_of_each_machine_without_gap_or_overlap(world: World):
    pieces, page = [], 1
    with world.client() as client:
        while True:
            asked = {**RANGE, "machine": "m1", "sort": "start", "page": page, "per_page": 5}
            body = client.get("/timeline", params=asked).json()
            pieces += body["data"]
            if len(pieces) >= body["total"]:
                break
            page += 1
    assert (pieces[0]["start"], pieces[-1]["end"]) == (RANGE["start"], RANGE["end"])
    assert [one["end"] for one in pieces[:-1]] == [one["start"] for one in pieces[1:]]
    assert {"running", "down", "unknown"} <= {one["state"] for one in pieces}


def test_a_series_is_the_line_that_the_page_draws(world: World):
    wanted = lines(acting(world.gemba, "north"), "m1", ["power_kw"], START, END)
    with world.client() as client:
        body = client.get(
            "/telemetry/series", params={**RANGE, "machine": "m1", "parameter": "power_kw"}
        ).json()
        newest = client.get("/telemetry/latest", params={"machine": "m1"}).json()["data"]
    values = wanted["value"].tolist()
    assert all(same(got, one) for got, one in zip(body["data"][0]["values"], values, strict=True))
    assert newest[0]["value"] == 59.0


def test_an_unknown_key_and_a_wrong_range_are_named(world: World):
    with world.client() as client:
        for asked, field in (
            ({**RANGE, "machine": "m99"}, "machine"),
            ({**RANGE, "by": "moon"}, "query.by.0"),
            ({"start": RANGE["end"], "end": RANGE["start"]}, "end"),
            ({"start": "2026-03-03T00:00:00", "end": RANGE["end"]}, "query.start"),
            ({"start": "2020-03-03T00:00:00Z", "end": RANGE["end"]}, "end"),
        ):
            answer = client.get("/oee", params=asked)
            assert answer.status_code == 422
            assert answer.json()["error"]["fields"][0]["field"] == field


def test_a_count_that_is_sent_twice_counts_once_and_moves_the_figures(world: World):
    times = {"start": "2026-03-04T07:00:00Z", "end": "2026-03-04T08:00:00Z"}
    count = {"machine": "m1", **times, "good": 900, "scrap": 30}
    wrong = {**count, "machine": "m99"}
    with world.client("south") as client:
        before = client.get("/oee", params={**RANGE, "machine": "m1"}).json()["data"][0]
        first = client.post("/counts", json={"messages": [count, wrong]}).json()
        again = client.post("/counts", json={"messages": [count]}).json()
        after = client.get("/oee", params={**RANGE, "machine": "m1"}).json()["data"][0]
    assert (first["stored"], [one["position"] for one in first["refused"]]) == (1, [1])
    assert (again["stored"], again["unchanged"]) == (0, 1)
    assert (after["good"] - before["good"], after["scrap"] - before["scrap"]) == (900, 30)


def test_a_file_is_checked_then_loaded_and_its_bad_rows_are_listed(world: World):
    rows = [
        "machine,start,end,planned [min],operating [min],downtime [min],output,good",
        "m2,2026-03-02 06:00,2026-03-02 14:00,450,400,50,1000,990",
        "m2,2026-03-02 14:00,2026-03-02 22:00,450,400,50,1000,1200",
    ]
    file = {"file": ("records.csv", "\n".join(rows).encode(), "text/csv")}
    told = {"kind": "performance_records", "zone": "factory"}
    with world.client("south") as client:
        dry = client.post("/imports", files=file, data={**told, "dry_run": "true"}).json()
        assert (dry["id"], dry["new"], dry["rejected"]) == (None, 1, 1)
        done = client.post("/imports", files=file, data=told).json()
        assert (done["new"], done["rejected"], done["rejects"][0]["line"]) == (1, 1, 3)
        again = client.post("/imports", files=file, data=told).json()
        assert (again["new"], again["unchanged"]) == (0, 1)
        kept = client.get(f"/imports/{done['id']}/rejects").json()
        assert [row["line"] for row in kept["data"]] == [3]
        listed = client.get("/imports").json()["data"]
        assert {one["id"] for one in listed} == {done["id"], again["id"]}
        records = client.get("/records", params={"machine": "m2"}).json()
        assert [one["good"] for one in records["data"]] == [990]
        nothing = {"file": ("x.csv", b"a,b\n1,2\n", "text/csv")}
        assert client.post("/imports", files=nothing).status_code == 422


def test_a_record_is_entered_and_its_author_shown_to_those_who_may_see_names(world: World):
    given = {
        "machine": "m2", "start": "2026-03-01T06:00:00Z", "end": "2026-03-01T14:00:00Z", "planned_s": 27000,
        "operating_s": 24000, "downtime_s": 3000, "output": 500, "good": 490, "operator": "Olga",
        "stops": [{"reason": "jam", "duration_s": 1200}],
    }  # fmt: skip
    with world.client(role="operator") as client:
        made = client.post("/records", json=given)
        assert made.status_code == 201
        assert (made.json()["operator"], made.json()["stops"]) == ("Olga", given["stops"])
        bad = {
            "start": "2026-02-01T06:00:00Z",
            "end": "2026-02-01T14:00:00Z",
            "good": 501,
            "downtime_s": 28000,
        }
        wrong = client.post("/records", json={**given, **bad})
        assert {one["field"] for one in wrong.json()["error"]["fields"]} == {"good", "downtime_s"}
    with world.client(role="viewer") as client:
        assert client.get(f"/records/{made.json()['id']}").json()["operator"] is None


def test_every_change_of_this_module_has_its_audit_entry(world: World):
    with world.client("north") as client:
        found = client.get("/audit/entries", params={"action": "record.enter", "per_page": 100}).json()
    assert {one["actor"] for one in found["data"]} >= {"operator@north.test", "super_admin@north.test"}
    assert all(one["after"]["machine_id"] for one in found["data"])
