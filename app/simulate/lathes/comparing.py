"""What-if for a person: two plans side by side, on the twin of a machine as it was fitted."""

from dataclasses import dataclass, field

from sqlalchemy import select

from analytics.errors import InvalidInput
from analytics.twin.lathe.cycle import cycle
from analytics.twin.lathe.process import Process
from analytics.twin.whatif import Economics, Outcome, cheapest_speed, outcome, share_of_parts
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.simulate.lathes.drafts import process_of
from app.simulate.lathes.fits import fit_values
from data.models import Machine


@dataclass(frozen=True, slots=True)
class Plan:
    """How parts are made; an edge is changed after `change_parts`, or else at `change_share` of its life."""

    material: str
    job_type: str
    tool_no: int | None
    values: dict[str, float] = field(default_factory=dict)
    change_share: float = 1.0
    change_parts: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Both plans on average over many edges, against today's ideal cycle, and the cheapest speed."""

    today: Outcome
    changed: Outcome
    today_process: Process
    changed_process: Process
    cheapest_m_min: float
    cheapest_cost: float


def compare(
    access: Access, today: Plan, changed: Plan, economics: Economics, lathe: str | None = None
) -> Comparison:
    """What would the change bring? `lathe` names a machine whose fitted twin computes both.

    Raises InvalidInput that names what the lathe cannot do or what lies outside its range.
    """
    access.require(Permission.SEE_PLANT)
    fit = _fit(access, lathe) if lathe else None
    before, after = (
        process_of(one.material, one.job_type, one.tool_no, one.values, fit) for one in (today, changed)
    )
    ideal_s = cycle(before).length_s
    best = cheapest_speed(after, economics, _share(after, changed))
    return Comparison(
        outcome(before, change_share=_share(before, today), economics=economics, ideal_cycle_s=ideal_s),
        outcome(after, change_share=_share(after, changed), economics=economics, ideal_cycle_s=ideal_s),
        before,
        after,
        best.speed_m_min,
        outcome(best, change_share=_share(best, changed), economics=economics).cost,
    )


def _share(process: Process, plan: Plan) -> float:
    if plan.change_parts is None:
        return plan.change_share
    if not plan.change_parts >= 1:
        raise InvalidInput.at("change_parts", f"An edge makes 1 part or more, not {plan.change_parts:g}.")
    return share_of_parts(process, plan.change_parts)


def _fit(access: Access, key: str) -> dict[str, float] | None:
    with access.read() as session:
        number = session.scalar(select(Machine.id).where(Machine.device_key == key))
    if number is None:
        raise InvalidInput.at("lathe_id", f"The machine '{key[:60]}' is not listed in this factory.")
    return fit_values(access, number)
