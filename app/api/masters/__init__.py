"""The masters of a plant: lines and products."""
