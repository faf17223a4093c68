"""What is predicted: forecasts, anomalies, models, and the log of predictions."""
