"""How long a machine has until its next failure: taught by its own runs, told with a band."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from sqlalchemy import select

from analytics.errors import NotEvaluable
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.predict.failure.hourly import DAY_H, HOUR_US
from app.predict.failure.models import LIFE, ModelShown
from app.predict.failure.risks import FRESH_H, REASONS
from app.predict.failure.runs import HOURS, RUN, Run, runs_of, signals
from app.predict.failure.training import LEAST_GAIN
from app.predict.model_files import kept_model
from app.production.plant import plant
from data.models import Prediction, to_us

LEAST_RUNS: Final = 4
LEAST_HOURS: Final = 50
LOOKED_BACK: Final = (10, 40, 160, 400)
"""Days, tried one after the other, in which the begin of the present run is looked for."""


@dataclass(frozen=True, slots=True)
class LifeAsked:
    """Whose life: of which machine, in which time, until stops of at least so many minutes."""

    machine: str
    start_us: int
    end_us: int
    least_stop_min: float
    count_tools: bool = False


@dataclass(frozen=True, slots=True)
class LifeTaught:
    """The model (`analytics.failure.LifeModel`) and the runs that taught it; those of `machines`."""

    model: Any
    machines: tuple[str, ...]
    runs: int
    hours: int
    cut_short: int
    fingerprint: str
    beats_naive: bool


@dataclass(frozen=True, slots=True)
class LifeTeller:
    """What of a version tells a life."""

    machine: str
    digest: str
    least_stop_min: float
    count_tools: bool


@dataclass(frozen=True, slots=True)
class Life:
    """The hours until the next failure, told at `made_us` by `model` before the fact; lower to upper held in
    eight of ten hours of runs that did not teach. No more than `cap_h` is ever told.
    """

    id: int
    machine: str
    model: str
    model_id: int | None
    made_us: int
    until_us: int
    left_h: float
    lower_h: float
    upper_h: float
    cap_h: float
    naive_h: float
    detail: dict[str, Any]
    actual_h: float | None
    is_matched: bool

    @property
    def is_trusted(self) -> bool:
        """Whether the model that told it beat the naive rule on runs that did not teach it."""
        return bool(self.detail.get("beats_naive"))

    @property
    def is_open_ended(self) -> bool:
        """Whether it may be any time longer than what is told."""
        return self.upper_h >= self.cap_h


def teach_life(access: Access, asked: LifeAsked) -> LifeTaught:
    """A model of the machine's runs; where it has too few, of all machines of its type. NotEvaluable."""
    from analytics.failure import fit_remaining_life

    found, cut_short = _finished(access, asked, (asked.machine,))
    alike = _alike(access, asked.machine)
    if len(found) < LEAST_RUNS and alike:
        found, cut_short = _finished(access, asked, (asked.machine, *alike))
    frame = signals(access, found, is_finished=True)
    runs = frame[RUN].nunique() if len(frame) else 0
    if runs < LEAST_RUNS or len(frame) < LEAST_HOURS or len(frame.columns) <= 2:
        raise NotEvaluable(_too_few(asked, runs, len(frame), cut_short))
    model = fit_remaining_life(frame, RUN, HOURS)
    machines = tuple(sorted({found[int(place)].machine for place in frame[RUN].unique()}))
    beats = bool(model.error < (1 - LEAST_GAIN) * model.naive_error)
    return LifeTaught(model, machines, runs, len(frame), cut_short, _fingerprint(frame), beats)


def _finished(access: Access, asked: LifeAsked, machines: tuple[str, ...]) -> tuple[list[Run], int]:
    """The runs until a failure of these machines, and how many a service cut short."""
    span = (asked.start_us, asked.end_us)
    every = [
        runs_of(access, key, span, asked.least_stop_min, count_tools=asked.count_tools) for key in machines
    ]
    return [run for one in every for run in one.finished], sum(one.cut_short for one in every)


def _alike(access: Access, machine: str) -> list[str]:
    known = plant(access)
    kind = known.machine_by_key[machine].type
    return sorted(
        one.device_key for one in known.active if kind and one.type == kind and one.device_key != machine
    )


def _too_few(asked: LifeAsked, runs: int, hours: int, cut_short: int) -> str:
    ended = f"; {cut_short} were cut short by planned work and teach nothing" if cut_short else ""
    return (
        f"There are {runs} runs with readings from a repair until the next failure of "
        f"{asked.least_stop_min:g} minutes or more, {hours} hours together{ended}. "
        f"At least {LEAST_RUNS} runs and {LEAST_HOURS} hours are needed."
    )


def _fingerprint(frame: pd.DataFrame) -> str:
    """SHA-256 over columns and values: the same rows, the same fingerprint."""
    digest = hashlib.sha256("\x1f".join(map(str, frame.columns)).encode())
    digest.update(np.ascontiguousarray(frame.to_numpy(np.float64)).tobytes())
    return digest.hexdigest()


def life_card(asked: LifeAsked, taught: LifeTaught) -> str:
    """The model card: what it tells, of what, how it was tested, and what it is not for."""
    model = taught.model
    verdict = "beats" if taught.beats_naive else "does not beat"
    of = "its own runs" if taught.machines == (asked.machine,) else f"runs of {', '.join(taught.machines)}"
    return (
        f"Tells the hours until the next failure of {asked.least_stop_min:g} minutes or more, at most "
        f"{model.cap:.0f}. Taught by {taught.runs} runs from a repair or service until a failure ({of}), "
        f"{taught.hours} hours, by rolling windows of {model.window} hours of {len(model.signals)} signals. "
        f"Tested on runs that did not teach: error {model.error:.1f} h against {model.naive_error:.1f} h of "
        f"always telling the mean: it {verdict} the naive rule. Eight of ten hours of those runs lay inside "
        "the band. It knows only failures that announce themselves in these signals, and counts hours of the "
        "calendar, also those in which the machine stands still."
    )  # fmt: skip


