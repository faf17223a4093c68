"""Why there is no energy to show, and where to begin."""

from app.auth.permissions import Permission
from app.production.figures import Question
from app.production.measured.energy import power_known
from app.ui.cards import empty_state
from app.ui.formats import many
from app.ui.machines.parameters import SHOW_PARAM, WITHOUT_UNIT
from app.ui.machines.views import PARAMETERS, VIEW_PARAM
from app.ui.scene import Scene
from app.ui.selecting.links import address

NEEDED = "Energy is computed from a parameter that is a number and has the unit kW, W, MW or kVA."


def no_energy(at: Scene, asked: Question) -> None:
    """Say whether machines, values or units are missing; units can be given on the page of machines."""
    found = power_known(at.access, asked)
    if not found.machines:
        title = "No machine here"
        text = "Add a machine on the page *Machines*, or choose other lines or machines."
    elif found.with_power:
        title = "No power in this range"
        text = f"{many(found.with_power, 'machine')} can report power, but sent none in this time."
    elif not found.parameters:
        title = "No machine reports its power"
        text = f"{NEEDED} These machines have sent no number yet."
    else:
        title = "No machine reports its power"
        text = f"{NEEDED} {_advice(at, found.parameters, found.without_unit)}"
    empty_state(title, text, icon="bolt", key="energy")


def _advice(at: Scene, parameters: int, without_unit: int) -> str:
    has = "has" if parameters == 1 else "have"
    said = f"These machines send {many(parameters, 'number')}, and none of them {has} such a unit"
    if without_unit:
        said += f"; {without_unit} {'has' if without_unit == 1 else 'have'} no unit at all"
    if not at.access.principal.may(Permission.MANAGE_MACHINES):
        return f"{said}. Who manages machines can give it on the page *Machines*."
    chosen = {VIEW_PARAM: [PARAMETERS], **({SHOW_PARAM: [WITHOUT_UNIT]} if without_unit else {})}
    return f"{said}. [Give the power its unit]({address('machines', chosen)})."
