"""Failure and remaining-life models as bytes with a digest."""

from analytics.failure.life import LifeModel
from analytics.failure.risk import FailureModel
from analytics.kept import kept, restored


def to_bytes(model: FailureModel | LifeModel) -> tuple[bytes, str]:
    """The model as bytes, and their SHA-256 digest."""
    return kept(model)


def from_bytes(blob: bytes, digest: str) -> FailureModel | LifeModel:
    """The model that was kept; raises `UntrustedModel` for other bytes, types or kinds."""
    model: FailureModel | LifeModel = restored(blob, digest, FailureModel, LifeModel)
    return model
