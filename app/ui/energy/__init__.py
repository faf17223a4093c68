"""Energy: power now, energy of today, per part and per line, its cost and its peaks."""
