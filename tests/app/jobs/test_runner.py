"""The embedded runner: real children with limits, cancellation and a stop that loses nothing."""

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from sqlalchemy import select

from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask, cancel
from app.jobs.listing import JobShown, get_job, result_of
from app.jobs.running.claims import claim_next
from app.jobs.running.supervisor import Runner
from data.models import AuditEntry, Membership
from tests.app.jobs.conftest import Until, entered
from tests.app.notify.conftest import make_person

Ended = Callable[..., JobShown]


def test_a_job_runs_as_whoever_asked_and_its_result_is_kept(north: Access, ended: Ended) -> None:
    job = ended("trial-add", numbers=[1, 2, 3])
    assert (job.state, job.share, job.error_attempts, job.crash_attempts) == ("done", 1.0, 0, 0)
    result = result_of(north, job.key)
    assert (result["sum"], result["who"]) == (6, "admin@example.test")


def test_a_job_may_do_what_was_allowed_when_it_was_asked_for(
    real: Gemba, north: Access, until: Until
) -> None:
    key = ask(entered(real, north.factory.id, "engineer"), Asked("trial-add"))
    until(key, lambda job: job.state == "done")
    assert "manage_users" not in result_of(north, key)["may"]
    assert "run_analytics" in result_of(north, key)["may"]


def test_a_job_of_somebody_who_has_left_fails_and_says_so(real: Gemba, north: Access, until: Until) -> None:
    person = make_person(real, "engineer", north.factory.id)
    key = ask(person, Asked("trial-add"))
    with real.database.write(None) as session:
        row = session.scalars(
            select(Membership).where(Membership.account_id == person.principal.account_id)
        ).one()
        row.deactivated_at = real.clock()
    job = until(key, lambda job: job.state == "failed")
    assert "may no longer act" in job.problem


def test_what_takes_too_long_is_killed_and_counts_as_an_error(ended: Ended) -> None:
    job = ended("trial-slow")
    assert (job.state, job.error_attempts, job.crash_attempts) == ("failed", 1, 0)
    assert "longer than its 0.6 s" in job.problem


def test_what_needs_too_much_memory_fails_with_that_reason(ended: Ended) -> None:
    job = ended("trial-greedy")
    assert (job.state, job.error_attempts, job.crash_attempts) == ("failed", 1, 0)
    assert "200 MB of memory" in job.problem


def test_an_error_is_tried_again_and_the_reason_kept(ended: Ended) -> None:
    job = ended("trial-break")
    assert (job.state, job.error_attempts) == ("failed", 2)
    assert "no luck" in job.problem


def test_a_process_that_dies_is_started_anew_and_counted_as_a_crash(ended: Ended) -> None:
    job = ended("trial-die")
    assert (job.state, job.error_attempts, job.crash_attempts) == ("failed", 0, 3)
    assert "signal 9" in job.problem


def test_an_effect_that_breaks_counts_as_an_error_and_leaves_nothing(north: Access, ended: Ended) -> None:
    job = ended("trial-effect", number=7, breaks=True)
    assert (job.state, job.error_attempts) == ("failed", 3)
    with north.read() as session:
        assert session.scalar(select(AuditEntry.id).where(AuditEntry.action == "trial.effect")) is None


def test_a_running_job_tells_its_progress_and_ends_when_it_is_cancelled(north: Access, until: Until) -> None:
    key = ask(north, Asked("trial-patient"))
    seen = until(key, lambda job: job.share > 0.2)
    assert (seen.state, seen.share) == ("running", 0.25)
    assert seen.stage.startswith("step ")
    assert seen.ends_at is not None
    cancel(north, key)
    job = until(key, lambda job: job.state != "running")
    assert (job.state, job.error_attempts, job.problem) == ("cancelled", 0, "")


def test_a_stop_puts_running_jobs_back_without_an_attempt(
    real: Gemba, north: Access, runner: Runner, until: Until
) -> None:
    key = ask(north, Asked("trial-patient"))
    until(key, lambda job: job.share > 0)
    runner.stop()
    job = get_job(north, key)
    assert (job.state, job.error_attempts, job.crash_attempts) == ("waiting", 0, 0)
    assert claim_next(real, "another") is not None


def test_a_child_does_not_run_the_page_that_is_the_main_module_now(
    ended: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = ModuleType("__main__")
    page.__file__ = str(tmp_path / "page.py")
    (tmp_path / "page.py").write_text("raise RuntimeError('the page ran in the child')")
    monkeypatch.setitem(sys.modules, "__main__", page)
    job = ended("trial-add", numbers=[1])
    assert (job.state, job.crash_attempts) == ("done", 0)


def test_a_large_result_is_kept_as_a_document(north: Access, ended: Ended) -> None:
    job = ended("trial-large")
    assert len(result_of(north, job.key)["text"]) == 100_000
