"""Rows on their way to a store: typed columns, what is wrong with them, keys, repeats, counts."""
