"""From a table of machine readings to the matrix that a model learns from."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from analytics.errors import FieldProblem, InvalidInput

Floats = np.ndarray[Any, np.dtype[np.float64]]
Booleans = np.ndarray[Any, np.dtype[np.bool_]]

ROLES: Final = {
    "torque_nm": (("torque",), ("nm",)),
    "speed_rpm": (("speed", "rpm", "rotation"), ("rpm",)),
    "process_temperature_k": (("process", "temp"), ("k", "c")),
    "air_temperature_k": (("air", "temp"), ("k", "c")),
    "tool_wear_min": (("wear",), ("min",)),
}
CATEGORIES: Final = 20
LABELS: Final = frozenset(
    {"twf", "hdf", "pwf", "osf", "rnf", "failure", "failed", "machine failure", "failure type", "target"}
)
GIVES_AWAY: Final = 0.98
FAILURES_TO_JUDGE: Final = 20


@dataclass(frozen=True)
class Features:
    """What was learned about the columns: which are numbers, which are categories with which values."""

    columns: tuple[str, ...]
    numbers: tuple[str, ...]
    categories: dict[str, tuple[str, ...]]
    left_out: tuple[str, ...]
    roles: dict[str, str]

    @property
    def names(self) -> tuple[str, ...]:
        """The columns of the matrix."""
        dummies = [f"{name}={value}" for name, values in self.categories.items() for value in values]
        return (*self.numbers, *dummies, *_physics(self.roles))

    def matrix(self, frame: pd.DataFrame) -> Floats:
        """The matrix (rows, features); NaN where a number is missing, zeros for a category never seen.

        Raises `InvalidInput` if a column is missing, new, or no longer numeric.
        """
        _same(frame, self.columns)
        parts = [_numbers(frame, name) for name in self.numbers]
        for name, values in self.categories.items():
            text = _text(frame[name])
            parts.extend((text == value).astype(np.float64) for value in values)
        numbers = {role: _numbers(frame, name) for role, name in self.roles.items()}
        parts.extend(_physics_of(numbers).values())
        return np.column_stack(parts)


def learned(frame: pd.DataFrame, failed: Booleans, roles: Mapping[str, str] | None) -> Features:
    """Which columns serve as features.

    Text and categories of up to 20 values become indicators; columns of more values, columns that name each
    row, times and columns without a value or with a single one are left out. Raises `InvalidInput` for
    columns that are labels: by their names, or because they tell the failure almost perfectly.
    """
    names = [str(name) for name in frame.columns]
    if len(set(names)) != len(names):
        raise InvalidInput.at("features", "Two columns have the same name.")
    frame = frame.set_axis(names, axis=1)
    _refuse_labels(frame, failed)
    numbers: list[str] = []
    categories: dict[str, tuple[str, ...]] = {}
    left_out: list[str] = []
    for name in names:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column.dtype) or _names_rows(name, column):
            left_out.append(name)
        elif pd.api.types.is_numeric_dtype(column.dtype):
            (numbers if column.nunique() > 1 else left_out).append(name)
        else:
            values = sorted(set(_text(column).tolist()) - {""})
            if 1 < len(values) <= CATEGORIES:
                categories[name] = tuple(values)
            else:
                left_out.append(name)
    found = _roles(roles, names, numbers)
    if not numbers and not categories:
        raise InvalidInput.at("features", "No column can serve as a feature.")
    return Features(tuple(names), tuple(numbers), categories, tuple(left_out), found)


def recognised(names: list[str]) -> dict[str, str]:
    """Roles by name and unit, such as `Torque [Nm]`; a role that two columns could play is left open.

    >>> recognised(["Torque [Nm]", "Rotational speed [rpm]", "Vibration"])
    {'torque_nm': 'Torque [Nm]', 'speed_rpm': 'Rotational speed [rpm]'}
    """
    found = {}
    for role, (words, units) in ROLES.items():
        fitting = [name for name in names if _fits(name, role, words, units)]
        if len(fitting) == 1:
            found[role] = fitting[0]
    return found


def _fits(name: str, role: str, words: tuple[str, ...], units: tuple[str, ...]) -> bool:
    tokens = [token for token in re.split(r"[^a-z]+", name.lower()) if token]
    stems = [any(token.startswith(word) for token in tokens) for word in words]
    is_named = any(stems) if role == "speed_rpm" else all(stems)
    return is_named and any(unit in tokens for unit in units)


def _roles(given: Mapping[str, str] | None, names: list[str], numbers: list[str]) -> dict[str, str]:
    if given is None:
        return recognised(numbers)
    problems = [FieldProblem(role, f"There is no role '{role}'.") for role in given if role not in ROLES]
    problems += [
        FieldProblem(role, f"The column {name} of the role {role} is missing or not a varying number.")
        for role, name in given.items()
        if role in ROLES and (name not in names or name not in numbers)
    ]
    if problems:
        raise InvalidInput(*problems)
    return {role: given[role] for role in ROLES if role in given}


def _physics(roles: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(_physics_of({role: np.empty(0) for role in roles}))


def _physics_of(numbers: Mapping[str, Floats]) -> dict[str, Floats]:
    found = {}
    torque, speed, wear = (numbers.get(role) for role in ("torque_nm", "speed_rpm", "tool_wear_min"))
    if torque is not None and speed is not None:
        found["power_w"] = torque * speed * (2 * np.pi / 60)
    if "process_temperature_k" in numbers and "air_temperature_k" in numbers:
        found["temperature_difference_k"] = numbers["process_temperature_k"] - numbers["air_temperature_k"]
    if torque is not None and wear is not None:
        found["wear_torque_min_nm"] = wear * torque
    return found


def _refuse_labels(frame: pd.DataFrame, failed: Booleans) -> None:
    problems = []
    for name in frame.columns:
        if name.strip().lower().replace("_", " ") in LABELS:
            problems.append(FieldProblem(name, f"{name} is a label, not a feature: leave it out."))
        elif _gives_away(frame[name], failed):
            problems.append(FieldProblem(name, f"{name} tells the failure itself: leave it out."))
    if problems:
        raise InvalidInput(*problems)


def _gives_away(column: "pd.Series[Any]", failed: Booleans) -> bool:
    """Whether one value set, or one cut, of a column alone is the failure (F1 of 0.98 or more), or a rarely
    set flag never stands without a failure (at least 20 rows, a tenth of the failures)."""
    if int(failed.sum()) < 5:
        return False
    values = column.to_numpy() if pd.api.types.is_numeric_dtype(column.dtype) else _text(column)
    codes = pd.factorize(values, sort=True)[0]
    sizes = np.bincount(codes + 1, minlength=2)[1:]
    hits = np.bincount(codes + 1, weights=failed, minlength=2)[1:]
    if len(sizes) <= max(CATEGORIES, 2):
        return _is_failure(sizes, hits, np.argsort(-hits / np.maximum(sizes, 1), kind="stable"), failed)
    if not pd.api.types.is_numeric_dtype(column.dtype) or int(failed.sum()) < FAILURES_TO_JUDGE:
        return False
    order = np.arange(len(sizes))
    return any(_is_failure(sizes, hits, way, failed) for way in (order, order[::-1]))


def _is_failure(sizes: Any, hits: Any, order: Any, failed: Booleans) -> bool:
    found, taken = np.cumsum(hits[order]), np.cumsum(sizes[order])
    is_flag = (
        len(sizes) == 2 and found[0] == taken[0] and found[0] >= max(FAILURES_TO_JUDGE, 0.1 * failed.sum())
    )
    return bool((2 * found / (taken + failed.sum())).max() >= GIVES_AWAY) or bool(is_flag)


def _names_rows(name: str, column: "pd.Series[Any]") -> bool:
    """Whether a column only numbers or names the rows: whole numbers or text, each once, in order or called
    so."""
    if pd.api.types.is_float_dtype(column.dtype) or column.nunique() < len(column) or len(column) < 2:
        return False
    if not pd.api.types.is_numeric_dtype(column.dtype):
        return True
    return bool(column.is_monotonic_increasing) or bool(
        re.search(r"(^|[^a-z])u?d?id([^a-z]|$)", name.lower())
    )


def _same(frame: pd.DataFrame, columns: tuple[str, ...]) -> None:
    found = [str(name) for name in frame.columns]
    problems = [FieldProblem(name, f"The column {name} is missing.") for name in columns if name not in found]
    problems += [
        FieldProblem(name, f"The column {name} was not there when fitted.")
        for name in found
        if name not in columns
    ]
    if problems:
        raise InvalidInput(*problems)


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    try:
        values = pd.to_numeric(frame[name]).to_numpy(dtype=np.float64, na_value=np.nan)
    except (ValueError, TypeError) as error:
        raise InvalidInput.at(name, f"The column {name} is not numeric.") from error
    return np.where(np.isfinite(values), values, np.nan)


def _text(column: "pd.Series[Any]") -> np.ndarray[Any, np.dtype[np.object_]]:
    return np.asarray(column.astype("object").where(column.notna(), "").map(str).to_numpy(), dtype=object)
