"""Alerts: what rules have raised, and what people do about it."""
