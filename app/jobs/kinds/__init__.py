"""The kinds of job that Gemba brings along."""
