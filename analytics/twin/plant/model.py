"""What a simulated plant consists of. All numbers that shape its data are in these records."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from zoneinfo import ZoneInfo

from analytics.vocabulary import ReasonCategory, State


@dataclass(frozen=True, slots=True)
class ReasonModel:
    """A node of the reason tree."""

    code: str
    name: str
    category: ReasonCategory
    parent: str | None = None
    operator_error: bool = False


@dataclass(frozen=True, slots=True)
class ProductModel:
    """What is made; `load` scales the forces and the power that it takes."""

    key: str
    name: str
    unit: str
    load: float = 1.0


@dataclass(frozen=True, slots=True)
class ShiftModel:
    """A shift of every day in local minutes; breaks are ("HH:MM", "HH:MM")."""

    key: str
    name: str
    start_min: int
    end_min: int
    breaks: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class StopModel:
    """A kind of stop: how often in 24 hours, how long (log-normal), how much worse at night and on Mondays.

    `reason` None: nobody gives one. With `with_bearing` the rate is multiplied by the wear of the bearing.
    """

    reason: str | None
    state: State
    per_day: float
    median_s: float
    spread: float = 0.6
    night: float = 1.4
    monday: float = 1.8
    with_bearing: bool = False


@dataclass(frozen=True, slots=True)
class ChangeModel:
    """Set-up stops that come round: how many a day on average, their reason and length."""

    per_day: float
    reason: str
    minutes: float


@dataclass(frozen=True, slots=True)
class UpkeepModel:
    """A planned stop each week: weekday (Monday is 0), hours after the production day's start, hours long."""

    weekday: int
    after_h: float
    length_h: float


@dataclass(frozen=True, slots=True)
class BearingModel:
    """A bearing that fails every `period_days`, wearing visibly for `lead_days` before.

    The failure nearest to the anchor day comes `after_anchor` days behind it. The stop lasts `repair_h`.
    """

    period_days: int
    lead_days: int
    after_anchor: int
    reason: str
    repair_h: float


@dataclass(frozen=True, slots=True, eq=False)
class SignalModel:
    """A measured value. Levels are for off, standing and running; what acts on the running level follows.

    `noise` and `slow` are deviations in the signal's unit; `lag_min` is the time constant of a first-order
    lag; `swing` is the share by which the level swings over `cycle_min`; `load` is the share of the
    product's load that it follows; `wear` is the relative change per mm of flank wear beyond 0.1 mm;
    `bearing` is added at full bearing wear; `ambient` is the swing over the day in its unit.
    """

    key: str
    name: str
    unit: str
    off: float
    idle: float
    run: float
    noise: float = 0.0
    slow: float = 0.0
    lag_min: float = 0.0
    swing: float = 0.0
    cycle_min: float = 50.0
    load: float = 0.0
    wear: float = 0.0
    bearing: float = 0.0
    ambient: float = 0.0
    low_limit: float | None = None
    high_limit: float | None = None
    is_kpi: bool = False
    decimals: int = 2


@dataclass(frozen=True, slots=True, eq=False)
class MachineModel:
    """A machine. `rest` holds the (weekday, shift) that it does not work; a manual one sends nothing.

    `cycles` are the ideal seconds per unit of its products, in the order of its campaigns; `quantum` is the
    smallest amount that it counts; `speed` is its usual share of the ideal speed.
    """

    key: str
    name: str
    line: str
    type: str
    manufacturer: str
    model: str
    location: str
    cycles: tuple[tuple[str, float], ...]
    speed: float
    scrap: float
    stops: tuple[StopModel, ...] = ()
    signals: tuple[SignalModel, ...] = ()
    tools: ChangeModel | None = None
    campaigns: ChangeModel | None = None
    upkeep: UpkeepModel | None = None
    bearing: BearingModel | None = None
    rest: frozenset[tuple[int, str]] = frozenset()
    takes_breaks: bool = True
    cold_start_min: float = 30.0
    rework: float = 0.0
    quantum: float = 1.0
    importance: int = 3
    is_manual: bool = False

    @property
    def rests_on_sunday(self) -> bool:
        """Whether no shift of a Sunday is worked."""
        return sum(weekday == 6 for weekday, _ in self.rest) == 3


@dataclass(frozen=True, slots=True)
class LineModel:
    """A production line and its target."""

    key: str
    name: str
    oee_target: float


@dataclass(frozen=True, eq=False)
class PlantModel:
    """A whole plant; equal seed and anchor give equal data. `anchor` is the ordinal of a production day."""

    seed: int
    anchor: int
    name: str
    timezone: str
    day_start_min: int
    oee_target: float
    lines: tuple[LineModel, ...]
    machines: tuple[MachineModel, ...]
    products: tuple[ProductModel, ...]
    reasons: tuple[ReasonModel, ...]
    shifts: tuple[ShiftModel, ...]

    @cached_property
    def zone(self) -> ZoneInfo:
        """The plant's time zone."""
        return ZoneInfo(self.timezone)

    @cached_property
    def machine_by_key(self) -> Mapping[str, MachineModel]:
        """Machines by key."""
        return {machine.key: machine for machine in self.machines}

    @cached_property
    def product_by_key(self) -> Mapping[str, ProductModel]:
        """Products by key."""
        return {product.key: product for product in self.products}

    @cached_property
    def reason_place(self) -> Mapping[str | None, int]:
        """The position of each reason in `reasons`; -1 for none."""
        return {None: -1, **{reason.code: place for place, reason in enumerate(self.reasons)}}
