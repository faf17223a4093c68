"""Checked parameters of jobs: machines, moments, choices."""

from collections.abc import Mapping
from typing import Any

from analytics.errors import InvalidInput
from app.bootstrap import Access
from app.production.plant import plant

INT64 = 2**63


def refuse_unknown(given: Mapping[str, Any], known: frozenset[str]) -> None:
    """InvalidInput for a parameter that the kind does not have."""
    for name in given:
        if name not in known:
            raise InvalidInput.at(name, f"This kind has no parameter {name!r}: {', '.join(sorted(known))}.")


def machine_keys(access: Access, given: Mapping[str, Any]) -> list[str]:
    """The keys of the machines named by `machines` or FactoryOps' `device_ids`; none: all active ones."""
    known = plant(access)
    by_id = {machine.id: machine.device_key for machine in known.rows.machines}
    named = _listed(given, "machines", str)
    for one in _listed(given, "device_ids", int):
        if one not in by_id:
            raise InvalidInput.at("device_ids", f"There is no machine {one} in this factory.")
        named.append(by_id[one])
    for key in named:
        if key not in by_id.values():
            raise InvalidInput.at("machines", f"There is no machine {key!r} in this factory.")
    return sorted(set(named)) or sorted(machine.device_key for machine in known.active)


def _listed(given: Mapping[str, Any], name: str, kind: type) -> list[Any]:
    value = given.get(name) or []
    if not isinstance(value, list) or not all(type(one) is kind for one in value):
        raise InvalidInput.at(name, f"{name} is a list of {'texts' if kind is str else 'whole numbers'}.")
    return list(value)


def texts(given: Mapping[str, Any], name: str) -> list[str]:
    """A list of texts, empty where none is given."""
    return _listed(given, name, str)


def moment(given: Mapping[str, Any], name: str) -> int | None:
    """A moment in microseconds, or None."""
    value = given.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not -INT64 <= value < INT64:
        raise InvalidInput.at(name, "A moment is a whole number of microseconds since 1970.")
    return value


def number(given: Mapping[str, Any], name: str, default: float, least: float, most: float) -> float:
    """A number between bounds."""
    value = given.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise InvalidInput.at(name, f"{name} is a number from {least:g} to {most:g}.")
    return value
