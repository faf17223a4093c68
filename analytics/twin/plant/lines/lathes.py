"""The signals of the demo plant's lathes, worked out from the twin of a lathe."""

from typing import Final

from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.loads import STILL_MM_S, Loads, loads
from analytics.twin.lathe.process import Process
from analytics.twin.plant.model import SignalModel

NOMINAL_MM: Final = 0.1
WORN_MM: Final = 0.3
STANDING_K: Final = 5.0
"""How much warmer than the hall a spindle stays while it stands between parts."""


def lathe_signals(process: Process, *, has_passive: bool = True) -> tuple[SignalModel, ...]:
    """What does a lathe send while it makes these parts?

    Levels are those of the cut at 0.1 mm of flank wear, their change with wear is the twin's. A product's
    load scales the specific force, and so the share of the power that the cut takes. Noise, slow wander and
    limits are assumptions.
    """
    new, worn, lathe = loads(process, NOMINAL_MM), loads(process, WORN_MM), process.lathe
    power, edge = float(new.machine_power_kw), float(new.cutting_power_kw)
    cut_share = edge * (1.0 / lathe.efficiency + lathe.load_loss) / power
    passive = SignalModel(
        "passive_force_n", "Passive force", "N", 0.0, 0.0, _level(new, "passive_force_n"), 14.0, 12.0,
        load=1.0, wear=_slope(new, worn, "passive_force_n"), decimals=1,
    )  # fmt: skip
    return (
        SignalModel("power_kw", "Active power", "kW", lathe.off_kw, lathe.fixed_kw, round(power, 2), 0.5, 0.5,
                    load=round(cut_share, 3), wear=_slope(new, worn, "machine_power_kw"), is_kpi=True,
                    high_limit=18.0),
        SignalModel("spindle_speed_rpm", "Spindle speed", "rpm", 0.0, 0.0, _level(new, "spindle_speed_rpm"),
                    30.0, 60.0, load=-0.8, decimals=0),
        SignalModel("cutting_force_n", "Cutting force", "N", 0.0, 0.0, _level(new, "cutting_force_n"), 36.0,
                    30.0, load=1.0, wear=_slope(new, worn, "cutting_force_n"), is_kpi=True,
                    high_limit=1_900.0, decimals=1),
        SignalModel("feed_force_n", "Feed force", "N", 0.0, 0.0, _level(new, "feed_force_n"), 26.0, 20.0,
                    load=1.0, wear=_slope(new, worn, "feed_force_n"), high_limit=1_900.0, decimals=1),
        *((passive,) if has_passive else ()),
        SignalModel("spindle_temp_c", "Spindle temperature", "°C", lathe.ambient_c - 1.0,
                    lathe.ambient_c + STANDING_K, round(_warm_c(process, new), 1), 0.3, 0.8,
                    lag_min=lathe.warm_min, ambient=1.5, high_limit=60.0, decimals=1),
        SignalModel("vibration_mm_s", "Vibration velocity", "mm/s", 0.05, STILL_MM_S,
                    round(float(new.vibration_mm_s), 2), 0.12, 0.12, high_limit=4.5),
    )  # fmt: skip


def _level(found: Loads, name: str) -> float:
    return round(float(getattr(found, name)), 1)


def _slope(new: Loads, worn: Loads, name: str) -> float:
    """The relative change per mm of flank wear beyond 0.1 mm."""
    ratio = float(getattr(worn, name)) / float(getattr(new, name))
    return round((ratio - 1.0) / (WORN_MM - NOMINAL_MM), 3)


def _warm_c(process: Process, cut: Loads) -> float:
    """The spindle's temperature when it has warmed up at the mean power of a part."""
    lathe, part = process.lathe, cycle(process)
    duty = part.cutting_s / part.length_s
    rise = lathe.warm_k_per_kw * float(cut.spindle_power_kw) * duty
    return lathe.ambient_c + rise + lathe.warm_k_per_1000_rpm * process.rpm / 1_000.0
