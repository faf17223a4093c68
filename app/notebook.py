"""Gemba in a notebook: one import, and one line to each frame that the pages show.

```python
from app.notebook import open_plant

plant = open_plant()
plant.oee("last 7 days", by=["machine"])
```
"""

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pandas as pd

from analytics.errors import InvalidInput
from app.bootstrap import Access, wire
from app.cli.context import acting
from app.ingest.intake import ingest_telemetry
from app.insights.answering import Answer, answer
from app.insights.findings import findings
from app.insights.spans import Clock, spoken
from app.kpis.values import kpi_values
from app.production import figures
from app.production.camera.figures import ActivityQuestion, people, places
from app.production.figures import Question
from app.production.measured.energy import energy
from app.production.measured.parameters import ParameterChange, change, listed
from app.production.plant import plant as plant_of
from app.settings import load
from app.sources.addresses import connected
from data.contracts.messages import TelemetryMessage
from data.models import to_us
from data.sources.protocol import Connector, Extract
from data.telemetry import Windows

UNITS = {"s": 1, "min": 60, "h": 3_600, "day": 86_400}
LONGEST = 60
TIMEOUT_S = 30
MOST_ROWS = 100_000


def open_plant(factory: str = "demo", home: str | Path | None = None) -> "OpenPlant":
    """A factory of the state folder `home` (default: that of the settings), for reading and for own signals.

    NotFound for a factory that is not there. Telemetry may be written only while no server has the embedded
    store open; reading works beside one.
    """
    settings = load()
    if home is not None:
        settings = settings.model_copy(update={"home": Path(home)})
    gemba = wire(settings, telemetry_read_only=True)
    return OpenPlant(acting(gemba, factory))


