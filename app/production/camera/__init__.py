"""Camera events: workers and workstations, what is kept of them, and the figures of productivity."""
