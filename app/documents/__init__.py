"""Documents that other systems wrote: anomaly logs, scan sessions, logs of changes."""
