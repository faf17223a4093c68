"""Performance records: entered, changed, listed, and their figures."""
