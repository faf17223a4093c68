"""Figures in the plain words of insights and answers."""

import math

from analytics.kpis import Kpi

HOUR_US = 3_600_000_000
MANY = 100


def written(value: float | None, unit: str, currency: str = "") -> str:
    """A value with its unit; "not evaluable" where there is none. Shares have the unit %."""
    if value is None or math.isnan(value):
        return "not evaluable"
    if unit == "%":
        return f"{100 * value:.1f} %"
    decimals = 0 if abs(value) >= MANY or value == int(value) else 2
    return f"{value:,.{decimals}f} {unit.replace('money', currency)}".strip()


def hours(time_us: float) -> str:
    """A duration in minutes below two hours, else in hours."""
    minutes = time_us / 60_000_000
    return f"{minutes:.0f} min" if abs(minutes) < 2 * 60 else f"{minutes / 60:.1f} h"


def of_kpi(kpi: Kpi, value: float | None, currency: str) -> str:
    """A KPI's value."""
    return written(value, kpi.unit, currency)
