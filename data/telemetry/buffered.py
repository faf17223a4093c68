"""A remote store with a waiting room before it: what was acknowledged survives the store's absence."""

from dataclasses import replace
from typing import Any

import pandas as pd

from analytics.errors import RejectedPoints, StoreUnavailable
from data.telemetry.batch import Batch
from data.telemetry.protocol import (
    DEFAULT_MAX_GAP_US,
    MOST_DRAWN,
    MOST_ROWS,
    Health,
    Keys,
    LoadReport,
    Maintenance,
    TelemetryStore,
)
from data.telemetry.waiting import WaitingRoom
from data.telemetry.windows import Windows


class BufferedStore:
    """Answers as the store behind it; points that it cannot take now wait on disk, in order.

    While points wait, new ones queue behind them, so that of two writes the later one still wins. A
    question is answered by the store alone: points that wait are not in it, and `health` says how many
    they are. `forward` brings them over; call it every second or so.
    """

    def __init__(self, store: TelemetryStore, waiting: WaitingRoom) -> None:
        self._store = store
        self._waiting = waiting

    def append(self, factory: str, batch: Batch) -> int:
        """Hand the batch to the store, or keep it here while the store is away."""
        if len(batch) and not self._waiting.points():
            try:
                return self._store.append(factory, batch)
            except StoreUnavailable:
                self._waiting.put(factory, batch)
                return len(batch)
        if len(batch):
            self._waiting.put(factory, batch)
        return len(batch)

    def forward(self) -> int:
        """Bring waiting points over until none waits or the store is away; returns how many."""
        moved = 0
        with self._waiting.turn() as is_ours:
            while is_ours and (found := self._waiting.oldest()) is not None:
                seq, factory, batch = found
                try:
                    moved += self._store.append(factory, batch)
                except StoreUnavailable:
                    break
                except RejectedPoints as error:
                    self._waiting.set_aside(seq, str(error))
                else:
                    self._waiting.done(seq)
        return moved

    def health(self, factory: str) -> Health:
        """The store's health; points that wait here count as backlog."""
        found = self._store.health(factory)
        refused = self._waiting.refused(factory)
        problem = found.problem or (f"{refused:,} points were refused by the store" if refused else "")
        return replace(found, backlog=found.backlog + self._waiting.points(factory), problem=problem)

    def delete(self, factory: str, machine: str) -> int:
        """Bring over what waits, then forget the machine: none of its points comes back later."""
        self.forward()
        if self._waiting.points(factory):
            raise StoreUnavailable("The telemetry store is away: delete the machine's data when it is back.")
        return self._store.delete(factory, machine)

    def maintain(self, factory: str, now_us: int) -> Maintenance:
        """The store's upkeep."""
        return self._store.maintain(factory, now_us)

    def close(self) -> None:
        """Close both."""
        self._store.close()
        self._waiting.close()

    def factories(self) -> tuple[str, ...]:
        """As the store says."""
        return self._store.factories()

    def bulk_load(self, factory: str, points: Batch | pd.DataFrame) -> LoadReport:
        """Straight into the store: who loads a history can do it again."""
        return self._store.bulk_load(factory, points)

    def latest(self, factory: str, machines: Keys = None, parameters: Keys = None) -> pd.DataFrame:
        """As the store says."""
        return self._store.latest(factory, machines, parameters)

    def read(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        limit: int = MOST_ROWS,
    ) -> pd.DataFrame:
        """As the store says."""
        return self._store.read(factory, start_us, end_us, machines, parameters, limit=limit)

    def aggregate(
        self, factory: str, windows: Windows, machines: Keys = None, parameters: Keys = None
    ) -> pd.DataFrame:
        """As the store says."""
        return self._store.aggregate(factory, windows, machines, parameters)

    def downsample(
        self,
        factory: str,
        start_us: int,
        end_us: int,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        points: int = MOST_DRAWN,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """As the store says."""
        chosen: dict[str, Any] = {"points": points, "max_gap_us": max_gap_us}
        return self._store.downsample(factory, start_us, end_us, machines, parameters, **chosen)

    def matrix(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        measure: str = "mean",
    ) -> pd.DataFrame:
        """As the store says."""
        return self._store.matrix(factory, windows, machines, parameters, measure=measure)

    def integral(
        self,
        factory: str,
        windows: Windows,
        machines: Keys = None,
        parameters: Keys = None,
        *,
        max_gap_us: int = DEFAULT_MAX_GAP_US,
    ) -> pd.DataFrame:
        """As the store says."""
        return self._store.integral(factory, windows, machines, parameters, max_gap_us=max_gap_us)

    def parameters(self, factory: str, machines: Keys = None) -> pd.DataFrame:
        """As the store says."""
        return self._store.parameters(factory, machines)
