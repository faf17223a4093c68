"""Measurements of InfluxDB over the v1 endpoints, with SELECT and SHOW only."""

import time
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from analytics.errors import InvalidInput, StoreUnavailable
from data.sources.cells import page
from data.sources.marks import value_of
from data.sources.protocol import About, Column, Extract, Item, Page

CONNECT_S: Final = 5.0
PAGE_ROWS: Final = 10_000
TIME: Final = "time"


class InfluxConnector:
    """One database. Rows are ordered by time, the only order that a measurement has."""

    def __init__(self, url: str, timeout_s: int) -> None:
        """`influxdb[+https]://user:password@host:port/database`; a token stands where the password is."""
        parts = urlsplit(url)
        self._database = unquote(parts.path.strip("/"))
        if not parts.hostname or not self._database:
            raise InvalidInput.at("address", "Give it like influxdb://host:8086/database.")
        scheme = "https" if parts.scheme.endswith("+https") else "http"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        self._http = httpx.Client(
            base_url=f"{scheme}://{parts.hostname}:{parts.port or 8086}",
            auth=(user, password) if user else None,
            headers={"Authorization": f"Token {password}"} if password and not user else {},
            timeout=httpx.Timeout(timeout_s, connect=CONNECT_S),
        )

    def about(self) -> About:
        """See `Connector.about`; it also proves that the database may be asked."""
        began = time.perf_counter()
        version = str(self._send("/ping", {}).headers.get("X-Influxdb-Version", "unknown"))
        latency_ms = (time.perf_counter() - began) * 1000
        self._ask("SHOW MEASUREMENTS LIMIT 1")
        return About("InfluxDB", version, latency_ms)

    def items(self) -> list[Item]:
        """See `Connector.items`."""
        return sorted(
            (Item(str(row[0]), "measurement") for _, rows in self._ask("SHOW MEASUREMENTS") for row in rows),
            key=lambda item: item.name,
        )

    def columns(self, extract: Extract) -> list[Column]:
        """See `Connector.columns`."""
        measurement = _name(_item(extract))
        tags = self._ask("SHOW TAG KEYS FROM " + measurement)
        fields = self._ask("SHOW FIELD KEYS FROM " + measurement)
        found = [Column(TIME, "time")]
        found += [Column(str(row[0]), "tag") for _, rows in tags for row in rows]
        return found + [Column(str(row[0]), str(row[1])) for _, rows in fields for row in rows]

    def pages(self, extract: Extract, rows: int) -> Iterator[Page]:
        """See `Connector.pages`; each page is a question of its own, so that the server holds nothing."""
        begin, skip = int(value_of(extract.after)) if extract.after else None, 0
        size = min(rows, PAGE_ROWS)
        while True:
            header, found = self._read(extract, begin, size, skip)
            if not found:
                return
            place = header.index(TIME)
            last = int(found[-1][place])
            columns = list(zip(*found, strict=True))
            times = [f"{when // 10**9}.{when % 10**9 // 1000:06}" for when in columns[place]]
            columns[place] = tuple(times)
            yield page(header, columns, f"i:{last}")
            if len(found) < size:
                return
            again = sum(1 for row in reversed(found) if int(row[place]) == last)
            skip, begin = (skip + again, begin) if last == begin else (again, last)

    def last_mark(self, extract: Extract) -> str:
        """See `Connector.last_mark`."""
        question = " ".join(("SELECT * FROM", _name(_item(extract)), "ORDER BY time DESC LIMIT 1"))
        for header, rows in self._ask(question):
            if rows:
                return f"i:{int(rows[0][header.index(TIME)])}"
        return ""

    def _read(self, extract: Extract, begin: int | None, size: int, skip: int) -> tuple[list[str], list[Any]]:
        """One page; texts go through `_literal` and `_name`."""
        asked = ["SELECT * FROM", _name(_item(extract))]
        conditions = [f"{_name(name)} = {_literal(text)}" for name, text in extract.where]
        if begin is not None:
            conditions.append(f"time >= {begin}")
        if conditions:
            asked += ["WHERE", " AND ".join(conditions)]
        asked.append(f"ORDER BY time ASC LIMIT {size} OFFSET {skip}")
        for header, rows in self._ask(" ".join(asked)):
            return header, rows
        return [TIME], []

    def _ask(self, question: str) -> list[tuple[list[str], list[Any]]]:
        """Columns and rows of each series, times in nanoseconds."""
        answer = self._send("/query", {"db": self._database, "epoch": "ns", "q": question})
        found = []
        for result in orjson.loads(answer.content).get("results", []):
            if "error" in result:
                raise StoreUnavailable(f"the source refuses the question: {result['error'][:200]}")
            found += [(one["columns"], one.get("values") or []) for one in result.get("series", [])]
        return found

    def _send(self, path: str, parameters: dict[str, str]) -> httpx.Response:
        try:
            answer = self._http.get(path, params=parameters)
        except httpx.TransportError as error:
            raise StoreUnavailable(f"the source does not answer: {type(error).__name__}") from error
        if answer.status_code >= 300:
            raise StoreUnavailable(f"the source answers {answer.status_code}: {answer.text[:200]}")
        return answer

    def close(self) -> None:
        """See `Connector.close`."""
        self._http.close()


def moved_back_ns(mark: str, overlap_s: int) -> str:
    """The mark of a little earlier, of times in nanoseconds.

    >>> moved_back_ns("i:5000000000", 2)
    'i:3000000000'
    """
    return f"i:{int(value_of(mark)) - overlap_s * 10**9}"


def _item(extract: Extract) -> str:
    if extract.query or not extract.item:
        raise InvalidInput.at("item", "Name a measurement.")
    return extract.item


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _name(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
