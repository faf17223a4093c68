"""Claims, fencing, fairness and idempotency, on each engine."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from analytics.errors import Conflict, Forbidden, InvalidInput, NotFound
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask, cancel, remove, retry
from app.jobs.context import Claim, LeaseLostError
from app.jobs.listing import JobFilter, count_jobs, get_job, list_jobs, result_of
from app.jobs.registry import load
from app.jobs.running import endings
from app.jobs.running.claims import claim_next, renew
from app.jobs.sweep import sweep
from data.models import AuditEntry, Job
from tests.app.jobs.conftest import expire
from tests.app.jobs.trial_kinds import MODULES
from tests.conftest import StillClock, make_factory

load(MODULES)
ADD = Asked("trial-add", {"numbers": [1]})


@pytest.fixture
def north(acting: Callable[..., Access]) -> Access:
    return acting()


def taken(gemba: Gemba, holder: str = "one") -> Claim:
    claim = claim_next(gemba, holder)
    assert claim is not None
    return claim


def test_many_that_claim_at_once_never_get_the_same_job(gemba: Gemba, north: Access) -> None:
    gemba = replace(gemba, settings=gemba.settings.model_copy(update={"jobs_per_factory": 100}))
    for _ in range(24):
        ask(north, ADD)

    def all_of(holder: str) -> list[int]:
        found = []
        while (claim := claim_next(gemba, holder)) is not None:
            found.append(claim.job_id)
        return found

    with ThreadPoolExecutor(6) as pool:
        got = [one for part in pool.map(all_of, "abcdef") for one in part]
    assert len(got) == 24
    assert Counter(got).most_common(1)[0][1] == 1


def test_a_runner_whose_job_was_taken_over_can_write_nothing(gemba: Gemba, north: Access) -> None:
    key = ask(north, ADD)
    old = taken(gemba)
    assert claim_next(gemba, "two") is None
    expire(gemba, north.factory.id)
    new = taken(gemba, "two")
    assert (new.job_id, new.token) == (old.job_id, old.token + 1)

    def effect(session: Session) -> None:
        north.audit(session, "trial.effect", ("trial", 1))

    with pytest.raises(LeaseLostError):
        endings.finish(gemba, old, {"by": "old"}, [effect])
    assert not endings.fail(gemba, old, "no")
    assert not endings.crashed(gemba, old, "no")
    assert not endings.cancelled(gemba, old)
    assert not endings.put_back(gemba, old)
    assert not renew(gemba, old, 0.9, "old", None)
    endings.finish(gemba, new, {"by": "new"}, [effect])
    assert result_of(north, key) == {"by": "new"}
    assert get_job(north, key).crash_attempts == 1
    with north.read() as session:
        assert session.scalar(
            select(func.count(AuditEntry.id)).where(AuditEntry.action == "trial.effect")
        ) == 1  # fmt: skip


def test_an_effect_that_breaks_leaves_the_job_unfinished(gemba: Gemba, north: Access) -> None:
    key = ask(north, ADD)
    claim = taken(gemba)

    def effect(session: Session) -> None:
        north.audit(session, "trial.effect", ("trial", 1))
        raise ValueError

    with pytest.raises(ValueError):
        endings.finish(gemba, claim, {}, [effect])
    assert get_job(north, key).state == "running"
    with north.read() as session:
        assert session.scalar(select(AuditEntry.id).where(AuditEntry.action == "trial.effect")) is None


def test_the_factory_with_fewer_running_jobs_comes_first(gemba: Gemba, acting: Callable[..., Access]) -> None:
    south = acting(in_factory=make_factory(gemba, "south"))
    north = acting()
    for _ in range(6):
        ask(north, ADD)
    for _ in range(2):
        ask(south, ADD)
    served: dict[int, int] = {}
    order = []
    for n in range(5):
        claim = claim_next(gemba, "one", served)
        assert claim is not None
        served[claim.factory_id] = n + 1
        order.append(claim.slug)
    assert order[:4].count("north") == 2
    assert order[4] == "north"


def test_a_factory_runs_no_more_jobs_than_it_may(gemba: Gemba, north: Access) -> None:
    for _ in range(6):
        ask(north, ADD)
    claims = [taken(gemba) for _ in range(gemba.settings.jobs_per_factory)]
    assert claim_next(gemba, "one") is None
    endings.finish(gemba, claims[0], {})
    assert claim_next(gemba, "one") is not None


def test_the_highest_priority_comes_first_and_what_is_not_due_waits(
    gemba: Gemba, north: Access, clock: StillClock
) -> None:
    low = ask(north, replace(ADD, priority=-1))
    plain = ask(north, ADD)
    late = ask(north, replace(ADD, priority=9, not_before_us=int(clock.now.timestamp() * 1e6) + 60_000_000))
    high = ask(north, replace(ADD, priority=5))
    assert [taken(gemba).key for _ in range(3)] == [high, plain, low]
    assert claim_next(gemba, "one") is None
    clock.forward(minutes=2)
    assert taken(gemba).key == late


def test_errors_are_tried_again_later_and_crashes_count_apart(
    gemba: Gemba, north: Access, clock: StillClock
) -> None:
    key = ask(north, Asked("trial-effect", {"number": 1}))
    assert endings.crashed(gemba, taken(gemba), "died")
    for attempt in (1, 2, 3):
        assert claim_next(gemba, "one") is None
        clock.forward(minutes=5)
        assert endings.fail(gemba, taken(gemba), f"error {attempt}")
    job = get_job(north, key)
    assert (job.state, job.error_attempts, job.crash_attempts, job.problem) == ("failed", 3, 1, "error 3")


def test_a_job_whose_runners_die_again_and_again_fails(gemba: Gemba, north: Access) -> None:
    key = ask(north, ADD)
    for _ in range(gemba.settings.jobs_crashes):
        taken(gemba)
        expire(gemba, north.factory.id)
    assert claim_next(gemba, "one") is None
    job = get_job(north, key)
    assert (job.state, job.crash_attempts) == ("failed", gemba.settings.jobs_crashes)
    assert "died 5 times" in job.problem


def test_one_idempotency_key_is_one_job_and_never_another(
    gemba: Gemba, acting: Callable[..., Access]
) -> None:
    north, south = acting(), acting(in_factory=make_factory(gemba, "south"))
    asked = replace(ADD, idempotency_key="k1")
    key = ask(north, asked)
    assert ask(north, asked) == key
    with pytest.raises(Conflict, match="another job"):
        ask(north, replace(asked, parameters={"numbers": [2]}))
    assert ask(south, asked) != key
    assert count_jobs(north, JobFilter()) == 1


def test_a_waiting_job_is_cancelled_at_once_and_a_running_one_is_asked_to_end(
    gemba: Gemba, north: Access
) -> None:
    waiting = ask(north, ADD)
    assert cancel(north, waiting) == "cancelled"
    with pytest.raises(Conflict):
        cancel(north, waiting)
    running = ask(north, ADD)
    taken(gemba)
    assert cancel(north, running) == "running"
    expire(gemba, north.factory.id)
    assert claim_next(gemba, "two") is None
    assert get_job(north, running).state == "cancelled"
    with north.read() as session:
        actions = list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))
    assert [one for one in actions if one.startswith("job.")] == [
        "job.ask", "job.cancel", "job.ask", "job.cancel",
    ]  # fmt: skip


def test_only_what_waits_or_failed_is_deleted_and_only_what_failed_is_tried_again(
    gemba: Gemba, north: Access
) -> None:
    key = ask(north, ADD)
    with pytest.raises(Conflict):
        retry(north, key)
    claim = taken(gemba)
    with pytest.raises(Conflict):
        remove(north, key)
    assert endings.fail(gemba, claim, "no")
    again = retry(north, key)
    assert get_job(north, again).parameters == {"numbers": [1]}
    for one in (key, again):
        remove(north, one)
    assert list_jobs(north, JobFilter()) == []


def test_another_factorys_jobs_are_not_found(gemba: Gemba, acting: Callable[..., Access]) -> None:
    north, south = acting(), acting(in_factory=make_factory(gemba, "south"))
    key = ask(north, ADD)
    for act in (get_job, result_of, cancel, retry, remove):
        with pytest.raises(NotFound):
            act(south, key)
    assert list_jobs(south, JobFilter()) == []


def test_asking_takes_the_permission_of_the_kind(gemba: Gemba, acting: Callable[..., Access]) -> None:
    viewer, engineer = acting("viewer"), acting("engineer")
    with pytest.raises(Forbidden):
        ask(viewer, ADD)
    key = ask(engineer, ADD)
    for act in (get_job, cancel, retry, remove):
        with pytest.raises(Forbidden):
            act(viewer, key)
    with pytest.raises(InvalidInput, match="no kind of job"):
        ask(engineer, Asked("tea"))


def test_ended_jobs_are_forgotten_after_their_days(gemba: Gemba, north: Access, clock: StillClock) -> None:
    done, waiting = ask(north, ADD), ask(north, replace(ADD, priority=-1))
    endings.finish(gemba, taken(gemba), {"text": "x" * 100_000})
    assert result_of(north, done) == {"text": "x" * 100_000}
    clock.forward(days=gemba.settings.jobs_keep_days - 1)
    sweep(gemba, ["north"])
    assert count_jobs(north, JobFilter()) == 2
    clock.forward(days=2)
    sweep(gemba, ["north"])
    assert [one.key for one in list_jobs(north, JobFilter())] == [waiting]


def test_leases_are_counted_on_the_databases_clock(gemba: Gemba, north: Access, clock: StillClock) -> None:
    ask(north, ADD)
    taken(gemba)
    clock.forward(days=400)
    assert claim_next(gemba, "two") is None
    with gemba.database.write(north.factory.id) as session:
        session.execute(
            update(Job).values(lease_until_us=Job.lease_until_us - 61_000_000),
            execution_options={"synchronize_session": False},
        )
    assert claim_next(gemba, "two") is not None
