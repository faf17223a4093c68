"""What proves a report: entries in the log, the seal in its file, and the check of a file that came back."""
