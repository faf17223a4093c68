"""A day of factory time in an hour, on a plant of its own."""
