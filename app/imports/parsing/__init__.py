"""Columns of text as numbers, times and states: whole columns at once, with a mask of what is wrong."""
