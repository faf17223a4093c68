"""A plant's own module: its kind runs like any other; one that does not load stops the start."""

import pytest

from analytics.errors import ConfigurationError
from app.bootstrap import Access, Gemba
from app.jobs.asking import Asked, ask
from app.jobs.listing import get_job, result_of
from app.jobs.own import modules_of, prepare
from app.jobs.registry import KIND_MODULES, kind
from app.jobs.running.supervisor import Runner
from app.services import BackgroundServices
from tests.app.jobs.conftest import entered

MODULE = """
from app.jobs.registry import job


@job("own-count", title="Count machines")
def count(context):
    from app.production.plant import plant

    context.progress(0.5, "counting")
    return {"machines": len(plant(context.access).active)}
"""


@pytest.fixture
def with_module(real: Gemba) -> Gemba:
    folder = real.settings.home / "own"
    folder.mkdir(parents=True)
    (folder / "own_count.py").write_text(MODULE)
    settings = real.settings.model_copy(update={"own_modules": " own_count ,"})
    return Gemba(**{**{n: getattr(real, n) for n in real.__dataclass_fields__}, "settings": settings})


def test_an_own_kind_is_offered_and_runs_in_its_own_process(with_module: Gemba, north: Access) -> None:
    prepare(with_module.settings)
    assert modules_of(with_module.settings) == (*KIND_MODULES, "own_count")
    assert kind("own-count").title == "Count machines"
    who = entered(with_module, north.factory.id, "engineer")
    key = ask(who, Asked("own-count"))
    runner = Runner(with_module, modules_of(with_module.settings))
    try:
        while get_job(who, key).state not in {"done", "failed"}:
            runner.round()
    finally:
        runner.stop()
    assert result_of(who, key) == {"machines": 2}


@pytest.mark.parametrize("text", ["import nothing_of_that_name", "1 / 0", "def"])
def test_a_module_that_does_not_load_is_told_with_its_folder(with_module: Gemba, text: str) -> None:
    folder = with_module.settings.home / "own"
    name = f"broken_{len(text)}"
    (folder / f"{name}.py").write_text(text)
    settings = with_module.settings.model_copy(update={"own_modules": name})
    with pytest.raises(ConfigurationError, match=name) as told:
        prepare(settings)
    assert str(folder) in str(told.value)


def test_a_server_does_not_start_with_a_module_that_is_not_there(with_module: Gemba) -> None:
    settings = with_module.settings.model_copy(update={"own_modules": "nowhere_at_all"})
    parts = {n: getattr(with_module, n) for n in with_module.__dataclass_fields__}
    with pytest.raises(ConfigurationError, match="nowhere_at_all"):
        BackgroundServices(Gemba(**{**parts, "settings": settings}))
