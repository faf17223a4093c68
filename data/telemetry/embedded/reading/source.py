"""Where answers get their rows from, whichever engine keeps them."""

from typing import Protocol

from data.telemetry.batch import I32, I64
from data.telemetry.embedded.files import Names
from data.telemetry.embedded.rollup import Rollup
from data.telemetry.embedded.tiers import Tier


class RowSource(Protocol):
    """One question: `ids` are the series asked for, `names` their words; rows carry places in `ids`."""

    @property
    def ids(self) -> I32:
        """The series asked for."""
        ...

    @property
    def names(self) -> Names:
        """The machine and the parameter of each series id."""
        ...

    def rows(
        self, tier: Tier, start_us: int, end_us: int, cuts: I64, max_gap_us: int | None = None
    ) -> Rollup:
        """Rows that overlap [start_us, end_us), sorted by series and time, together holding each point once.

        No row straddles a cut or holds an inner gap longer than `max_gap_us`, except where only coarser
        rows are kept any more. Rows are of `tier` or finer.
        """
        ...
