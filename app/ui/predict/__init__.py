"""The parts of the pages of forecasts, anomalies, failure risks and models."""
