"""Messages of many machines: from publish to committed, and to the alert."""
