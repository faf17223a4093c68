"""The plant as people know it: lines, machines, products, reasons and shifts, by id and by key."""

import time
from dataclasses import dataclass
from functools import cached_property

from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import Line, Machine, Parameter, Product, Reason, Shift
from data.queries.plant import PlantRows, plant_rows, stamps

REMEMBER_S = 1.0


@dataclass(frozen=True, slots=True)
class _Changes:
    """The stamps of a factory, when they were read, and how often this process had written by then."""

    writes: int
    at: float
    stamps: tuple[int, int]


_changes: dict[tuple[int, int], _Changes] = {}
_known: dict[tuple[int, int, int], "Plant"] = {}


@dataclass(frozen=True)
class Plant:
    """The configuration of one factory at one revision."""

    rows: PlantRows
    revision: int

    @cached_property
    def machine_by_id(self) -> dict[int, Machine]:
        """Machines by id."""
        return {machine.id: machine for machine in self.rows.machines}

    @cached_property
    def machine_by_key(self) -> dict[str, Machine]:
        """Machines by device key."""
        return {machine.device_key: machine for machine in self.rows.machines}

    @cached_property
    def active(self) -> tuple[Machine, ...]:
        """The machines in use, by device key."""
        return tuple(machine for machine in self.rows.machines if machine.is_active)

    @cached_property
    def line_by_id(self) -> dict[int, Line]:
        """Lines by id."""
        return {line.id: line for line in self.rows.lines}

    @cached_property
    def line_by_key(self) -> dict[str, Line]:
        """Lines by key."""
        return {line.key: line for line in self.rows.lines}

    @cached_property
    def product_by_id(self) -> dict[int, Product]:
        """Products by id."""
        return {product.id: product for product in self.rows.products}

    @cached_property
    def product_by_key(self) -> dict[str, Product]:
        """Products by key."""
        return {product.key: product for product in self.rows.products}

    @cached_property
    def reason_by_id(self) -> dict[int, Reason]:
        """Reasons by id."""
        return {reason.id: reason for reason in self.rows.reasons}

    @cached_property
    def reason_by_code(self) -> dict[str, Reason]:
        """Reasons by code."""
        return {reason.code: reason for reason in self.rows.reasons}

    @cached_property
    def shift_by_key(self) -> dict[str, Shift]:
        """Shifts by key."""
        return {shift.key: shift for shift in self.rows.shifts}

    def offered(self, now: str | int | None = None) -> list[Product]:
        """The products in use, and the one that is chosen already, by its key or id."""
        return [one for one in self.rows.products if one.is_active or now in (one.id, one.key)]

    def area_of(self, line_id: int | None) -> str:
        """The name of the area in which a line stands, or an empty word."""
        line = self.line_by_id.get(line_id or 0)
        area = next((one for one in self.rows.areas if line is not None and one.id == line.area_id), None)
        return area.name if area else ""

    def parameters(self, machine_id: int) -> tuple[Parameter, ...]:
        """What a machine sends."""
        return tuple(p for p in self.rows.parameters if p.machine_id == machine_id)

    def line_name(self, machine: Machine) -> str:
        """The line of a machine, or an empty word."""
        return self.line_by_id[machine.line_id].name if machine.line_id else ""


def changes(access: Access) -> tuple[int, int]:
    """Two numbers: one moves with every change of the factory's data, one with its configuration only.

    Remembered for a second per process, unless this process itself has written in between.
    """
    access.require(Permission.SEE_PLANT)
    key = (access.gemba.database.number, access.factory.id)
    writes = access.gemba.database.writes
    found = _changes.get(key)
    if found is None or found.writes != writes or time.monotonic() - found.at > REMEMBER_S:
        with access.read() as session:
            found = _Changes(writes, time.monotonic(), stamps(session))
        _changes[key] = found
    return found.stamps


def plant(access: Access) -> Plant:
    """The factory's configuration; read again only when its revision has moved."""
    revision = changes(access)[1]
    key = (access.gemba.database.number, access.factory.id, revision)
    if key not in _known:
        if len(_known) > 64:
            _known.clear()
        with access.read() as session:
            _known[key] = Plant(plant_rows(session), revision)
    return _known[key]


def data_stamp(access: Access) -> int:
    """A number that moves with every change of the factory's production data or configuration."""
    return changes(access)[0]
