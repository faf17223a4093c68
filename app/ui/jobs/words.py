"""How jobs are called on pages."""

from typing import Final

from app.jobs.registry import kinds
from app.jobs.schedules import is_known
from data.models import JobSchedule

ELSEWHERE: Final = frozenset({"report"})


def titles() -> dict[str, str]:
    """The titles of all kinds by name."""
    return {one.name: one.title for one in kinds()}


def askable() -> dict[str, str]:
    """The titles of the kinds that are asked for on the page of jobs; reports have a page of their own."""
    return {name: title for name, title in titles().items() if name not in ELSEWHERE}


def title_of(kind: str) -> str:
    """The title of a kind, or its name where it is no longer known."""
    return titles().get(kind, kind)


def state_word(one: JobSchedule, behind: set[int]) -> str:
    """Whether a schedule is on, and that its maker may no longer act here."""
    word = "on" if one.is_on else "off"
    if not is_known(one):
        return f"{word}: there is no such kind of job here"
    if one.id not in behind:
        return word
    return f"{word}: its maker may no longer act here" + (
        ", so its next slot switches it off" if one.is_on else ""
    )
