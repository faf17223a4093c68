"""The rules of all factories, evaluated twice a second by the one process that holds the lease of each."""

from typing import Final

from analytics.errors import GembaError
from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.rules.runtime import RuleRuntime
from data.models import to_us
from data.queries.leases import Holder
from data.queries.plant import factory_slugs

ACTOR: Final = "rules"


class RuleService:
    """Runs the rules of every factory whose lease this process gets; another takes over when it dies."""

    def __init__(self, gemba: Gemba) -> None:
        self._gemba = gemba
        self._leases = Holder(gemba.database, "rules")
        self._runtimes: dict[str, RuleRuntime] = {}

    def round(self) -> None:
        """One round over all factories. A factory that fails does not keep the others waiting for ever."""
        with self._gemba.database.read(None) as session:
            slugs = factory_slugs(session)
        problems: list[str] = []
        for slug in slugs:
            if self._gemba.closing.is_set():
                return
            try:
                problems += self._factory(slug)
            except GembaError as error:
                problems.append(f"{slug}: {error}")
        if problems:
            raise GembaError("; ".join(problems)[:1_000])

    def _factory(self, slug: str) -> list[str]:
        """One factory; returns which of its rules failed."""
        if not self._leases.holds(slug, to_us(self._gemba.clock())):
            self._runtimes.pop(slug, None)
            return []
        principal = service(self._gemba.database, slug, ACTOR)
        if principal is None:
            return []
        access = Access(self._gemba, principal)
        runtime = self._runtimes.setdefault(slug, RuleRuntime(access))
        done = runtime.round(access)
        return [f"rule {number} of {slug}: {said}" for number, said in done.failed.items()]
