"""Files of models that nobody will use again are deleted; rows and the audit log say so."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from analytics.errors import Conflict
from app.predict.failure.models import add_version, models, promote, retire
from app.predict.failure.pruning import KEPT_DAYS
from data.models import AuditEntry, to_us

pytestmark = pytest.mark.parametrize("relational_url", ["sqlite"], indirect=True)


@pytest.fixture
def folder(gemba):
    path = gemba.settings.home / "models" / "north"
    path.mkdir(parents=True)
    return path


def version(access, folder, digest, machine="m1", tells="failure"):
    (folder / f"{digest}.skops").write_bytes(b"model")
    values = {
        "job_key": "j", "machine_key": machine, "tells": tells, "method": "both", "horizon_h": 6.0,
        "least_stop_min": 30.0, "start_us": 0, "end_us": 1, "hours": 1, "failures": 1, "threshold": 0.5,
        "base_rate": 0.2, "beats_naive": True, "fingerprint": "f", "digest": digest,
        "made_us": to_us(access.now), "made_by": "x",
    }  # fmt: skip
    with access.write() as session:
        add_version(access, session, values)


def files(folder):
    return {path.stem for path in folder.iterdir()}


def promoted(access, number):
    one = next(one for one in models(access) if one.number == number)
    promote(access, one.id, one.version)


def test_the_promoted_file_the_one_before_it_and_the_newest_three_stay(north, folder, clock, run):
    for number in range(1, 9):
        version(north, folder, f"d{number}")
    promoted(north, 2)
    promoted(north, 3)
    clock.forward(days=KEPT_DAYS + 1)
    assert sorted(run("prune_models")["deleted"]) == ["m1 v1", "m1 v4", "m1 v5"]
    assert files(folder) == {"d2", "d3", "d6", "d7", "d8"}
    assert {one.number for one in models(north) if one.file_gone_us} == {1, 4, 5}
    assert run("prune_models")["deleted"] == []
    with north.read() as session:
        told = session.scalars(select(AuditEntry.action).where(AuditEntry.action == "model.prune")).all()
    assert len(told) == 3


def test_nothing_is_deleted_before_its_days_have_passed(north, folder, clock, run):
    for number in range(5):
        version(north, folder, f"d{number}")
    clock.now += timedelta(days=KEPT_DAYS - 1)
    assert run("prune_models")["deleted"] == []
    oldest = models(north)[-1]
    retire(north, oldest.id, oldest.version)
    clock.now += timedelta(days=2)
    assert run("prune_models")["deleted"] == ["m1 v2"]


def test_a_file_that_a_kept_version_has_too_stays(north, folder, clock, run):
    version(north, folder, "shared")
    for number in range(4):
        version(north, folder, f"d{number}")
    version(north, folder, "shared", machine="m2")
    clock.forward(days=KEPT_DAYS + 1)
    assert sorted(run("prune_models")["deleted"]) == ["m1 v1", "m1 v2"]
    assert "shared" in files(folder)


def test_versions_that_tell_lives_are_counted_apart(north, folder, clock, run):
    for number in range(3):
        version(north, folder, f"d{number}")
        version(north, folder, f"l{number}", tells="life")
    clock.forward(days=KEPT_DAYS + 1)
    assert run("prune_models")["deleted"] == []


def test_a_version_without_its_file_is_not_promoted(north, folder, clock, run):
    for number in range(4):
        version(north, folder, f"d{number}")
    clock.forward(days=KEPT_DAYS + 1)
    run("prune_models")
    with pytest.raises(Conflict, match="no longer kept"):
        promoted(north, 1)
