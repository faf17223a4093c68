"""Failures: the probability that a machine fails, why, what would change it, and how long a unit has left."""

from analytics.failure.keeping import from_bytes, to_bytes
from analytics.failure.life import LifeModel, fit_remaining_life
from analytics.failure.risk import FailureModel, Quality, fit

__all__ = ["FailureModel", "LifeModel", "Quality", "fit", "fit_remaining_life", "from_bytes", "to_bytes"]
