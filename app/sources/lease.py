"""Only one process reads a source at a time."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from analytics.errors import Conflict
from app.bootstrap import Access
from data.models import to_us
from data.queries.leases import claim, release

LEASE_US: Final = 120_000_000
"""Longer than one page takes; a process that was killed blocks a source for no longer."""


class Held:
    """The lease of a source while it is read."""

    def __init__(self, access: Access, source_id: int) -> None:
        self._access, self._name = access, f"source:{source_id}"
        self._holder = secrets.token_hex(8)

    def renew(self) -> None:
        """Take or keep it; Conflict when another process has it."""
        with self._access.gemba.database.write(None) as session:
            has = claim(session, self._name, self._holder, to_us(self._access.now), LEASE_US)
        if not has:
            raise Conflict("This source is being read already.")

    def release(self) -> None:
        """Give it back."""
        with self._access.gemba.database.write(None) as session:
            release(session, self._name, self._holder)


@contextmanager
def hold(access: Access, source_id: int) -> Iterator[Held]:
    """Hold the lease of a source; Conflict while another process does."""
    held = Held(access, source_id)
    held.renew()
    try:
        yield held
    finally:
        held.release()
