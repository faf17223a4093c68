"""The live board: the plant now, to be read from across the hall."""
