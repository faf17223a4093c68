"""The lathe itself: its limits, what it takes without cutting, and how long it takes between cuts."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Lathe:
    """A lathe.

    Power: `off_kw` switched off at the panel, `fixed_kw` standby and drives (control, hydraulics, coolant),
    `spindle_kw_per_1000_rpm` for turning the spindle without a cut. `efficiency` is the drive's, 0.8 as in
    Mitsubishi's formula; `load_loss` is the further loss as a share of cutting power, up to 0.2 (J. Eng.
    Manufacture 2018, 0954405418769922). The form is Gutowski's E = (P0 + k Q) t.

    Current: a magnetising part and, at a right angle to it, one that grows with torque. The four power and
    two current figures are assumptions; they were chosen so that in the reference cut (mild steel, 2 mm,
    0.2 mm, 150 m/min at 50 mm) flank wear from 0.1 to 0.3 mm raises machine power by 8 % and spindle current
    by 4 %, as was measured.

    Heat: `warm_k_per_kw` and `warm_k_per_1000_rpm` are the spindle's rise when it has warmed up, with the
    time constant `warm_min` (10 to 30 min); assumptions. Times and prices are assumptions too.
    """

    name: str = "CNC lathe"
    max_rpm: float = 5_000.0
    min_rpm: float = 20.0
    max_power_kw: float = 18.0
    max_torque_nm: float = 200.0
    max_diameter_mm: float = 320.0
    max_length_mm: float = 800.0
    max_feed_mm: float = 6.0
    max_depth_mm: float = 8.0
    efficiency: float = 0.8
    load_loss: float = 0.10
    off_kw: float = 0.4
    fixed_kw: float = 2.6
    spindle_kw_per_1000_rpm: float = 1.6
    magnetising_a: float = 12.0
    current_a_per_nm: float = 0.22
    warm_k_per_kw: float = 3.6
    warm_k_per_1000_rpm: float = 6.0
    warm_min: float = 20.0
    ambient_c: float = 21.0
    load_s: float = 18.0
    accelerate_rpm_s: float = 1_500.0
    rapid_mm_s: float = 250.0
    tool_change_s: float = 120.0
    repair_s: float = 900.0


LATHE: Final = Lathe()
"""The lathe that is simulated where no other one is described."""
