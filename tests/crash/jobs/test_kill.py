"""kill -9 of runners and of their children: no job is lost, and each effect comes exactly once."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.app.jobs.conftest import entered
from tests.conftest import make_factory
from tests.crash.jobs.plant import Plant, celery, embedded, opened, proved
from tests.servers.fixtures import Running

CYCLES = 25
MANY = 200
WORKERS, CELERY_WORKERS = 0.2, 0.1
"""The share of the kills that hit the runner; the others hit a child."""


def kill_again_and_again(
    home: Path, url: str, target: Callable[..., None], cycles: int, broker: str = ""
) -> None:
    gemba = opened(home, url, broker)
    plant = Plant(entered(gemba, make_factory(gemba, "north")), target, cycles)
    begun = time.monotonic()
    proved(plant, cycles, CELERY_WORKERS if broker else WORKERS)
    took = time.monotonic() - begun
    print(f"{dict(plant.killed)} kills, {plant.asked} jobs, {plant.crashes()} crashes, {took:.0f} s")
    gemba.close()


@pytest.mark.timeout(900)
def test_a_killed_runner_or_child_loses_no_job_and_repeats_no_effect(
    tmp_path: Path, relational_url: str
) -> None:
    kill_again_and_again(tmp_path / "var", relational_url, embedded, CYCLES)


@pytest.mark.timeout(900)
def test_a_killed_celery_worker_or_child_loses_no_job_and_repeats_no_effect(
    tmp_path: Path, redis_server: Running, relational_mariadb: str
) -> None:
    kill_again_and_again(tmp_path / "var", relational_mariadb, celery, CYCLES, redis_server.url("5"))


@pytest.mark.slow
@pytest.mark.timeout(5_400)
def test_two_hundred_kills_of_runners_and_children(tmp_path: Path, relational_url: str) -> None:
    kill_again_and_again(tmp_path / "var", relational_url, embedded, MANY)


@pytest.mark.slow
@pytest.mark.timeout(5_400)
def test_two_hundred_kills_of_celery_workers_and_children(
    tmp_path: Path, redis_server: Running, relational_mariadb: str
) -> None:
    kill_again_and_again(tmp_path / "var", relational_mariadb, celery, MANY, redis_server.url("6"))
