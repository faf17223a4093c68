"""The demo plant's lines, machines, parameters, products, cycles, reasons and shifts as rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.twin.plant import MachineModel, PlantModel
from data.models import Area, IdealCycle, Line, Machine, Parameter, PlantSetting, Product, Reason, Shift

ALL_WEEK = 127
HOUR_RATE = 240.0
ENERGY_PRICE = 0.19


@dataclass(frozen=True, slots=True)
class Ids:
    """The row ids of the plant's keys; `reasons` is by position in the model, -1 standing for none."""

    machines: Mapping[str, int]
    products: Mapping[str, int]
    reasons: Mapping[int, int | None]
    shifts: Mapping[str, int]


def read_ids(session: Session, model: PlantModel) -> Ids:
    """The ids of the rows that carry the model's keys; what people took out is missing."""
    reasons = {row[0]: row[1] for row in session.execute(select(Reason.code, Reason.id))}
    return Ids(
        {row[0]: row[1] for row in session.execute(select(Machine.device_key, Machine.id))},
        {row[0]: row[1] for row in session.execute(select(Product.key, Product.id))},
        {-1: None, **{place: reasons.get(reason.code) for place, reason in enumerate(model.reasons)}},
        {row[0]: row[1] for row in session.execute(select(Shift.key, Shift.id))},
    )


def add_configuration(session: Session, model: PlantModel, now: datetime) -> Ids:
    """Add all rows of the configuration; returns their ids."""
    lines = _add_lines(session, model)
    session.add(PlantSetting(hour_rate=HOUR_RATE, energy_price=ENERGY_PRICE))
    for product in model.products:
        session.add(Product(key=product.key, name=product.name, unit=product.unit))
    _add_reasons(session, model)
    for shift in model.shifts:
        session.add(
            Shift(
                key=shift.key,
                name=shift.name,
                start_min=shift.start_min,
                end_min=shift.end_min,
                weekdays=ALL_WEEK,
                breaks=",".join(f"{begin}-{end}" for begin, end in shift.breaks),
            )
        )
    session.flush()
    products = {row[0]: row[1] for row in session.execute(select(Product.key, Product.id))}
    for machine in model.machines:
        _add_machine(session, machine, lines[machine.line], products, now)
    session.flush()
    return read_ids(session, model)


def _add_lines(session: Session, model: PlantModel) -> dict[str, int]:
    rows = {}
    for line in model.lines:
        area = Area(key=line.key, name=line.name.partition(" ")[2].partition(" ")[2])
        session.add(area)
        session.flush()
        rows[line.key] = Line(area_id=area.id, key=line.key, name=line.name, oee_target=line.oee_target)
        session.add(rows[line.key])
    session.flush()
    return {key: row.id for key, row in rows.items()}


def _add_reasons(session: Session, model: PlantModel) -> None:
    """Parents come before their children in the model."""
    ids: dict[str | None, int | None] = {None: None}
    for reason in model.reasons:
        row = Reason(
            parent_id=ids[reason.parent],
            code=reason.code,
            name=reason.name,
            category=reason.category.value,
            is_operator_error=reason.operator_error,
        )
        session.add(row)
        session.flush()
        ids[reason.code] = row.id


def _add_machine(
    session: Session, machine: MachineModel, line_id: int, products: Mapping[str, int], now: datetime
) -> None:
    row = Machine(
        line_id=line_id,
        device_key=machine.key,
        name=machine.name,
        type=machine.type,
        manufacturer=machine.manufacturer,
        model=machine.model,
        location=machine.location,
        ideal_cycle_s=machine.cycles[0][1],
        importance=machine.importance,
        created_at=now,
        updated_at=now,
    )
    session.add(row)
    session.flush()
    for key, seconds in machine.cycles:
        session.add(IdealCycle(machine_id=row.id, product_id=products[key], cycle_s=seconds))
    for signal in machine.signals:
        session.add(
            Parameter(
                machine_id=row.id,
                key=signal.key,
                display_name=signal.name,
                unit=signal.unit,
                is_kpi=signal.is_kpi,
                low_limit=signal.low_limit,
                high_limit=signal.high_limit,
            )
        )
