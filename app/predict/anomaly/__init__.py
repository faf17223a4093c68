"""Anomalies: scans of the past, scores of running machines, and what people said of what was found."""
