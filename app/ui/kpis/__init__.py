"""The KPI explorer: every KPI of the registry, from what it is computed, and how it went."""
