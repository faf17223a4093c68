"""Writes lines and asks InfluxQL questions; every text that goes into either is escaped here."""

from collections.abc import Iterator, Sequence
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx
import orjson

from analytics.errors import ConfigurationError, RejectedPoints, StoreUnavailable

CONNECT_S: Final = 2.0
ANSWER_S: Final = 60.0
LINES: Final = 20_000
Answer = tuple[dict[str, str], list[str], list[list[Any]]]
"""The tags of a group, its columns, its rows."""


class InfluxClient:
    """One database of a server."""

    def __init__(self, url: str) -> None:
        """`influxdb[+https]://user:password@host:port/database`; a token stands where the password is."""
        parts = urlsplit(url)
        self.database = unquote(parts.path.strip("/"))
        if not parts.hostname or not self.database:
            raise ConfigurationError(
                "GEMBA_TELEMETRY_URL: give it like influxdb://user:password@host:8086/database."
            )
        scheme = "https" if parts.scheme.endswith("+https") else "http"
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        headers = {"Authorization": f"Token {password}"} if password and not user else {}
        self._http = httpx.Client(
            base_url=f"{scheme}://{parts.hostname}:{parts.port or 8086}",
            auth=(user, password) if user else None,
            headers=headers,
            timeout=httpx.Timeout(ANSWER_S, connect=CONNECT_S),
        )
        self._is_there = False

    def write(self, lines: Sequence[str]) -> None:
        """Durable when this returns: the server answers after its log is on disk."""
        for begin in range(0, len(lines), LINES):
            body = "\n".join(lines[begin : begin + LINES]).encode()
            answer = self._post("/write", {"db": self.database, "precision": "u"}, body)
            if answer.status_code == 404 and not self._is_there:
                self._make()
                answer = self._post("/write", {"db": self.database, "precision": "u"}, body)
            self._refuse(answer)
            self._is_there = True

    def ask(self, question: str) -> Iterator[Answer]:
        """The groups of a SELECT, times in microseconds; nothing where the database is not there yet."""
        answer = self._post("/query", {"db": self.database, "epoch": "u"}, question, is_form=True)
        if answer.status_code == 404:
            return
        self._refuse(answer)
        for result in orjson.loads(answer.content).get("results", []):
            if "error" in result:
                if "not found" in result["error"]:
                    return
                raise StoreUnavailable(f"the telemetry store refuses a question: {result['error'][:200]}")
            for group in result.get("series", []):
                yield group.get("tags") or {}, group["columns"], group.get("values") or []

    def version(self) -> str:
        """The server's own word."""
        return str(self._post("/ping", {}, b"").headers.get("X-Influxdb-Version", "unknown"))

    def _make(self) -> None:
        """First versions make a database on request; on later ones an administrator maps it."""
        self._refuse(self._post("/query", {}, f"CREATE DATABASE {name(self.database)}", is_form=True))

    def _post(
        self, path: str, parameters: dict[str, str], body: bytes | str, *, is_form: bool = False
    ) -> httpx.Response:
        try:
            if is_form:
                return self._http.post(path, params=parameters, data={"q": str(body)})
            content = body.encode() if isinstance(body, str) else body
            return self._http.post(path, params=parameters, content=content)
        except (httpx.TransportError, RuntimeError) as error:
            raise StoreUnavailable(f"the telemetry store does not answer: {type(error).__name__}") from error

    @staticmethod
    def _refuse(answer: httpx.Response) -> None:
        if answer.status_code < 300:
            return
        said = answer.text[:300]
        if answer.status_code == 400 and "partial write" in said:
            raise RejectedPoints(f"The telemetry store refuses points: {said}")
        raise StoreUnavailable(f"the telemetry store answers {answer.status_code}: {said}")

    def close(self) -> None:
        """Close the pool."""
        self._http.close()


def select(fields: str, measurement: str, *, where: str, tail: str = "") -> str:
    """A question; texts in `where` have gone through `literal`."""
    return " ".join(("SELECT", fields, "FROM", measurement, "WHERE", where, tail)).strip()


def tag(value: str) -> str:
    """A tag's value as it is stored: a backslash cannot end one, so it is written as %5C."""
    return value.replace("%", "%25").replace("\\", "%5C")


def untag(value: str) -> str:
    """The value of `tag`."""
    return value.replace("%5C", "\\").replace("%25", "%")


def in_line(value: str) -> str:
    """A stored tag value in the line protocol."""
    return value.replace(",", "\\,").replace("=", "\\=").replace(" ", "\\ ")


def text_field(value: str) -> str:
    """A text field in the line protocol."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def literal(value: str) -> str:
    """A text in a question."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def name(value: str) -> str:
    """A name in a question."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
