"""Everything of an installation in one file, and back again into an empty place."""
