"""The parts that a printed report is drawn of."""
