"""What a lathe is told to do: material, operation, tool and cutting values."""

from dataclasses import dataclass, replace
from math import pi
from typing import Final, Self

from analytics.twin.lathe.machine import LATHE, Lathe
from analytics.twin.lathe.materials import Material
from analytics.twin.lathe.tools import Operation, Tool

SPEED_SHARE: Final = {
    Operation.TURNING: 1.0,
    Operation.FACING: 1.0,
    Operation.BORING: 0.8,
    Operation.THREADING: 0.6,
    Operation.DRILLING: 0.4,
}
"""How fast an operation goes against turning; assumptions."""


@dataclass(frozen=True, slots=True)
class Process:
    """One operation on one part.

    `feed_mm` is per revolution, in threading the pitch; `depth_mm` per pass (without meaning in threading and
    drilling, where pitch and diameter give it); `diameter_mm` the one that is cut, `length_mm` the cut's
    length, in facing without meaning; `passes` how often the cut is made.
    """

    material: Material
    operation: Operation
    tool: Tool
    speed_m_min: float
    feed_mm: float
    depth_mm: float
    diameter_mm: float = 50.0
    length_mm: float = 120.0
    passes: int = 2
    lathe: Lathe = LATHE

    @property
    def rpm(self) -> float:
        """The spindle speed at the outer diameter, up to the lathe's limit."""
        return min(1_000.0 * self.speed_m_min / (pi * self.diameter_mm), self.lathe.max_rpm)

    @property
    def is_chatter_prone(self) -> bool:
        """Whether a boring bar hangs out by more than four times its diameter (a rule of thumb for steel)."""
        return self.tool.overhang is not None and self.tool.overhang > 4.0

    def with_values(self, **changed: float) -> Self:
        """The same operation with other cutting values, unchecked."""
        return replace(self, **changed)  # type: ignore[arg-type]
