"""What a person asks of a simulated lathe, checked, and the run that follows from it."""

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

import orjson

from analytics.errors import FieldProblem, InvalidInput
from analytics.twin.calibration import fitted_process
from analytics.twin.lathe.checks import checked, checked_duration, checked_wear, standard_process
from analytics.twin.lathe.faults import NO_FAULTS, USUAL_FAULTS, Faults
from analytics.twin.lathe.machine import LATHE
from analytics.twin.lathe.process import Process
from analytics.twin.lathe.signals import LatheRun

LONGEST_S: Final = 365 * 86_400.0
SLOWEST: Final = 1.0
FASTEST: Final = 1_000.0
FAULTS: Final[dict[str, Faults]] = {"none": NO_FAULTS, "usual": USUAL_FAULTS}
VALUES: Final = ("speed_m_min", "feed_mm", "depth_mm", "diameter_mm", "length_mm", "passes")
FIELDS: Final = {"operation": "job_type", "tool": "tool_no"}
"""What people call the fields that the twin names otherwise."""


@dataclass(frozen=True, slots=True)
class StartDraft:
    """A simulated job: what is cut, how, with which tool, for how many of the lathe's own seconds.

    `values` are cutting values by name (`VALUES`); those that are left out are recommended ones. `speed` is
    how much faster than the clock the lathe's time goes. `seed` None: one that is drawn.
    """

    lathe: str
    material: str
    job_type: str
    tool_no: int | None
    duration_s: float
    speed: float = 1.0
    values: dict[str, float] = field(default_factory=dict)
    wear_mm: float = 0.0
    change_share: float = 1.0
    faults: str = "usual"
    seed: int | None = None


def checked_speed(speed: float) -> float:
    """A factor of speed; raises InvalidInput at `speed_factor` outside 1 to 1,000."""
    if not SLOWEST <= speed <= FASTEST:
        said = (
            f"A lathe runs {SLOWEST:g} to {FASTEST:,.0f} times as fast as the clock; {speed:g} lies outside."
        )
        raise InvalidInput.at("speed_factor", said)
    return speed


def process_of(
    material: str,
    job_type: str,
    tool_no: int | None,
    values: dict[str, float],
    fit: dict[str, float] | None = None,
) -> Process:
    """The checked process of a job, on the lathe as it was fitted where it was.

    Raises InvalidInput that names the fields as people know them.
    """
    unknown = sorted(set(values) - set(VALUES))
    if unknown:
        raise InvalidInput.at(unknown[0], f"There is no cutting value '{unknown[0]}': {', '.join(VALUES)}.")
    given = dict(values)
    if "passes" in given:
        given["passes"] = int(given["passes"])
    try:
        made = standard_process(material, job_type, tool_no, LATHE, **given)
        return checked(fitted_process(made, **fit)) if fit else made
    except InvalidInput as error:
        raise InvalidInput(
            *(FieldProblem(FIELDS.get(one.field, one.field), one.message) for one in error.problems)
        ) from None


def body_of(draft: StartDraft, limit_s: float, fit: dict[str, float] | None) -> dict[str, Any]:
    """What is stored of a draft, with every cutting value written out.

    Raises InvalidInput for what the lathe cannot do, a worn-out tool, a duration outside its range, or one
    that takes longer than `limit_s` on the clock.
    """
    checked_duration(draft.duration_s, LONGEST_S)
    checked_speed(draft.speed)
    process = process_of(draft.material, draft.job_type, draft.tool_no, draft.values, fit)
    checked_wear(draft.wear_mm, process.tool)
    if draft.faults not in FAULTS:
        raise InvalidInput.at("faults", f"Faults are one of {', '.join(FAULTS)}.")
    if not 0.05 <= draft.change_share <= 3.0:
        said = f"An edge is changed after 0.05 to 3 of its life; {draft.change_share:g} lies outside."
        raise InvalidInput.at("change_share", said)
    if draft.duration_s / draft.speed > limit_s:
        said = f"At {draft.speed:g} times the clock this takes {draft.duration_s / draft.speed:,.0f} s"
        allowed = f"a simulation runs at most {limit_s:,.0f} s: {limit_s * draft.speed:,.0f} s at this speed."
        raise InvalidInput.at("duration", f"{said}; {allowed}")
    values = {name: getattr(process, name) for name in VALUES}
    return {
        "material": process.material.key,
        "job_type": process.operation.value,
        "tool_no": process.tool.number,
        "values": values,
        "wear_mm": draft.wear_mm,
        "change_share": draft.change_share,
        "faults": draft.faults,
        "fit": fit,
    }


def process_in(body: dict[str, Any]) -> Process:
    """The process of a stored body."""
    return process_of(body["material"], body["job_type"], body["tool_no"], body["values"], body["fit"])


def run_of(body: dict[str, Any], seed: int, duration_s: float) -> LatheRun:
    """The run of a stored simulation; made once and kept for the next rounds."""
    return _run(orjson.dumps(body, option=orjson.OPT_SORT_KEYS), seed, duration_s)


@lru_cache(maxsize=256)
def _run(text: bytes, seed: int, duration_s: float) -> LatheRun:
    body = orjson.loads(text)
    return LatheRun(
        process_in(body),
        seed,
        duration_s,
        FAULTS[body["faults"]],
        wear_mm=body["wear_mm"],
        change_share=body["change_share"],
    )
