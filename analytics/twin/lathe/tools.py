"""What cuts: geometry, Taylor life and price of tools, and the magazine that a lathe comes with."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analytics.errors import InvalidInput


class Operation(StrEnum):
    """What a lathe does to a part."""

    TURNING = "turning"
    FACING = "facing"
    THREADING = "threading"
    DRILLING = "drilling"
    BORING = "boring"
    KNURLING = "knurling"


def operation(name: str) -> Operation:
    """The operation of a name, in any case; raises InvalidInput that lists what is known."""
    try:
        return Operation(name.strip().casefold())
    except ValueError:
        known = ", ".join(Operation)
        said = f"There is no operation '{name[:60]}': use one of {known}."
        raise InvalidInput.at("operation", said) from None


@dataclass(frozen=True, slots=True)
class Grade:
    """What an edge is made of: Taylor's v T^n = C, with the exponents of depth and feed around it.

    The extended law is v T^n (ap / 2 mm)^x (f / 0.2 mm)^y = C. `c` holds for mild steel, T in minutes.
    """

    key: str
    c: float
    n: float
    depth_exponent: float
    feed_exponent: float
    source: str


CARBIDE: Final = Grade(
    "carbide",
    500.0,
    0.25,
    0.15,
    0.45,
    "n 0.2 to 0.3 published (curioustab); C 500 and the exponents of depth and feed are assumptions",
)
PLAIN_CARBIDE: Final = Grade(
    "plain carbide",
    450.0,
    0.4,
    0.15,
    0.45,
    "n 0.4 and C 450 from a published exercise (43, 15.6 and 7.6 min at 100, 150 and 200 m/min)",
)
HIGH_SPEED_STEEL: Final = Grade(
    "high-speed steel",
    70.0,
    0.125,
    0.15,
    0.45,
    "n 0.08 to 0.15 published (curioustab); C 70 for mild steel is an assumption",
)
CERAMIC: Final = Grade(
    "ceramic", 900.0, 0.5, 0.15, 0.6,
    "n higher than carbide's (curioustab), feed exponent 0.6 from an exercise; C and n are assumptions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool. `edges` share its `price`; `limit_mm` is the flank wear at which an edge is used up (0.3 mm).

    `approach_deg` is the cutting-edge angle kappa, for a drill half its point angle; `rake_deg` lowers the
    specific force by 1 % a degree. `size_mm` is a drill's diameter or a wheel's, `overhang` a boring bar's
    length over its diameter, `rating_n` the force that the bar is rated for.
    """

    number: int
    name: str
    operations: frozenset[Operation]
    grade: Grade
    approach_deg: float = 90.0
    rake_deg: float = 0.0
    nose_mm: float = 0.8
    limit_mm: float = 0.3
    price: float = 12.0
    edges: int = 4
    size_mm: float | None = None
    overhang: float | None = None
    rating_n: float | None = None


_TURN: Final = frozenset({Operation.TURNING, Operation.FACING})

MAGAZINE: Final[dict[int, Tool]] = {
    one.number: one
    for one in (
        Tool(1, "Roughing insert CNMG 12 04 12", _TURN, CARBIDE, nose_mm=1.2, price=11.0),
        Tool(2, "Facing insert WNMG 08 04 08", _TURN, CARBIDE, price=12.0, edges=6),
        Tool(3, "Plain carbide insert", _TURN, PLAIN_CARBIDE, price=7.0),
        Tool(4, "High-speed steel tool", _TURN, HIGH_SPEED_STEEL, price=9.0, edges=1),
        Tool(5, "Turning insert CNMG 12 04 08", _TURN, CARBIDE),
        Tool(6, "Threading insert 16 ER", frozenset({Operation.THREADING}), CARBIDE, nose_mm=0.2, edges=3),
        Tool(7, "Drill 22 mm", frozenset({Operation.DRILLING}), CARBIDE, 70.0, size_mm=22.0, price=95.0,
             edges=1),
        Tool(8, "Drill 10 mm", frozenset({Operation.DRILLING}), CARBIDE, 70.0, size_mm=10.0, price=60.0,
             edges=1),
        Tool(9, "Boring bar 20 mm, 3 x D", frozenset({Operation.BORING}), CARBIDE, nose_mm=0.4, edges=2,
             overhang=3.0, rating_n=1_500.0),
        Tool(10, "Boring bar 16 mm, 6 x D", frozenset({Operation.BORING}), CARBIDE, nose_mm=0.4, edges=2,
             overhang=6.0, rating_n=500.0),
        Tool(11, "Knurling wheel 20 mm", frozenset({Operation.KNURLING}), HIGH_SPEED_STEEL, price=35.0,
             edges=1, size_mm=20.0),
        Tool(12, "Ceramic insert SNGN", _TURN, CERAMIC, nose_mm=1.2, price=22.0, edges=8),
    )
}  # fmt: skip
"""The tools of a simulated lathe by their number. Prices and ratings are assumptions."""


def tool(number: int | None, work: Operation) -> Tool:
    """The tool of a number for an operation.

    Raises InvalidInput where no tool is named, there is none of this number, or it cannot do the operation.
    """
    fit = [str(one.number) for one in MAGAZINE.values() if work in one.operations]
    choice = f"tools for {work.value}: {', '.join(fit)}"
    if number is None:
        raise InvalidInput.at("tool", f"A job needs a tool; {choice}.")
    found = MAGAZINE.get(number)
    if found is None:
        raise InvalidInput.at("tool", f"There is no tool {number} (1 to {max(MAGAZINE)}); {choice}.")
    if work not in found.operations:
        raise InvalidInput.at("tool", f"Tool {number} ({found.name}) is not for {work.value}; {choice}.")
    return found
