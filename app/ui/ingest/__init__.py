"""The parts of the page of arriving messages."""
