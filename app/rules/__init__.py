"""Rules: kept in versions, run over live data, tried on history."""
