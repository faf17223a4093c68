"""The parts of the simulator page."""
