"""The registry of key performance indicators: what each is, and what it is worth."""

from analytics.kpis.registry import BY_ID, GROUPS, KPIS, Kpi
from analytics.kpis.result import Result, evaluate
from analytics.kpis.symbols import SYMBOLS, Symbol

__all__ = ["BY_ID", "GROUPS", "KPIS", "SYMBOLS", "Kpi", "Result", "Symbol", "evaluate"]
