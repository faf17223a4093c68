"""The products of a plant with their ideal cycles: add, rename, retire, delete where nothing refers to it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from analytics.errors import FieldProblem, InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.masters.references import in_schedules, refuse_used
from app.production.masters.rows import (
    LONGEST_NAME,
    finish,
    kept_key,
    key_problem,
    refuse_faster,
    version_of,
)
from data.models import IdealCycle, Machine, Product
from data.queries.references import references

ADVICE: Final = "Take it out of use instead: what names it stays, and it is no longer offered."
LONGEST_KEY: Final = 100
LONGEST_UNIT: Final = 30
LONGEST_CYCLE_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class ProductDraft:
    """A product as people edit it; `cycles` are its ideal seconds per unit by the machine's device key.

    A machine that is not named has its own default, which may be unknown; it is never guessed. A product
    that is not `is_active` is not offered for new jobs, records and targets; what names it counts as before.
    """

    key: str
    name: str = ""
    unit: str = "pcs"
    cycles: Mapping[str, float] = field(default_factory=dict)
    is_active: bool = True


@dataclass(frozen=True, slots=True)
class StoredProduct:
    """A product with its id."""

    id: int
    draft: ProductDraft

    @property
    def version(self) -> int:
        """Another number for another draft."""
        one = self.draft
        return version_of((one.key, one.name, one.unit, sorted(one.cycles.items()), one.is_active))


def products(access: Access) -> list[StoredProduct]:
    """The products by key."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        rows = list(session.scalars(select(Product).order_by(Product.key)))
        cycles = _cycles(session)
    return [StoredProduct(row.id, _draft(row, cycles.get(row.id, {}))) for row in rows]


def one_product(access: Access, product_id: int) -> StoredProduct:
    """One product; NotFound for another factory's."""
    for one in products(access):
        if one.id == product_id:
            return one
    raise NotFound("There is no such product in this factory.")


def save_product(access: Access, draft: ProductDraft, stored: StoredProduct | None = None) -> int:
    """Add a product, or change the stored one; its id. InvalidInput names the field; NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = _at(session, stored) if stored else None
        taken = session.scalar(select(Product.id).where(Product.key == draft.key))
        machines = {row.device_key: row.id for row in session.scalars(select(Machine))}
        _refuse_wrong(draft, stored, set(machines), is_taken=taken is not None)
        before = _told(stored.draft) if stored else None
        if row is None:
            row = Product(key=draft.key)
            session.add(row)
        row.name, row.unit, row.is_active = draft.name.strip(), draft.unit.strip(), draft.is_active
        session.flush()
        _set_cycles(session, row.id, {machines[key]: value for key, value in draft.cycles.items()})
        action = "product.change" if before else "product.add"
        finish(access, session, action, ("product", row.key), before, _told(_draft(row, draft.cycles)))
        return row.id


def delete_product(access: Access, stored: StoredProduct) -> None:
    """Delete a product and its ideal cycles; StillUsed says what else refers to it. NotFound; Conflict."""
    access.require(Permission.MANAGE_MACHINES)
    with access.write() as session:
        row = _at(session, stored)
        found = {**references(session, row), **in_schedules(session, "products", row.key)}
        found.pop("ideal_cycle", None)
        refuse_used(f"The product {row.name or row.key}", found, ADVICE)
        _set_cycles(session, row.id, {})
        session.delete(row)
        finish(access, session, "product.delete", ("product", row.key), _told(stored.draft), None)


def _at(session: Session, stored: StoredProduct) -> Product:
    row = session.get(Product, stored.id)
    if row is None:
        raise NotFound("There is no such product in this factory.")
    refuse_faster(stored.draft, _draft(row, _cycles(session).get(row.id, {})), "product")
    return row


def _cycles(session: Session) -> dict[int, dict[str, float]]:
    """The ideal cycles of each product by device key."""
    found: dict[int, dict[str, float]] = {}
    joined = select(IdealCycle.product_id, Machine.device_key, IdealCycle.cycle_s).join(
        Machine, Machine.id == IdealCycle.machine_id
    )
    for product, machine, cycle_s in session.execute(joined.order_by(Machine.device_key)):
        found.setdefault(product, {})[machine] = cycle_s
    return found


def _set_cycles(session: Session, product_id: int, wanted: Mapping[int, float]) -> None:
    stored = session.scalars(select(IdealCycle).where(IdealCycle.product_id == product_id))
    known = {row.machine_id: row for row in stored}
    for machine, row in known.items():
        if machine not in wanted:
            session.delete(row)
    for machine, cycle_s in wanted.items():
        if machine in known:
            known[machine].cycle_s = cycle_s
        else:
            session.add(IdealCycle(machine_id=machine, product_id=product_id, cycle_s=cycle_s))
    session.flush()


def _draft(row: Product, cycles: Mapping[str, float]) -> ProductDraft:
    return ProductDraft(row.key, row.name, row.unit, dict(cycles), row.is_active)


def _told(draft: ProductDraft) -> dict[str, Any]:
    return {**asdict(draft), "cycles": dict(sorted(draft.cycles.items()))}


def _refuse_wrong(
    draft: ProductDraft, stored: StoredProduct | None, machines: set[str], *, is_taken: bool
) -> None:
    if stored is None:
        found = key_problem(draft.key, LONGEST_KEY, "product", is_taken=is_taken)
    else:
        found = kept_key(draft.key, stored.draft.key, "product")
    if len(draft.name.strip()) > LONGEST_NAME:
        found.append(FieldProblem("name", f"A name has at most {LONGEST_NAME} characters."))
    if not 1 <= len(draft.unit.strip()) <= LONGEST_UNIT:
        found.append(FieldProblem("unit", f"A unit has 1 to {LONGEST_UNIT} characters, such as pcs or kg."))
    for key, cycle_s in draft.cycles.items():
        if key not in machines:
            found.append(FieldProblem("cycles", f"There is no machine '{key}' in this factory."))
        elif not 0 < cycle_s <= LONGEST_CYCLE_S:
            text = f"An ideal cycle lies above 0 and up to {LONGEST_CYCLE_S:,} seconds."
            found.append(FieldProblem("cycles", text))
    if found:
        raise InvalidInput(*found)
