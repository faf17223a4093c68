from app.benchmark import oee, productivity


def test_the_benchmark_runs_every_version_and_finds_them_equal():
    rows = oee.run(2_000)
    assert len(rows) == 6
    assert all(row.equal for row in rows)
    assert rows[0].times_slower == 1.0
    assert all(row.peak_mb > row.input_mb > 0 for row in rows)


def test_the_loops_are_left_out_where_they_would_take_minutes(monkeypatch):
    monkeypatch.setattr(oee, "LOOP_LIMIT", 999)
    assert [row.version for row in oee.run(1_000) if "loop" in row.version] == []


def test_hours_of_camera_events_are_the_same_in_every_version():
    rows = productivity.run(6_000)
    assert [row.version for row in rows] == ["hour_figures", "vectorised pandas", "plain pandas loop"]
    assert all(row.equal for row in rows)
    assert rows[0].cells > 1_000
