"""The alerts in a few numbers."""

from app.alerts.listing import Filter, alert_load, count_alerts
from app.ui.scene import Scene
from app.ui.tiles import kpi_tile, tile_grid

DAY_US = 86_400_000_000


def alert_tiles(at: Scene) -> None:
    """Active, not seen, critical; and the load of the last day against what people can handle."""
    active = count_alerts(at.access, Filter(states=("active", "acknowledged")))
    unseen = count_alerts(at.access, Filter(states=("active", "returned")))
    critical = count_alerts(at.access, Filter(states=("active", "acknowledged"), severities=("critical",)))
    found = alert_load(at.access, at.now_us - DAY_US, at.now_us)
    with tile_grid(key="alert-tiles"):
        kpi_tile("Active", float(active), key="al-active", unit="", decimals=0, better="down")
        kpi_tile("Not seen", float(unseen), key="al-unseen", unit="", decimals=0, better="down")
        kpi_tile("Critical", float(critical), key="al-critical", unit="", decimals=0, better="down")
        kpi_tile(
            "Raised in 24 h", float(found.count), key="al-day", unit="", decimals=0, better="down",
            note=f"{found.per_window:.1f} in ten minutes: {found.verdict}",
        )  # fmt: skip
