"""A plant's own kinds of jobs: Python modules that are named by a setting, beside those that Gemba has."""

import sys
from importlib import import_module

from analytics.errors import ConfigurationError
from app.jobs.registry import KIND_MODULES
from app.settings import Settings


def modules_of(settings: Settings) -> tuple[str, ...]:
    """The modules that register kinds of jobs: Gemba's, then the plant's own in their order."""
    named = (name.strip() for name in settings.own_modules.split(","))
    return (*KIND_MODULES, *(name for name in named if name))


def prepare(settings: Settings) -> None:
    """Import the plant's own modules, from `own` in the state folder or anywhere on Python's path.

    Raises ConfigurationError for one that is not there or does not load, so that the process does not start
    with half of what it should do.
    """
    folder = str(settings.home.resolve() / "own")
    if settings.own_modules and folder not in sys.path:
        sys.path.append(folder)
    for name in modules_of(settings)[len(KIND_MODULES) :]:
        try:
            import_module(name)
        except Exception as error:
            raise ConfigurationError(
                f"GEMBA_OWN_MODULES: the module '{name}', looked for in {folder} and on Python's path, "
                f"does not load: {error}"
            ) from error
