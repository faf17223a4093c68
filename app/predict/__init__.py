"""What comes next, and what was found: forecasts, anomalies, failure risks, and how right they were."""
