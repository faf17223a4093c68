"""What a plant sends, as typed messages: states, counts and measured values.

A message has the right shape and types; whether it makes sense in a factory is checked at the intake. Times
are int64 microseconds UTC.
"""

from msgspec import Struct

Value = float | int | bool | str


class StateMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """A machine enters a state (`analytics.vocabulary.State`), with a reason's code where one is known.

    Without an end it lasts until the machine's next state.
    """

    machine: str
    start_us: int
    state: int
    reason: str | None = None
    end_us: int | None = None


class CountMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """Units that a machine counted over [start_us, end_us); `startup_scrap` is part of `scrap`."""

    machine: str
    start_us: int
    end_us: int
    good: float
    scrap: float = 0.0
    rework: float = 0.0
    startup_scrap: float = 0.0
    product: str | None = None


class TelemetryMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """One measured value."""

    machine: str
    parameter: str
    time_us: int
    value: Value


class ReadingMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """The values that a machine measured at one time, by parameter."""

    machine: str
    time_us: int
    values: dict[str, Value]


class ActivityMessage(Struct, frozen=True, forbid_unknown_fields=True):
    """What a camera saw at a workstation; `event_type` is working, idle, absent or product_count."""

    machine: str
    time_us: int
    event_type: str
    worker: str = ""
    confidence: float | None = None
    count: float | None = None
    event_id: str = ""
    model: str = ""


Message = ReadingMessage | StateMessage | CountMessage | ActivityMessage
