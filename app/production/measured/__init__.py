"""What machines measure: parameters, signals, newest values, energy and power, control charts."""