def life_metrics(asked: LifeAsked, taught: LifeTaught) -> dict[str, Any]:
    """The figures of a version, as the registry keeps them."""
    model = taught.model
    return {
        "error_h": model.error, "naive_error_h": model.naive_error, "cap_h": model.cap,
        "window_h": model.window, "runs": taught.runs, "cut_short": taught.cut_short,
        "machines": list(taught.machines), "counts_tools": asked.count_tools,
    }  # fmt: skip


def life_teller(one: ModelShown) -> LifeTeller:
    """The teller of a kept version."""
    return LifeTeller(one.machine, one.digest, one.least_stop_min, bool(one.metrics.get("counts_tools")))


def tell_life(access: Access, one: LifeTeller) -> dict[str, Any]:
    """The hours left by this version from the machine's present run, with the band and its reasons.

    NotEvaluable while it stands failed, where nobody knows since when it runs, or without fresh readings.
    """
    now_us = to_us(access.now)
    model = kept_model(access, one.digest)
    run = _present(access, one, now_us)
    if run is None:
        raise NotEvaluable("It stands failed now, or nobody knows since when it runs.")
    frame = signals(access, [run], is_finished=False)
    age_h = (now_us - run.start_us) / HOUR_US
    if frame.empty or float(frame[HOURS].iloc[-1]) < age_h - FRESH_H:
        raise NotEvaluable("It has sent nothing for three hours, or runs for less than one.")
    frame = frame.reindex(columns=[RUN, HOURS, *model.signals])
    told = model.interval(frame).iloc[0]
    left_h = float(told["remaining_life"])
    return {
        "left_h": left_h, "lower_h": float(told["lower"]), "upper_h": float(told["upper"]),
        "cap_h": float(model.cap), "since_us": run.start_us, "reasons": _reasons(model, frame, left_h),
    }  # fmt: skip


def _present(access: Access, one: LifeTeller, now_us: int) -> Run | None:
    for days in LOOKED_BACK:
        span = (now_us - days * DAY_H * HOUR_US, now_us)
        found = runs_of(access, one.machine, span, one.least_stop_min, count_tools=one.count_tools)
        if found.is_begun:
            return found.now
    return None


def _reasons(model: Any, frame: pd.DataFrame, left_h: float) -> list[dict[str, Any]]:
    """Per signal by how many hours the life would be longer had it been typical all the time."""
    typical = dict(zip(model.signals, map(float, model.fallback), strict=True))
    copies = [frame.assign(**{RUN: place, name: typical[name]}) for place, name in enumerate(model.signals)]
    longer = model.predict(pd.concat(copies, ignore_index=True)).to_numpy() - left_h
    found = [
        {"feature": name, "value": _last(frame[name]), "typical": typical[name], "adds_h": float(hours)}
        for name, hours in zip(model.signals, longer, strict=True) if hours != 0.0
    ]  # fmt: skip
    return sorted(found, key=lambda one: -abs(float(str(one["adds_h"]))))[:REASONS]


def _last(values: "pd.Series[Any]") -> float | None:
    known = values.dropna()
    return float(known.iloc[-1]) if len(known) else None


def logged_life(job_key: str, one: ModelShown, told: dict[str, Any], now_us: int) -> Prediction:
    """The row of the log: written before the fact; after `cap_h` hours it is known."""
    return Prediction(
        job_key=job_key, kind=LIFE, machine_key=one.machine, model=one.name, model_id=one.id, made_us=now_us,
        until_us=now_us + int(told["cap_h"] * HOUR_US), naive=min(one.base_rate, told["cap_h"]),
        detail={**told, "state": one.state, "beats_naive": one.beats_naive,
                "least_stop_min": one.least_stop_min, "counts_tools": one.metrics.get("counts_tools", False)},
    )  # fmt: skip


def newest_lives(access: Access) -> list[Life]:
    """The last remaining life told of each machine, the shortest first, those that beat guessing on top."""
    found: dict[str, Life] = {}
    for one in lives(access, limit=1_000):
        found.setdefault(one.machine, one)
    return sorted(found.values(), key=lambda one: (not one.is_trusted, one.left_h, one.machine))


def lives(access: Access, machine: str = "", *, limit: int = 500) -> list[Life]:
    """The remaining lives told, the newest first."""
    access.require(Permission.SEE_PLANT)
    asked = select(Prediction).where(Prediction.kind == LIFE)
    if machine:
        asked = asked.where(Prediction.machine_key == machine)
    newest = asked.order_by(Prediction.made_us.desc(), Prediction.id.desc()).limit(limit)
    with access.read() as session:
        return [shown_life(row) for row in session.scalars(newest)]


def shown_life(row: Prediction) -> Life:
    """A row of the log of this kind."""
    left_h, lower_h, upper_h, cap_h = (
        float(row.detail[name]) for name in ("left_h", "lower_h", "upper_h", "cap_h")
    )
    return Life(
        row.id, row.machine_key, row.model, row.model_id, row.made_us, row.until_us, left_h, lower_h, upper_h,
        cap_h, row.naive or 0.0, row.detail, row.scores.get("actual_h"), row.matched_us is not None,
    )  # fmt: skip
