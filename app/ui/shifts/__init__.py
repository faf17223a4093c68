"""The parts of the page Shifts & calendar."""
