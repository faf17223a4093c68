"""Insights: what changed and what it costs, and questions in plain words, answered from the registry."""
