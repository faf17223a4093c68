"""The plant as people know it: lines, machines, products, reasons and shifts, by id and by key."""

from dataclasses import dataclass
from functools import cached_property

from app.bootstrap import Access
from data.models import Line, Machine, Parameter, Product, Reason, Shift
from data.queries.plant import CONFIGURATION_DAY, PlantRows, plant_rows, revisions

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

    def parameters(self, machine_id: int) -> tuple[Parameter, ...]:
        """What a machine sends."""
        return tuple(p for p in self.rows.parameters if p.machine_id == machine_id)

    def line_name(self, machine: Machine) -> str:
        """The line of a machine, or an empty word."""
        return self.line_by_id[machine.line_id].name if machine.line_id else ""


def plant(access: Access) -> Plant:
    """The factory's configuration; read again only when its revision has moved."""
    with access.read() as session:
        revision = revisions(session, 1, 0).get(CONFIGURATION_DAY, 0)
        key = (id(access.gemba), access.factory.id, revision)
        if key not in _known:
            if len(_known) > 64:
                _known.clear()
            _known[key] = Plant(plant_rows(session), revision)
        return _known[key]
