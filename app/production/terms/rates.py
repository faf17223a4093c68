"""What an hour of production and a kilowatt-hour are worth in the factory, and whose holidays it keeps."""

from dataclasses import asdict, dataclass

from sqlalchemy import select

from analytics.errors import FieldProblem, InvalidInput
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.models import PlantSetting
from data.queries.plant import CONFIGURATION_DAY, bump


@dataclass(frozen=True, slots=True)
class Rates:
    """Money in the factory's currency; None where nobody has said it, and then no money is shown."""

    hour_rate: float | None = None
    energy_price: float | None = None


def rates(access: Access) -> Rates:
    """The factory's rates."""
    access.require(Permission.SEE_PLANT)
    with access.read() as session:
        row = session.scalar(select(PlantSetting))
        return Rates(row.hour_rate, row.energy_price) if row else Rates()


def save_rates(access: Access, given: Rates) -> None:
    """Set the rates; InvalidInput for a negative one."""
    access.require(Permission.MANAGE_MACHINES)
    found = [
        FieldProblem(name, "Give a number that is not negative, or leave it empty.")
        for name, value in asdict(given).items()
        if value is not None and not 0 <= value < float("inf")
    ]
    if found:
        raise InvalidInput(*found)
    before = rates(access)
    with access.write() as session:
        row = session.scalar(select(PlantSetting))
        if row is None:
            row = PlantSetting()
            session.add(row)
        row.hour_rate, row.energy_price = given.hour_rate, given.energy_price
        bump(session, {CONFIGURATION_DAY})
        access.audit(session, "rates.change", ("factory", access.factory.slug), asdict(before), asdict(given))
