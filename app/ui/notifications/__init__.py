"""The parts of the page Notifications."""
