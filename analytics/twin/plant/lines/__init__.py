"""The lines of the demo plant, machine by machine."""
