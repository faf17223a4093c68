"""The twin of a lathe: cutting physics from published formulas, wear, faults, signals, from a seed alone."""
