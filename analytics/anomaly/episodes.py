"""One episode per cause: runs of anomalous rows, joined over a cool-down, with what drove them."""

from typing import Final

import numpy as np
import pandas as pd

from analytics.anomaly.frames import times_us

PREFIX: Final = "contribution_"
COOL_DOWN: Final = pd.Timedelta(days=1)
TOP: Final = 3


def episodes(scored: pd.DataFrame, cool_down: pd.Timedelta = COOL_DOWN, top: int = TOP) -> pd.DataFrame:
    """When something was wrong, how badly, and which parameters said so most.

    `scored` is the answer of `Detector.score`. Anomalous rows less than `cool_down` apart are one episode.
    Returns one row per episode, in time: `start` and `end` (first and last anomalous row), `peak` (highest
    score), `peak_at`, `rows` (anomalous ones) and `parameters` (up to `top` names by their contributions,
    summed over the anomalous rows; those without any are left out).
    """
    order = np.argsort(times_us(scored.index), kind="stable")
    ordered = scored.iloc[order]
    hit = ordered[ordered["is_anomaly"].to_numpy(dtype=bool)]
    columns = ["start", "end", "peak", "peak_at", "rows", "parameters"]
    if hit.empty:
        return pd.DataFrame(columns=columns)
    pause = np.diff(times_us(hit.index))
    cuts = np.flatnonzero(pause >= cool_down // pd.Timedelta(microseconds=1)) + 1
    bounds = zip([0, *cuts], [*cuts, len(hit)], strict=True)
    return pd.DataFrame([_episode(hit.iloc[begin:end], top) for begin, end in bounds], columns=columns)


def _episode(rows: pd.DataFrame, top: int) -> tuple[object, ...]:
    at = int(rows["score"].to_numpy().argmax())
    sums = {
        name.removeprefix(PREFIX): float(rows[name].sum()) for name in rows.columns if name.startswith(PREFIX)
    }
    ranked = sorted((name for name in sums if sums[name] > 0), key=lambda name: (-sums[name], name))
    peak = float(rows["score"].iloc[at])
    return rows.index[0], rows.index[-1], peak, rows.index[at], len(rows), tuple(ranked[:top])


def changed_since(
    scored: pd.DataFrame, share: float = 0.9, least: pd.Timedelta = COOL_DOWN
) -> pd.Timestamp | None:
    """Since when has the machine been another one? None where it has not (`has_changed`).

    The first anomalous row from which on, whichever row is looked at, at least `share` of the rows up to the
    end are anomalous. `scored` is ordered by time.
    """
    if not has_changed(scored, share, least):
        return None
    times, is_anomaly = times_us(scored.index), scored["is_anomaly"].to_numpy(dtype=bool)
    shares = np.cumsum(is_anomaly[::-1])[::-1] / np.arange(len(scored), 0, -1)
    late = int(np.searchsorted(times, times.max() - least // pd.Timedelta(microseconds=1)))
    below = np.flatnonzero(shares[: late + 1] < share)
    first = int(below[-1]) + 1 if len(below) else 0
    return pd.Timestamp(scored.index[first + int(np.argmax(is_anomaly[first:]))])


def has_changed(scored: pd.DataFrame, share: float = 0.9, least: pd.Timedelta = COOL_DOWN) -> bool:
    """Whether the machine has become another one: at the end of `scored`, for at least the time `least`, the
    share `share` of the rows is anomalous. Then fit anew on rows since the change (`rebaselined`), if a
    person agrees that they are normal."""
    times = times_us(scored.index)
    if not len(times) or times.max() - times.min() < least // pd.Timedelta(microseconds=1):
        return False
    late = times >= times.max() - least // pd.Timedelta(microseconds=1)
    return bool(scored["is_anomaly"].to_numpy(dtype=bool)[late].mean() >= share)
