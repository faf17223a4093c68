"""What changed in a series, since when, and what moved together with it."""

from analytics.insights.change import Split, moves_together, split

__all__ = ["Split", "moves_together", "split"]
