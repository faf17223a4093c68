"""The parts of the pages Alerts and Alert load, and what other pages show of alerts."""
