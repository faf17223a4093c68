"""One document for all formats: each section asks the services that pages ask."""

from collections.abc import Callable
from typing import Final

from app.bootstrap import Access
from app.production.cells import production_day
from app.production.figures import Question
from app.reports.content.document import Document, Section
from app.reports.content.inputs import Inputs
from app.reports.drafts import SECTIONS, ReportDraft
from app.reports.proof.version import code_version
from app.reports.sections.alerts import alerts
from app.reports.sections.energy import energy
from app.reports.sections.insights import insights
from app.reports.sections.losses import oee
from app.reports.sections.maintenance import maintenance
from app.reports.sections.plant import machines, summary
from app.reports.sections.raw import appendix
from app.reports.sections.signals import telemetry
from data.models import to_us

Told = Callable[[float, str], None]
MAKERS: Final[dict[str, Callable[[Inputs], Section]]] = {
    "summary": summary,
    "machines": machines,
    "oee": oee,
    "telemetry": telemetry,
    "alerts": alerts,
    "energy": energy,
    "maintenance": maintenance,
    "appendix": appendix,
}


def quietly(_share: float, _stage: str) -> None:
    """Tell nobody about the progress."""


def gather(
    access: Access, key: str, draft: ReportDraft, reach: tuple[int, int], progress: Told = quietly
) -> Document:
    """What is to be told of [start, end); a time that reaches beyond now ends now."""
    start_us, end_us = reach[0], max(min(reach[1], to_us(access.now)), reach[0] + 1)
    inputs = Inputs(access, Question(start_us, end_us, draft.lines, draft.machines))
    found = []
    for place, name in enumerate(draft.sections):
        progress(place / len(draft.sections), SECTIONS[name])
        found.append(insights(inputs, draft.analytics_job) if name == "analytics" else MAKERS[name](inputs))
    factory = access.factory
    return Document(
        key=key,
        title=draft.title or default_title(access, start_us, end_us),
        factory=factory.name,
        slug=factory.slug,
        timezone=factory.timezone,
        currency=factory.currency,
        start_us=start_us,
        end_us=end_us,
        made_us=to_us(access.now),
        made_by=access.principal.email,
        machines=tuple(inputs.keys),
        code_version=code_version(),
        fingerprint=inputs.fingerprint.hex(),
        sections=tuple(found),
    )


def default_title(access: Access, start_us: int, end_us: int) -> str:
    """The factory and the production days, for a report that nobody named."""
    first, last = production_day(access, start_us), production_day(access, end_us - 1)
    days = f"{first:%d %b %Y}" if first == last else f"{first:%d %b %Y} to {last:%d %b %Y}"
    return f"{access.factory.name}, {days}"
