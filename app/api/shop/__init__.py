"""The shop floor's own work over the API: the calendar and maintenance."""
