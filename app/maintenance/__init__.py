"""Maintenance: plans, work orders, what is due, and what it comes to."""