class PlantDatabase:
    """A database that the plant has already, read where it is and never written. `close()` lets go of it."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self.about = connector.about()

    def items(self) -> list[str]:
        """Its tables, collections or measurements, by name."""
        return [one.name for one in self._connector.items()]

    def frame(self, item: str = "", query: str = "", most: int = MOST_ROWS) -> pd.DataFrame:
        """The rows of an item, or of a SELECT of a relational one, at most `most`.

        Columns that hold numbers and nothing else are numbers, the others texts, missing where empty.
        InvalidInput where there is no such item; StoreUnavailable where the server is away.
        """
        parts: list[pd.DataFrame] = []
        left = most
        for page in self._connector.pages(Extract(item, query, most=most), min(most, 10_000)):
            parts.append(pd.DataFrame(dict(zip(page.header, page.columns, strict=True))).head(left))
            left -= len(parts[-1])
            if left <= 0 and len(page) > len(parts[-1]):
                break
        if not parts:
            return pd.DataFrame()
        found = pd.concat(parts, ignore_index=True).replace("", None)
        for name in found.columns:
            numbers = pd.to_numeric(found[name], errors="coerce")
            if numbers.notna().any() and numbers.isna().equals(found[name].isna()):
                found[name] = numbers
        return found

    def close(self) -> None:
        """Let go of the connection."""
        self._connector.close()


class OpenPlant:
    """The questions of the pages as frames, over times in words (`docs/insights.md`): "last 7 days".

    `access` is what every service of `app` takes, for all that has no method here. `close()` or a `with`
    block lets go of the stores.
    """

    def __init__(self, access: Access) -> None:
        self.access = access

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the stores."""
        self.access.gemba.close()

    def question(self, when: str, machines: Sequence[str] = (), lines: Sequence[str] = ()) -> Question:
        """The range that the words name, of these machines or lines (all where none is named)."""
        factory = self.access.factory
        found = spoken(when.casefold(), Clock(to_us(self.access.now), factory.zone, factory.day_start_min))
        if found.rest.strip():
            raise InvalidInput.at("when", f"'{found.rest.strip()}' names no time.")
        return Question(found.start_us, found.end_us, tuple(lines), tuple(machines))

    def machines(self) -> pd.DataFrame:
        """The machines in use: key, name, line, type."""
        known = plant_of(self.access)
        rows = [(one.device_key, one.name, known.line_name(one), one.type) for one in known.active]
        return pd.DataFrame(rows, columns=["machine", "name", "line", "type"])

    def oee(self, when: str, by: Sequence[str] = (), machines: Sequence[str] = ()) -> pd.DataFrame:
        """OEE with its factors, bounds and coverage; `by` any of area, line, machine, shift, day, product."""
        asked = self.question(when, machines)
        return figures.broken_down(self.access, asked, by) if by else figures.totals(self.access, asked)

    def losses(self, when: str, by: Sequence[str] = (), machines: Sequence[str] = ()) -> pd.DataFrame:
        """The six big losses in microseconds and as shares of planned production time."""
        return figures.big_losses(self.access, self.question(when, machines), by)

    def stops(self, when: str, machines: Sequence[str] = ()) -> pd.DataFrame:
        """Stops by reason, the longest first."""
        return figures.stops_by_reason(self.access, self.question(when, machines))

    def timeline(self, when: str, machines: Sequence[str] = ()) -> pd.DataFrame:
        """What each machine did: a row a piece, with `start` and `end` in the factory's zone."""
        pieces = figures.timeline_pieces(self.access, self.question(when, machines))
        for name in ("start", "end"):
            pieces[name] = self._times(pieces[f"{name}_us"])
        return pieces

    def kpis(self, when: str, machines: Sequence[str] = ()) -> pd.DataFrame:
        """Every KPI of the registry: value, bounds, coverage, and what is missing."""
        found = kpi_values(self.access, self.question(when, machines))
        rows = [
            (one.kpi.id, one.value, one.lower, one.upper, one.coverage, one.kpi.unit, one.reason)
            for one in found
        ]
        columns = ["kpi", "value", "lower", "upper", "coverage", "unit", "missing"]
        return pd.DataFrame(rows, columns=columns).set_index("kpi")

    def energy(self, when: str, machines: Sequence[str] = ()) -> pd.DataFrame:
        """Kilowatt hours by machine, with the seconds of which the power is known."""
        return energy(self.access, self.question(when, machines))

    def signals(self, machine: str, when: str, every: str = "1 min") -> pd.DataFrame:
        """A machine's signals as columns, the mean of each step, over times in the factory's zone.

        `every` is a number with s, min, h or day. Steps without readings are NaN. InvalidInput for an unknown
        machine.
        """
        number, _, unit = every.partition(" ")
        if unit not in UNITS or not number.isdigit() or int(number) < 1:
            raise InvalidInput.at("every", f"A step is a number with {', '.join(UNITS)}, like '5 min'.")
        if machine not in plant_of(self.access).machine_by_key:
            raise InvalidInput.at("machine", f"There is no machine '{machine}' in this factory.")
        asked = self.question(when, [machine])
        windows = Windows.every(asked.start_us, asked.end_us, int(number) * UNITS[unit] * 1_000_000)
        table = self.access.gemba.telemetry.matrix(self.access.factory.slug, windows, [machine])
        table.columns = [str(name[1]) for name in table.columns]
        table.index = self._times(table.index.to_series())
        return table

    def workers(self, when: str) -> pd.DataFrame:
        """Hours and output of workers as cameras see them, under their pseudonyms."""
        asked = self.question(when)
        return people(self.access, ActivityQuestion(asked.start_us, asked.end_us))

    def workstations(self, when: str) -> pd.DataFrame:
        """Occupancy and output of workstations as cameras see them."""
        asked = self.question(when)
        return places(self.access, ActivityQuestion(asked.start_us, asked.end_us))

    def insights(self, when: str) -> list[str]:
        """What changed against the time before, in sentences, the costliest first."""
        return [one.text for one in findings(self.access, self.question(when))]

    def ask(self, question: str) -> Answer:
        """The answer to a question in plain words."""
        return answer(self.access, question)

    def database(self, address: str, user: str = "", password: str = "") -> PlantDatabase:
        """A database beside Gemba: `mysql://host/db`, `postgresql://`, `mongodb://`, `influxdb://`, or
        `sqlite:///plant.db` for a file in the folder of source files (`docs/sources.md`).

        InvalidInput for an address that may not be asked.
        """
        settings = self.access.gemba.settings
        settings.sources_folder.mkdir(parents=True, exist_ok=True)
        return PlantDatabase(connected(self.access, address, user, password, TIMEOUT_S))

    def publish(self, machine: str, parameter: str, values: pd.Series, unit: str = "") -> int:
        """Write an own signal (a model's score, an own KPI) to a machine, so that the whole app knows it.

        `values` are numbers over a time index with a zone; missing ones are left out. The parameter is listed
        with its unit, and pages, rules, charts, SPC and forecasts take it like any other. Returns how many
        points were taken. InvalidInput for an index without a zone. Repeating it changes nothing.
        """
        index = values.index
        if not isinstance(index, pd.DatetimeIndex) or index.tz is None:
            raise InvalidInput.at("values", "Give the series a time index with a zone.")
        if not parameter or len(parameter) > LONGEST:
            raise InvalidInput.at("parameter", f"A parameter has a key of 1 to {LONGEST} letters.")
        known = values.dropna()
        times = known.index.tz_convert("UTC").as_unit("us").asi8  # type: ignore[attr-defined]
        messages = [
            TelemetryMessage(machine, parameter, int(time), float(value))
            for time, value in zip(times.tolist(), known.tolist(), strict=True)
        ]
        writing = wire(self.access.gemba.settings)
        try:
            receipt = ingest_telemetry(writing, self.access.factory, messages)
        finally:
            writing.close()
        if receipt.refused:
            raise InvalidInput.at("values", receipt.refused[0].reason)
        self._named(machine, parameter, unit)
        return receipt.stored

    def _named(self, machine: str, parameter: str, unit: str) -> None:
        """List the parameter with its unit."""
        number = plant_of(self.access).machine_by_key[machine].id
        row = next(one for one in listed(self.access, number) if one.key == parameter)
        if unit and row.unit != unit:
            change(self.access, number, row.id, None, ParameterChange(unit=unit))

    def _times(self, stamps: "pd.Series[int]") -> pd.DatetimeIndex:
        times = pd.DatetimeIndex(pd.to_datetime(stamps, unit="us", utc=True))
        return times.tz_convert(self.access.factory.zone)
