"""The parts of the page Maintenance."""
