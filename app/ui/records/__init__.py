"""The parts of the page of shift records."""
