"""Which machines are lathes."""

from data.models import Machine

WORDS = ("lathe", "turn")


def is_lathe(kind: str) -> bool:
    """Whether a machine of this type can be simulated: a lathe by name, or one without a type."""
    return not kind or has_word(kind)


def has_word(text: str) -> bool:
    """Whether a text speaks of a lathe."""
    return any(word in text.casefold() for word in WORDS)


def is_surely_lathe(machine: Machine) -> bool:
    """Whether a machine is a lathe by its type or, where nobody has given one, by its name or key."""
    return has_word(machine.type or f"{machine.name} {machine.device_key}")
