"""The parts of the machine page."""
