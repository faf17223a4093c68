"""KPI values: the elements of the registry, read from what the plant recorded."""
