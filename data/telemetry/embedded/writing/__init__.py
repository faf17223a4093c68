"""The writing side: one process per folder compacts, merges and forgets."""
