"""The telemetry engines on one data set, and the embedded one alone, quiet and under load."""
