"""The parts of the page of background jobs."""
