"""How the lathes compare over a range: the performance report of the manager's page and of the API."""

from collections import Counter
from typing import Final

import pandas as pd

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.figures import Question, broken_down
from app.production.lathes import is_surely_lathe
from app.production.measured.energy import energy
from app.production.plant import plant
from app.shop.fittings import fittings
from app.shop.jobs import FINISHED, JobSearch, jobs

MINUTE_US: Final = 60_000_000
FIGURES: Final = ("oee", "availability", "performance", "quality", "good", "scrap", "coverage")


def lathe_keys(access: Access) -> tuple[str, ...]:
    """The device keys of the lathes in use; of all machines in use where none is a lathe."""
    access.require(Permission.SEE_PLANT)
    active = plant(access).active
    return tuple(one.device_key for one in active if is_surely_lathe(one)) or tuple(
        one.device_key for one in active
    )


def lathe_report(access: Access, start_us: int, end_us: int) -> pd.DataFrame:
    """How did each lathe do in [start_us, end_us)? One row each, the best OEE first, without one last.

    Columns: machine (key), oee, availability, performance, quality, coverage (shares, NaN where not
    evaluable), good, scrap, run_min, stop_min (unplanned stops and set-up), kwh and kwh_per_part (NaN without
    power), jobs (finished in the range), late_jobs (of these, those that took longer than estimated),
    tool_changes.
    """
    access.require(Permission.SEE_PLANT)
    keys = lathe_keys(access)
    frame = pd.DataFrame({"machine": list(keys)})
    if not keys:
        return frame
    asked = Question(start_us, end_us, machines=keys)
    found = broken_down(access, asked, ["machine"])
    found["run_min"] = (found["producing_us"] + found["minor_stop_us"]) / MINUTE_US
    found["stop_min"] = (found["unplanned_stop_us"] + found["setup_us"]) / MINUTE_US
    frame = frame.merge(found[["machine", *FIGURES, "run_min", "stop_min"]], on="machine", how="left")
    used = energy(access, asked)[["machine", "kwh"]]
    frame = frame.merge(used.astype({"machine": object, "kwh": "float64"}), on="machine", how="left")
    frame["kwh_per_part"] = (frame["kwh"] / frame["good"]).where(frame["good"] > 0)
    done, late = _jobs(access, keys, start_us, end_us)
    changed = Counter(
        one.machine for one in fittings(access) if one.removed_us and start_us <= one.removed_us < end_us
    )
    for name, counted in (("jobs", done), ("late_jobs", late), ("tool_changes", changed)):
        frame[name] = [counted[key] for key in frame["machine"]]
    return frame.sort_values("oee", ascending=False, na_position="last", kind="stable", ignore_index=True)


def _jobs(
    access: Access, keys: tuple[str, ...], start_us: int, end_us: int
) -> tuple[Counter[str], Counter[str]]:
    """How many jobs ended in the range on each machine, and how many of them took longer than estimated."""
    found, _ = jobs(access, JobSearch((FINISHED,), keys, after_us=start_us), most=10_000)
    ended = [one for one in found if one.end_us is not None and one.end_us < end_us]
    late = [
        one
        for one in ended
        if one.draft.estimated_s is not None and one.worked_s(one.end_us or 0) > one.draft.estimated_s
    ]
    return Counter(one.draft.machine for one in ended), Counter(one.draft.machine for one in late)
