"""Stops and their reasons: found by themselves, judged by people, corrected with the original kept."""
