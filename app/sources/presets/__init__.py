"""Mappings that are ready for systems whose schema is known."""

from typing import Final

from app.sources.presets import byte_astra, factoryops, productivity, steel_factory
from app.sources.presets.preset import Preset

PRESETS: Final[dict[str, Preset]] = {
    one.key: one
    for one in (
        steel_factory.TABLES,
        steel_factory.COLLECTIONS,
        byte_astra.PRESET,
        factoryops.TABLES,
        factoryops.TELEMETRY,
        productivity.PRESET,
    )
}
"""All presets by key, in the order in which they are offered."""
