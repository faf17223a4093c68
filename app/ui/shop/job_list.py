"""All production jobs: figures over them, a table with filters, and what the chosen one can be used for."""

from typing import Any, Final

import numpy as np
import pandas as pd
import streamlit as st

from app.shop.figures import JobFigures, job_figures
from app.shop.jobs import ALIVE, BEGUN, STATES, WAITING, JobSearch, StoredJob, jobs
from app.ui.cards import empty_state
from app.ui.formats import many
from app.ui.scene import Scene
from app.ui.selecting.zone import local_times
from app.ui.shop.job_form import job_dialog
from app.ui.shop.job_work import may_work, work_dialog
from app.ui.shop.words import CYCLE_WORDS, STATE_WORDS, material_word
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid

MOST_ROWS: Final = 500
DAY_US: Final = 86_400_000_000


def job_tiles(at: Scene) -> None:
    """What runs, what waits, what is late, what was finished."""
    alive, _ = jobs(at.access, JobSearch(ALIVE))
    done, _ = jobs(at.access, JobSearch(("finished",), after_us=at.now_us - 7 * DAY_US))
    late = [one for one in alive if _is_late(at, one)]
    with tile_grid(key="job-tiles"):
        running = sum(one.state == "running" for one in alive)
        paused = sum(one.state == "paused" for one in alive)
        waiting = sum(one.state in WAITING for one in alive)
        kpi_tile("Running", float(running), key="pj-run", unit="", decimals=0, note=f"{paused} paused")
        kpi_tile("Waiting", float(waiting), key="pj-wait", unit="", decimals=0,
                 note=f"{sum(one.state == 'planned' for one in alive)} with a planned start")  # fmt: skip
        kpi_tile("Late", float(len(late)), key="pj-late", unit="", decimals=0, better="down",
                 note="past their start or end")  # fmt: skip
        kpi_tile("Finished", float(len(done)), key="pj-done", unit="", decimals=0, note="in 7 days")


def job_table(at: Scene) -> None:
    """Filters that stand in the address, the jobs, and the buttons for the chosen one."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="pjob-filters"):
        words = st.text_input("Search", key="p_words", bind="query-params", placeholder="Job, material, note")
        states = st.multiselect("State", STATES, key="p_state", bind="query-params")
        keys = [one.device_key for one in at.plant.rows.machines]
        machines = st.multiselect("Machine", keys, key="p_machine", bind="query-params")
    search = JobSearch(tuple(states), tuple(machines), words or "")
    found, total = jobs(at.access, search, ("id", True), most=MOST_ROWS)
    row = None
    if found:
        shown = _frame(at, found, dict(job_figures(at.access, found)))
        row = data_table(
            shown, key="pjob-table", label="Production jobs", selectable=True, columns=_columns(),
            download_name="production-jobs", height=fitting(len(shown), 14),
        )  # fmt: skip
    elif total == 0 and not (words or states or machines):
        empty_state(
            "No job yet",
            "A job says how many parts a machine makes of what, and with which tool. Make the first one.",
            icon="assignment", key="no-pjob",
        )  # fmt: skip
    else:
        empty_state("No such job", "Take a filter away.", icon="assignment", key="no-such-pjob")
    if total > MOST_ROWS:
        st.caption(f"The newest {MOST_ROWS} of {many(total, 'job')} are shown.")
    _actions(at, None if row is None else found[row])


def _actions(at: Scene, chosen: StoredJob | None) -> None:
    if not may_work(at):
        return
    hint = "Choose a job in the table first." if chosen is None else None
    is_alive = chosen is not None and chosen.state in ALIVE
    with st.container(horizontal=True, key="pjob-actions"):
        if st.button("Make a job", icon=":material/add:", type="primary", key="pjob-make"):
            job_dialog(at)
        work = st.button("Work on it", icon=":material/play_arrow:", key="pjob-work", disabled=not is_alive,
                         help=hint)  # fmt: skip
        if work and chosen is not None:
            work_dialog(at, chosen)
        change = st.button(
            "Change", icon=":material/edit:", key="pjob-change", disabled=not is_alive, help=hint
        )
        if change and chosen is not None:
            job_dialog(at, chosen)


def _is_late(at: Scene, one: StoredJob) -> bool:
    if one.state in BEGUN and one.start_us is not None:
        return one.start_us + round((one.draft.estimated_s or 1e12) * 1e6) < at.now_us
    return one.draft.planned_us is not None and one.draft.planned_us < at.now_us


def _frame(at: Scene, found: list[StoredJob], figures: dict[int, JobFigures]) -> pd.DataFrame:
    names = {one.device_key: one.name for one in at.plant.rows.machines}
    came = [figures[one.id] for one in found]
    return pd.DataFrame(
        {
            "Job": [one.draft.key for one in found],
            "State": [STATE_WORDS[one.state] for one in found],
            "Machine": [names.get(one.draft.machine, one.draft.machine) for one in found],
            "Operation": [one.draft.operation for one in found],
            "Material": [material_word(one.draft.material) for one in found],
            "Tool": [one.draft.tool for one in found],
            "Parts": [one.draft.quantity for one in found],
            "Good": [one.parts.good for one in came],
            "Bad": [one.parts.scrap for one in came],
            "Planned": _times(at, [one.draft.planned_us for one in found]),
            "Start": _times(at, [one.start_us for one in found]),
            "End": _times(at, [one.end_us for one in found]),
            "Estimated min": [_minutes(one.draft.estimated_s) for one in found],
            "Worked min": [one.worked_s / 60 for one in came],
            "Ideal s": [one.draft.cycle_s for one in found],
            "Ideal from": [CYCLE_WORDS[one.cycle_source] for one in found],
            "Real s": [one.cycle_s for one in came],
            "kWh": [one.kwh for one in came],
            "kWh per part": [one.kwh_per_part for one in came],
            "Note": [one.draft.note for one in found],
        }
    )


def _minutes(seconds: float | None) -> float | None:
    return None if seconds is None else seconds / 60


def _columns() -> dict[str, Any]:
    column = st.column_config
    found: dict[str, Any] = {
        name: column.DatetimeColumn(name, format="D MMM HH:mm", width=110)
        for name in ("Planned", "Start", "End")
    }
    decimals = {"Estimated min": 0, "Worked min": 0, "Ideal s": 1, "Real s": 1, "kWh": 2, "kWh per part": 3}
    found |= {name: column.NumberColumn(name, format=f"%.{digits}f") for name, digits in decimals.items()}
    found |= {
        name: column.NumberColumn(name, format="%.0f", width=70) for name in ("Tool", "Parts", "Good", "Bad")
    }
    return found


def _times(at: Scene, moments: list[int | None]) -> pd.Series:
    known = np.array([0 if one is None else one for one in moments], np.int64)
    series = pd.Series(local_times(known, at.zone))
    return series.where(pd.Series([one is not None for one in moments]))
