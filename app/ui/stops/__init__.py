"""The page of stops: which wait for a reason, which cost most, and how well they are judged."""
