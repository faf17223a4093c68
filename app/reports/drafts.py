"""A report as somebody asks for it, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from re import compile as pattern
from typing import Any, Final

from sqlalchemy import select

from analytics.errors import Forbidden, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.jobs.kinds.ranges import machine_keys, moment, refuse_unknown, texts
from app.production.plant import plant
from app.reports.periods import PERIODS, last_ended
from data.models import Account, Membership

FORMATS: Final = ("pdf", "excel", "csv", "json")
SECTIONS: Final[dict[str, str]] = {
    "summary": "Executive summary",
    "machines": "Machine overview",
    "oee": "OEE and losses",
    "telemetry": "Telemetry",
    "alerts": "Alerts",
    "energy": "Energy",
    "maintenance": "Maintenance",
    "analytics": "Analytics insights",
    "appendix": "Appendix: raw data",
}
"""The sections by key, in the order of a report."""
PARAMETERS: Final = frozenset(
    {
        "title", "format", "sections", "machines", "device_ids", "lines", "start_us", "end_us", "period",
        "recipients", "analytics_job",
    }
)  # fmt: skip
TITLE_CHARACTERS: Final = 255
MOST_RECIPIENTS: Final = 50
LONGEST_US: Final = 400 * 86_400_000_000
MAIL: Final = pattern(r"[^@\s<>,;:\"]{1,64}@[A-Za-z0-9.-]{1,180}")


@dataclass(frozen=True, slots=True)
class ReportDraft:
    """What is asked for: a range, or a `period` that has ended when the report is made.

    No machines and no lines: the whole plant. `analytics_job` is a job whose result is told.
    """

    title: str = ""
    format: str = "pdf"
    sections: tuple[str, ...] = tuple(SECTIONS)
    machines: tuple[str, ...] = ()
    lines: tuple[str, ...] = ()
    start_us: int | None = None
    end_us: int | None = None
    period: str = ""
    recipients: tuple[str, ...] = ()
    analytics_job: str = ""


def parameters(draft: ReportDraft) -> dict[str, Any]:
    """The draft as the parameters of a job."""
    said: dict[str, Any] = {"title": draft.title, "format": draft.format, "sections": list(draft.sections)}
    for name in ("machines", "lines", "recipients"):
        if getattr(draft, name):
            said[name] = list(getattr(draft, name))
    for name in ("start_us", "end_us", "period", "analytics_job"):
        if getattr(draft, name):
            said[name] = getattr(draft, name)
    return said


def checked(access: Access, given: Mapping[str, Any]) -> dict[str, Any]:
    """The parameters of a job, with what is missing filled in. InvalidInput names what is wrong."""
    access.require(Permission.GENERATE_REPORTS)
    refuse_unknown(given, PARAMETERS)
    title = _text(given, "title")
    if len(title) > TITLE_CHARACTERS:
        raise InvalidInput.at("title", f"A title has at most {TITLE_CHARACTERS} characters.")
    wanted = texts(given, "sections") or list(SECTIONS)
    for one in wanted:
        if one not in SECTIONS:
            raise InvalidInput.at("sections", f"A section is one of {', '.join(SECTIONS)}.")
    made = ReportDraft(
        " ".join(title.split()),
        _text(given, "format") or "pdf",
        tuple(one for one in SECTIONS if one in wanted),
        tuple(machine_keys(access, given)) if given.get("machines") or given.get("device_ids") else (),
        tuple(_lines(access, given)),
        moment(given, "start_us"),
        moment(given, "end_us"),
        _text(given, "period"),
        tuple(_recipients(access, texts(given, "recipients"))),
        _text(given, "analytics_job"),
    )
    if made.format not in FORMATS:
        raise InvalidInput.at("format", f"A format is one of {', '.join(FORMATS)}.")
    _refuse_wrong_times(made)
    return parameters(made)


def draft_of(given: Mapping[str, Any]) -> ReportDraft:
    """The draft behind checked parameters."""
    several = ("sections", "machines", "lines", "recipients")
    values: dict[str, Any] = {n: tuple(value) if n in several else value for n, value in given.items()}
    return ReportDraft(**values)


def reach(access: Access, draft: ReportDraft) -> tuple[int, int]:
    """The time that a draft is about, when it is made now."""
    if draft.start_us is not None and draft.end_us is not None:
        return draft.start_us, draft.end_us
    return last_ended(access, draft.period or "day")


def _refuse_wrong_times(draft: ReportDraft) -> None:
    if draft.period:
        if draft.period not in PERIODS:
            raise InvalidInput.at("period", f"A period is one of {', '.join(PERIODS)}.")
        if draft.start_us is not None or draft.end_us is not None:
            raise InvalidInput.at("period", "Give a period, or a start and an end.")
        return
    if (draft.start_us is None) != (draft.end_us is None):
        raise InvalidInput.at("end_us", "Give a start and an end, or neither.")
    if draft.start_us is None or draft.end_us is None:
        raise InvalidInput.at("start_us", "Say which time the report is about: a start and an end.")
    if not 0 < draft.end_us - draft.start_us <= LONGEST_US:
        raise InvalidInput.at("end_us", "The end must be after the start, by at most 400 days.")


def _text(given: Mapping[str, Any], name: str) -> str:
    value = given.get(name) or ""
    if not isinstance(value, str):
        raise InvalidInput.at(name, f"{name} is a text.")
    return value.strip()


def _lines(access: Access, given: Mapping[str, Any]) -> list[str]:
    found = texts(given, "lines")
    for key in found:
        if key not in plant(access).line_by_key:
            raise InvalidInput.at("lines", f"There is no line '{key}' in this factory.")
    return sorted(set(found))


def _recipients(access: Access, found: list[str]) -> list[str]:
    """Addresses of people of the factory; others only for who may choose where its messages go."""
    if len(found) > MOST_RECIPIENTS:
        raise InvalidInput.at("recipients", f"A report goes to at most {MOST_RECIPIENTS} addresses.")
    asked = sorted({one.strip().lower() for one in found if one.strip()})
    for one in asked:
        if MAIL.fullmatch(one) is None:
            raise InvalidInput.at("recipients", f"'{one}' is no mail address.")
    if asked and not access.principal.may(Permission.MANAGE_NOTIFICATIONS):
        outside = set(asked) - _members(access)
        if outside:
            raise Forbidden(
                f"{min(outside)} is not of this factory. Reports go to others only from who has "
                f"'{Permission.MANAGE_NOTIFICATIONS.value}'."
            )
    return asked


def _members(access: Access) -> set[str]:
    with access.read() as session:
        asked = (
            select(Account.email)
            .join(Membership, Membership.account_id == Account.id)
            .where(Membership.factory_id == access.factory.id, Membership.deactivated_at.is_(None))
        )
        return {email.lower() for email in session.scalars(asked)}
