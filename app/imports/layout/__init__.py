"""What a file holds: kinds and their fields, titles that name them, mappings, recognition."""
