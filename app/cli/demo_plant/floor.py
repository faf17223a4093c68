"""The tool store, fitted tools and production jobs of the demo plant's lathes."""

from dataclasses import replace
from typing import Final

from app.auth.sessions import service
from app.bootstrap import Access, Gemba
from app.production.plant import plant
from app.shop.fittings import fit_tool, remove_tool
from app.shop.jobs import JobDraft, one_job
from app.shop.planning import make_job
from app.shop.tools import add_magazine, change_tool, receive, tools
from app.shop.working import finish_job, start_job
from data.models import to_us

HOUR_US: Final = 3_600_000_000
STOCKS: Final = (12, 8, 2, 3, 20, 6, 2, 1, 4, 1, 2, 5)
LEVELS: Final = (5, 5, 2, 2, 8, 4, 2, 2, 1, 1, 1, 2)
HOLDERS: Final = {"insert": "PCLNL 2525 M12", "drill": "Collet chuck ER32", "boring_bar": "Sleeve 25 mm"}
JOBS: Final = (
    ("lathe-1", "mild_steel", 168.0, 150.0, 48.0, 2.0),
    ("lathe-2", "mild_steel", 118.0, 150.0, 44.0, 1.8),
)
"""Machine, material, ideal seconds, cutting speed, diameter and depth."""


def add_demo_floor(gemba: Gemba, slug: str) -> None:
    """Fill the store, fit a tool on each lathe and give it finished, running and planned jobs; once."""
    principal = service(gemba.database, slug, "demo")
    if principal is None:
        return
    access = Access(gemba, principal)
    if tools(access):
        return
    _fill_store(access)
    known = plant(access)
    for key, material, cycle_s, speed, diameter, depth in JOBS:
        if key in known.machine_by_key:
            cutting = {"speed_m_min": speed, "diameter_mm": diameter, "depth_mm": depth}
            _jobs(access, JobDraft(key, material, "turning", 5, 60.0, "", cutting, cycle_s))


def _fill_store(access: Access) -> None:
    add_magazine(access)
    for one, stock, level in zip(tools(access), STOCKS, LEVELS, strict=True):
        holder = HOLDERS.get(one.draft.kind, "")
        change_tool(access, one.id, one.version, replace(one.draft, holder=holder, reorder_level=level))
        receive(access, one.id, one.version + 1, stock)


def _jobs(access: Access, draft: JobDraft) -> None:
    """One that is done, one that runs, two that are planned."""
    now = to_us(access.now)
    worn = fit_tool(access, draft.machine, 5, at_us=now - 9 * HOUR_US)
    done = make_job(access, draft)
    start_job(access, done, 1, at_us=now - 9 * HOUR_US)
    finish_job(access, done, 2, at_us=now - 2 * HOUR_US)
    remove_tool(access, worn, 1, "worn", at_us=now - 2 * HOUR_US)
    fit_tool(access, draft.machine, 5, at_us=now - 2 * HOUR_US)
    running = make_job(access, replace(draft, quantity=120.0))
    start_job(access, running, 1, at_us=now - 2 * HOUR_US)
    begin = now - 2 * HOUR_US + round((one_job(access, running).draft.estimated_s or 0.0) * 1e6) + HOUR_US
    for quantity, note in ((40.0, "Customer waits for it."), (80.0, "")):
        planned = make_job(access, replace(draft, quantity=quantity, planned_us=begin, note=note))
        begin += round((one_job(access, planned).draft.estimated_s or 0.0) * 1e6) + HOUR_US
