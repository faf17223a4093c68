"""Fits the twin of a lathe to what the lathe itself measured, and says how well it fits."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from analytics.errors import NotEvaluable
from analytics.twin.lathe.loads import loads
from analytics.twin.lathe.process import Process
from analytics.twin.noise import Floats

FEWEST: Final = 60
EVERY: Final = 5
"""Each fifth row is kept out of the fit, to test it."""
TURNING_RPM: Final = 5.0
CUTTING_SHARE: Final = 0.2
"""A cut is where the force passes this share of its 95th percentile."""
MIDDLE_WEAR_MM: Final = 0.16
"""The wear of an edge in the middle of its life, where nobody measured it."""
WORST_CONDITION: Final = 300.0
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted value, its standard error, and whether the data could tell it (else it is as assumed)."""

    value: float
    error: float
    is_fitted: bool


@dataclass(frozen=True, slots=True)
class Calibration:
    """What the twin was fitted to.

    Power: `fixed_kw` + `spindle_kw_per_1000_rpm` n / 1000 + `load_factor` Pc. `kc_factor` multiplies the
    material's specific force. `rmse_kw` and `share_off` (mean absolute error over mean power) are those of
    rows that were kept out of the fit; `before_kw` is the same error of the twin as it was.
    """

    fixed_kw: Fitted
    spindle_kw_per_1000_rpm: Fitted
    load_factor: Fitted
    kc_factor: Fitted
    rows: int
    rmse_kw: float
    share_off: float
    before_kw: float


def calibrate(
    process: Process,
    power_kw: Floats,
    rpm: Floats,
    torque_nm: Floats | None = None,
    force_n: Floats | None = None,
) -> Calibration:
    """Which idle power, load factor and specific force explain what the lathe measured?

    Arrays of one length, one value per moment, NaN where nothing was measured; torque or cutting force may be
    missing: then the cut's power is taken from the process wherever the spindle turns and the power lies
    above the middle. Ordinary least squares; what the data cannot tell apart (one speed only, no idle time)
    stays as it was and says so. Raises NotEvaluable for fewer than 60 usable rows, or without any spread.
    """
    good = np.isfinite(power_kw) & np.isfinite(rpm)
    for given in (torque_nm, force_n):
        if given is not None:
            good &= np.isfinite(given)
    if int(good.sum()) < FEWEST:
        said = f"A fit needs at least {FEWEST} moments at which power and spindle speed were measured"
        raise NotEvaluable(f"{said}; there are {int(good.sum())}.")
    power, speed = power_kw[good], rpm[good]
    torque = None if torque_nm is None else torque_nm[good]
    force = None if force_n is None else force_n[good]
    edge = _edge_kw(process, power, speed, torque, force)
    if float(np.ptp(power)) < 0.05:
        raise NotEvaluable("The power never changed: choose a time in which the lathe also cut.")
    return _fitted(process, power, speed, edge, _kc_factor(process, torque, force))


def _edge_kw(
    process: Process, power: Floats, rpm: Floats, torque: Floats | None, force: Floats | None
) -> Floats:
    if torque is not None:
        return np.asarray(torque * rpm * (2.0 * np.pi / 60_000.0), np.float64)
    if force is not None:
        return np.asarray(force * np.pi * process.diameter_mm * rpm / 6e7, np.float64)
    middle = (power[rpm > TURNING_RPM].min(initial=np.inf) + power.max()) / 2.0
    nominal = float(loads(process, MIDDLE_WEAR_MM).torque_nm)
    is_cutting = (rpm > TURNING_RPM) & (power > middle)
    return np.asarray(nominal * rpm * (2.0 * np.pi / 60_000.0) * is_cutting, np.float64)


def _kc_factor(process: Process, torque: Floats | None, force: Floats | None) -> Fitted:
    """Measured over expected force while it cuts; the standard error treats each row as one measurement."""
    nominal = loads(process, MIDDLE_WEAR_MM)
    measured, expected = force, float(nominal.cutting_force_n)
    if measured is None:
        measured, expected = torque, float(nominal.torque_nm)
    if measured is None:
        return Fitted(1.0, 0.0, False)
    cut = measured[measured > CUTTING_SHARE * float(np.percentile(measured, 95))]
    if len(cut) < FEWEST // 4 or expected <= 0.0:
        return Fitted(1.0, 0.0, False)
    ratio = cut / expected
    return Fitted(float(ratio.mean()), float(ratio.std(ddof=1) / np.sqrt(len(ratio))), True)


def _fitted(process: Process, power: Floats, rpm: Floats, edge: Floats, kc: Fitted) -> Calibration:
    lathe = process.lathe
    assumed = np.array(
        [lathe.fixed_kw, lathe.spindle_kw_per_1000_rpm, 1.0 / lathe.efficiency + lathe.load_loss]
    )
    design = np.stack([np.ones_like(power), rpm / 1_000.0, edge], axis=1)
    kept_out = np.arange(len(power)) % EVERY == EVERY - 1
    free = _tellable(design[~kept_out])
    rest = power - design[:, ~free] @ assumed[~free]
    solved, error = _least_squares(design[~kept_out][:, free], rest[~kept_out])
    values, errors = assumed.copy(), np.zeros(3)
    values[free], errors[free] = solved, error
    off = power[kept_out] - design[kept_out] @ values
    before = power[kept_out] - design[kept_out] @ assumed
    fixed, spindle, load = (
        Fitted(float(v), float(e), bool(f)) for v, e, f in zip(values, errors, free, strict=True)
    )
    return Calibration(
        fixed,
        spindle,
        load,
        kc,
        len(power),
        float(np.sqrt(np.mean(off**2))),
        float(np.abs(off).mean() / power.mean()),
        float(np.sqrt(np.mean(before**2))),
    )


def _tellable(design: Floats) -> Bools:
    """Which columns the rows can tell apart: those without spread or too alike stay as they were."""
    free = np.array([True, True, True])
    for drop in (1, 2):
        scale = np.maximum(np.linalg.norm(design[:, free], axis=0), 1e-12)
        if np.linalg.cond(design[:, free] / scale) < WORST_CONDITION:
            break
        free[drop] = False
    return free


def _least_squares(design: Floats, target: Floats) -> tuple[Floats, Floats]:
    solved, *_ = np.linalg.lstsq(design, target, rcond=None)
    left = target - design @ solved
    freedom = max(len(target) - design.shape[1], 1)
    spread = float(left @ left) / freedom
    errors = np.sqrt(np.diag(np.linalg.inv(design.T @ design)) * spread)
    return np.asarray(solved, np.float64), np.asarray(errors, np.float64)


def fitted_process(
    process: Process, fixed_kw: float, spindle_kw: float, load_factor: float, kc_factor: float
) -> Process:
    """The process on the lathe as it was fitted."""
    efficiency = max(process.lathe.efficiency, 1.0 / max(load_factor, 1e-6))
    lathe = replace(
        process.lathe,
        fixed_kw=fixed_kw,
        spindle_kw_per_1000_rpm=spindle_kw,
        efficiency=efficiency,
        load_loss=load_factor - 1.0 / efficiency,
    )
    material = replace(process.material, kc11=process.material.kc11 * kc_factor)
    return replace(process, lathe=lathe, material=material)
