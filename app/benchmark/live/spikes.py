"""Which messages of the ingest benchmark hold a value that a rule raises an alert on."""

from typing import Final

RULES: Final = 200
"""One on each of so many machines."""
SPIKE: Final = 120.0


def is_spike(number: int, machines: int) -> bool:
    """Is message `number` one of those in which a machine's first metric is far too high?

    Each of the machines that rules watch has eight such messages in a row, once in 240; never all at once.
    """
    machine, turn = number % machines, number // machines
    return machine < RULES and (turn + 7 * machine) % 240 < 8
