"""What a job's function gets: who it acts as, its parameters, and how it tells where it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from sqlalchemy.orm import Session

from analytics.errors import GembaError
from app.bootstrap import Access

Effect = Callable[[Session], None]
Tell = Callable[[float, str], None]


class JobCancelledError(GembaError):
    """Somebody asked for the job to end."""

    code = "conflict"


class LeaseLostError(GembaError):
    """Another runner has this job now; nothing of what was done here counts."""

    code = "conflict"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that one runner has; `token` tells its claim from every earlier and later one."""

    factory_id: int
    slug: str
    job_id: int
    key: str
    kind: str
    token: int
    holder: str


@dataclass(frozen=True, slots=True)
class JobContext:
    """The surroundings of one run."""

    access: Access
    claim: Claim
    parameters: dict[str, Any]
    tell: Tell
    cancel: Event = field(default_factory=Event)
    effects: list[Effect] = field(default_factory=list)
    documents: list[str] = field(default_factory=list)

    def progress(self, share: float, stage: str = "") -> None:
        """Say how much is done, 0 to 1, and what is done now. Raises JobCancelledError when it shall end."""
        if self.cancelled():
            raise JobCancelledError("The job was cancelled.")
        self.tell(min(max(share, 0.0), 1.0), stage)

    def cancelled(self) -> bool:
        """Whether somebody asked for the end."""
        return self.cancel.is_set()

    def finish(self, effect: Effect) -> None:
        """Do this in the transaction that finishes the job: with it, once, or not at all."""
        self.effects.append(effect)

    def refer(self, collection: str, key: str) -> None:
        """Name the document that holds the whole result."""
        self.documents[:] = [f"{collection}/{key}"]

    @property
    def document_key(self) -> str:
        """A key for documents of this run: a run that lost its lease writes under another one."""
        return f"{self.claim.key}-{self.claim.token}"
