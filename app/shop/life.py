"""The fitted tools with the life that is left and the proposal for the next change."""

from dataclasses import dataclass

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.shop.fittings import Fitting, fittings, rows_of
from app.shop.wear import Change, Spent, next_change, spent_of

SOON: float = 0.8
"""From this share of its life on, a tool is told to be changed soon."""


@dataclass(frozen=True, slots=True)
class ToolLife:
    """A fitted tool: how much it has cut (None: not known) and when to change it (None: no job uses it)."""

    fitting: Fitting
    spent: Spent | None
    change: Change | None

    @property
    def left(self) -> float | None:
        """The share of its life that is left, not below 0; None where it is not known."""
        return None if self.spent is None else max(1.0 - self.spent.share, 0.0)

    @property
    def standing(self) -> str:
        """worn, soon, good or unknown."""
        if self.spent is None:
            return "unknown"
        return "worn" if self.spent.share >= 1.0 else "soon" if self.spent.share >= SOON else "good"


def tool_lives(access: Access, machine: str = "") -> list[ToolLife]:
    """Every fitted tool, or those of one machine; the least life left first, unknown last."""
    access.require(Permission.SEE_PLANT)
    found = {one.id: one for one in fittings(access, machine=machine, only_now=True)}
    with access.read() as session:
        lives = []
        for row, tool in rows_of(session, sorted(found)):
            spent = spent_of(access, session, row, tool)
            lives.append(ToolLife(found[row.id], spent, next_change(access, session, row, tool, spent)))
    return sorted(lives, key=lambda one: (one.left is None, one.left or 0.0))
