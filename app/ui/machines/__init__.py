"""The parts of the page of machines."""
