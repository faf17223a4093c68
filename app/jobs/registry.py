"""The kinds of job: registered functions with their limits."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Final

from analytics.errors import InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.context import JobContext
from app.jobs.rhythm import Rhythm

Parameters = dict[str, Any]
Function = Callable[[JobContext], Parameters]
Check = Callable[[Access, Parameters], Parameters]

KIND_MODULES: Final = (
    "app.jobs.kinds.anomaly", "app.jobs.kinds.failure", "app.jobs.kinds.forecast", "app.jobs.kinds.identity",
    "app.jobs.kinds.insights", "app.jobs.kinds.life", "app.jobs.kinds.live", "app.jobs.kinds.matching",
    "app.reports.making",
)  # fmt: skip
"""The modules that register kinds; a runner's children import them."""


def _as_given(access: Access, given: Parameters) -> Parameters:
    return given


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of job: what it does, who may ask for it and what it may use.

    `check` refuses wrong parameters when the job is asked for and fills in what is missing. `most_attempts`
    counts errors; crashes are counted apart. `nightly` is a schedule that every factory has from the start.
    """

    name: str
    title: str
    run: Function
    check: Check
    permission: Permission
    time_limit_s: float
    memory_mb: int
    most_attempts: int
    nightly: Rhythm | None


_kinds: dict[str, Kind] = {}


def job(
    name: str,
    *,
    title: str,
    check: Check = _as_given,
    permission: Permission = Permission.RUN_ANALYTICS,
    time_limit_s: float = 600.0,
    memory_mb: int = 2_048,
    retries: int = 2,
    nightly: Rhythm | None = None,
) -> Callable[[Function], Function]:
    """Register a function as a kind of job; a second function of the same name is a defect."""

    def register(function: Function) -> Function:
        known = _kinds.get(name)
        if known is not None and known.run.__module__ != function.__module__:
            raise ValueError(f"the kind {name!r} is registered twice")
        _kinds[name] = Kind(
            name, title, function, check, permission, time_limit_s, memory_mb, retries + 1, nightly
        )
        return function

    return register


def load(modules: Iterable[str] = KIND_MODULES) -> None:
    """Import the modules that register kinds."""
    for module in modules:
        import_module(module)


def kinds() -> tuple[Kind, ...]:
    """All kinds by name."""
    load()
    return tuple(_kinds[name] for name in sorted(_kinds))


def kind(name: str) -> Kind:
    """The kind of a name. InvalidInput names those that there are."""
    load()
    if name not in _kinds:
        raise InvalidInput.at("kind", f"There is no kind of job {name!r}: choose from {', '.join(_kinds)}.")
    return _kinds[name]
