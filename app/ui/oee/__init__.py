"""The parts of the pages that show OEE and its losses."""
