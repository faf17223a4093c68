"""Shift hand-over: what is open, what was promised, signed by who gives and by who takes."""
