"""Simulated machines and plants, computed from a seed alone."""
