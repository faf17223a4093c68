"""Whether a lathe can do what it is told, with the allowed range of what it cannot; recommended values."""

from math import pi
from typing import Final

from analytics.errors import FieldProblem, InvalidInput
from analytics.twin.lathe.loads import loads
from analytics.twin.lathe.machine import LATHE, Lathe
from analytics.twin.lathe.materials import material
from analytics.twin.lathe.process import SPEED_SHARE, Process
from analytics.twin.lathe.tools import Operation, Tool, operation, tool

LEAST_SPEED: Final = 1.0
LEAST_FEED: Final = 0.01
LEAST_DEPTH: Final = 0.05
LEAST_SIZE: Final = 2.0
MOST_PASSES: Final = 40
STANDARD_LIFE_MIN: Final = 30.0
"""The tool life that recommended speeds aim at."""
RUBBING_SPEED: Final = 30.0
STANDARD: Final = {
    Operation.TURNING: (0.2, 2.0, 2),
    Operation.FACING: (0.2, 1.5, 1),
    Operation.BORING: (0.1, 0.5, 2),
    Operation.THREADING: (1.5, 0.92, 6),
    Operation.DRILLING: (0.15, 11.0, 1),
    Operation.KNURLING: (0.3, 0.3, 1),
}
"""Feed, depth and passes that a job starts from."""


def standard_process(
    material_name: str, operation_name: str, tool_number: int | None, lathe: Lathe = LATHE, **given: float
) -> Process:
    """An operation with recommended cutting values, or those that are given; checked.

    The recommended speed is the one at which an edge lasts 30 minutes. Raises InvalidInput that names each
    wrong field with its reason and the allowed range.
    """
    what, work = material(material_name), operation(operation_name)
    cutter = tool(tool_number, work)
    feed, depth, passes = STANDARD[work]
    diameter = cutter.size_mm if work is Operation.DRILLING and cutter.size_mm else 50.0
    share = SPEED_SHARE.get(work)
    speed = RUBBING_SPEED
    if share is not None:
        speed = share * cutter.grade.c * what.life_speed / STANDARD_LIFE_MIN**cutter.grade.n
    diameter = given.get("diameter_mm", diameter)
    speed = min(speed, 0.95 * pi * max(diameter, LEAST_SIZE) * lathe.max_rpm / 1_000.0)
    made = Process(what, work, cutter, round(speed, 1), feed, depth, diameter, 120.0, passes, lathe)
    return checked(made.with_values(**given))


def checked(process: Process) -> Process:
    """The process itself, where the lathe can do it; raises InvalidInput with every reason it cannot."""
    problems = [*_ranges(process)]
    if not problems:
        problems = [*_spindle(process)]
    if problems:
        raise InvalidInput(*problems)
    return process


def _ranges(process: Process) -> list[FieldProblem]:
    lathe = process.lathe
    size = max(LEAST_SIZE, process.diameter_mm)
    fastest = pi * size * lathe.max_rpm / 1_000.0
    deepest = lathe.max_depth_mm
    if process.operation in {Operation.TURNING, Operation.FACING, Operation.KNURLING}:
        deepest = min(deepest, size / 2.0)
    if process.operation is Operation.DRILLING:
        deepest = lathe.max_diameter_mm
    fewest = 2 if process.operation is Operation.THREADING else 1
    allowed = (
        ("speed_m_min", process.speed_m_min, LEAST_SPEED, fastest, "m/min", "The cutting speed"),
        ("feed_mm", process.feed_mm, LEAST_FEED, _most_feed(process), "mm", "The feed"),
        ("depth_mm", process.depth_mm, LEAST_DEPTH, deepest, "mm", "The depth of cut"),
        ("diameter_mm", process.diameter_mm, LEAST_SIZE, lathe.max_diameter_mm, "mm", "The diameter"),
        ("length_mm", process.length_mm, 1.0, lathe.max_length_mm, "mm", "The length"),
        ("passes", process.passes, fewest, MOST_PASSES, "", "The number of passes"),
    )
    return [
        FieldProblem(field, f"{name} of {value:g} {unit} lies outside {least:g} to {most:.4g} {unit}".strip())
        for field, value, least, most, unit, name in allowed
        if not least <= value <= most
    ]


def _most_feed(process: Process) -> float:
    """A pitch of the lathe's range in threading; elsewhere no more than the edge's nose radius carries."""
    if process.operation in {Operation.THREADING, Operation.KNURLING}:
        return process.lathe.max_feed_mm
    if process.operation is Operation.DRILLING:
        return 0.05 * process.diameter_mm
    return process.tool.nose_mm


def _spindle(process: Process) -> list[FieldProblem]:
    """What the spindle or a boring bar cannot carry, with the largest depth or feed that they can."""
    lathe, found = process.lathe, loads(process, process.tool.limit_mm)
    needs = [
        ("spindle power", float(found.spindle_power_kw), lathe.max_power_kw, "kW", "the lathe has"),
        ("torque", float(found.torque_nm), lathe.max_torque_nm, "Nm", "the lathe has"),
    ]
    if process.tool.rating_n is not None:
        most = 0.9 * process.tool.rating_n
        needs.append(("cutting force", float(found.cutting_force_n), most, "N", "the bar takes 90 % of"))
    what, value, most, unit, bearer = max(needs, key=lambda one: one[1] / one[2])
    if value <= most:
        return []
    is_fed = process.operation in {Operation.DRILLING, Operation.THREADING}
    field = "feed_mm" if is_fed else "depth_mm"
    power = 1.0 / (1.0 - process.material.mc) if is_fed else 1.0
    allowed = getattr(process, field) * (most / value) ** power
    rated = f"{process.tool.rating_n:g}" if bearer.startswith("the bar") else f"{most:g}"
    said = f"With a worn edge this cut takes {value:.4g} {unit} of {what}; {bearer} {rated} {unit}"
    return [FieldProblem(field, f"{said}: at most {allowed:.2g} mm.")]


def checked_duration(duration_s: float, most_s: float) -> float:
    """A duration in seconds; raises InvalidInput at `duration` outside 1 to `most_s`."""
    if not 1.0 <= duration_s <= most_s:
        said = f"A duration of {duration_s:g} s lies outside 1 to {most_s:,.0f} s."
        raise InvalidInput.at("duration", said)
    return duration_s


def checked_wear(wear_mm: float, cutter: Tool) -> float:
    """A flank wear with which a tool can still cut; raises InvalidInput at `wear_mm` for a worn-out one."""
    if not 0.0 <= wear_mm < cutter.limit_mm:
        said = "The tool is worn out" if wear_mm > 0 else "No flank wear is negative"
        allowed = f"{wear_mm:g} mm lies outside 0 to {cutter.limit_mm:g} mm; change the edge."
        raise InvalidInput.at("wear_mm", f"{said}: {allowed}")
    return wear_mm
