"""The timeline of all machines over days: zoomed for detail, clicked to judge a stop."""
