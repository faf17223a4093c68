"""Sends what a machine or a camera says to Gemba, and keeps it while Gemba is away.

    python gemba_send.py --url https://gemba.example:8501 --buffer queue.db < messages
    camera | GEMBA_API_KEY=... python gemba_send.py --url https://gemba.example:8501 --buffer queue.db

Needs Python 3.11 and nothing else. Each line of the input is a message as `/api/v1/ingest/batch` takes it:

    {"machine": "S3", "kind": "activity", "data": {"timestamp": "...", "event_type": "idle", "worker": "W1"}}

A line is kept in the buffer (a SQLite file) before the next one is read, with an id of its own where it has
none, so that what is sent twice is stored once. Batches go in order; while Gemba does not answer they wait,
from one second up to a minute between attempts; a message that alone must wait (its machine is not listed and
the quarantine is full) lets the others pass. What Gemba refuses for good is set aside in the buffer with the
reason, and sent again with --again. When the buffer is full, no more is read, so that a pipe waits. The
program ends when the input has ended and all was sent; killed, it goes on with its buffer when it is started
again.

The exit code is 0 when all was stored, 1 when messages were refused, 3 when some still wait or could not be
kept, 2 for a wrong call. The key stands in the environment, GEMBA_API_KEY, and may send data.
"""

import argparse
import http.client
import json
import os
import random
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime

BATCH, BATCH_CHARS = 500, 1_000_000
MOST = 1_000_000
LONGEST = 1_000_000
MOST_REFUSED = 10_000
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
LONGEST_DELAY_S = 3_600.0
ANSWER_S = 30.0
FOR_GOOD = frozenset({413, 422})
"""What Gemba answers to a message that it will never take; after any other failure the messages wait."""
SUSPECT = frozenset({400, 500, 502})
"""Answers that may be the fault of one message among many: the batch is halved until it stands alone."""
Row = tuple[int, str, int]
"""A message in the buffer: its number, its text, and how often it had to wait alone."""


class Away(Exception):
    """Gemba did not take a batch for now; `after_s` is how long it asked to wait."""

    def __init__(self, why: str, after_s: float = 0.0, *, is_suspect: bool = False) -> None:
        super().__init__(why)
        self.after_s, self.is_suspect = after_s, is_suspect


class Buffer:
    """Messages on disk, oldest first; each is there until it is known to be stored or refused."""

    def __init__(self, path: str, most: int = MOST) -> None:
        self._most, self._lock = most, threading.Lock()
        self._store = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._store.execute("PRAGMA journal_mode = WAL")
        self._store.execute("PRAGMA synchronous = FULL")
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS queue (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT NOT NULL,"
            " tries INTEGER NOT NULL DEFAULT 0, due REAL NOT NULL DEFAULT 0)"
        )
        self._store.execute("CREATE TABLE IF NOT EXISTS refused (body TEXT, why TEXT, at TEXT)")
        self._size = int(self._store.execute("SELECT count(*) FROM queue").fetchone()[0])

    def __len__(self) -> int:
        return self._size

    def put(self, body: str) -> bool:
        """Keep a message; False where the buffer is full."""
        with self._lock:
            if self._size >= self._most:
                return False
            self._store.execute("INSERT INTO queue (body) VALUES (?)", (body,))
            self._size += 1
            return True

    def first(self, count: int) -> list[Row]:
        """The oldest messages that are due, at most so many and not much more than BATCH_CHARS of text."""
        asked = "SELECT id, body, tries FROM queue WHERE due <= ? ORDER BY id LIMIT ?"
        found: list[Row] = []
        length = 0
        with self._lock:
            for row in self._store.execute(asked, (time.time(), count)):
                found.append(row)
                length += len(row[1])
                if length > BATCH_CHARS:
                    break
        return found

    def settle(self, done: list[int], refused: list[tuple[str, str]], waiting: list[Row]) -> None:
        """Forget what is stored, set aside what is refused with the reason, let the rest wait for a while."""
        now, at = time.time(), datetime.now(UTC).isoformat(timespec="seconds")
        later = [(now + min(2.0 ** min(tries, 20), LONGEST_DELAY_S), number) for number, _, tries in waiting]
        newest = "DELETE FROM refused WHERE rowid <= (SELECT max(rowid) FROM refused) - ?"
        with self._lock:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.executemany("DELETE FROM queue WHERE id = ?", [(one,) for one in done])
            self._store.executemany("INSERT INTO refused VALUES (?, ?, ?)", [(*one, at) for one in refused])
            self._store.executemany("UPDATE queue SET tries = tries + 1, due = ? WHERE id = ?", later)
            self._store.execute(newest, (MOST_REFUSED,))
            self._store.execute("COMMIT")
            self._size -= len(done)

    def again(self) -> int:
        """Bring back what was refused; how many messages that were."""
        with self._lock:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.execute("INSERT INTO queue (body) SELECT body FROM refused ORDER BY rowid")
            count = self._store.execute("DELETE FROM refused").rowcount
            self._store.execute("COMMIT")
            self._size += count
        return count


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The key goes to the address that was given and to no other."""

    def redirect_request(self, *_: object) -> None:
        """A redirect is an answer like any other."""


class Sender:
    """Takes batches from a buffer and hands them to Gemba, one at a time."""

    def __init__(self, buffer: Buffer, url: str, key: str) -> None:
        self._buffer = buffer
        self._address = url.rstrip("/") + "/api/v1/ingest/batch"
        self._headers = {"Content-Type": "application/json", "X-API-Key": key}
        self._opener = urllib.request.build_opener(NoRedirect)
        self._count = BATCH
        self.refused = 0

    def step(self) -> bool:
        """Send the oldest messages that are due; False where there are none. Raises Away where all must wait.

        What may be the fault of one message is tried with half as many until that one stands alone; then it
        is set aside, or waits while the others go on.
        """
        found = self._buffer.first(self._count)
        if not found:
            return False
        body = '{"items": [' + ",".join(row[1] for row in found) + "]}"
        try:
            status, answer = self._post(body.encode())
            outcomes = self._outcomes(found, status, answer)
        except Away as error:
            self._count = max(len(found) // 2, 1) if error.is_suspect else self._count
            if error.is_suspect and len(found) == 1:
                self._buffer.settle([], [], found)
            raise
        if outcomes is None:
            self._count = len(found) // 2
            return True
        self._settle(found, outcomes)
        self._count = min(2 * self._count, BATCH)
        return True

    def _outcomes(self, found: list[Row], status: int, answer: str) -> "list[tuple[int, str]] | None":
        """What became of each message; None where Gemba took none because of one of them."""
        if status in FOR_GOOD:
            return [(status, answer[:500])] if len(found) == 1 else None
        try:
            told = [(int(one["status"]), str(one["message"])) for one in json.loads(answer)["items"]]
        except (ValueError, KeyError, TypeError) as error:
            raise Away(f"this is no answer of Gemba: {answer[:80]!r}") from error
        if len(told) != len(found):
            raise Away(f"Gemba answered for {len(told)} of {len(found)} messages")
        return told

    def _settle(self, found: list[Row], outcomes: list[tuple[int, str]]) -> None:
        done, refused, waiting, why = [], [], [], ""
        for row, (status, text) in zip(found, outcomes, strict=True):
            if status == 429 or status >= 500:
                waiting.append(row)
                why = text
                continue
            done.append(row[0])
            if status >= 400:
                refused.append((row[1], f"{status}: {text}"))
        self._buffer.settle(done, refused, waiting)
        self.refused += len(refused)
        for body, reason in refused:
            said(f"refused, {reason}: {body[:200]}")
        if waiting:
            said(f"{len(waiting)} messages wait: {why}")

    def _post(self, body: bytes) -> tuple[int, str]:
        """The answer to a batch. Raises Away for all but what was taken or refused for good."""
        request = urllib.request.Request(self._address, body, self._headers)  # noqa: S310 - `main` checks it
        try:
            try:
                with self._opener.open(request, timeout=ANSWER_S) as answer:
                    return answer.status, answer.read().decode("utf-8", "replace")
            except urllib.error.HTTPError as error:
                status, told, text = error.code, error.headers, error.read().decode("utf-8", "replace")
        except (OSError, ValueError, http.client.HTTPException) as error:
            raise Away(f"Gemba does not answer: {type(error).__name__} {error}") from error
        if status in FOR_GOOD:
            return status, text
        if 300 <= status < 400:
            raise Away(f"Gemba is elsewhere: give the address {told.get('Location', '')}")
        after = told.get("Retry-After", "")
        after_s = float(after) if after.isdigit() else 0.0
        raise Away(f"Gemba answered {status}: {text[:200]}", after_s, is_suspect=status in SUSPECT)


def send_all(sender: Sender, buffer: Buffer, ended: threading.Event, give_up_s: "float | None") -> bool:
    """Send until the input has ended and nothing waits; False where that takes longer than somebody waits."""
    wait_s, since_s = FIRST_WAIT_S, 0.0
    while True:
        is_last = ended.is_set()
        try:
            pause_s = 0.0 if sender.step() else 0.2
            wait_s = FIRST_WAIT_S
            if is_last and not len(buffer):
                return True
        except Away as error:
            said(str(error))
            pause_s = max(error.after_s, wait_s * (0.5 + random.random() / 2))  # noqa: S311
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)
        if is_last and give_up_s is not None:
            since_s = since_s or time.monotonic()
            if time.monotonic() - since_s + pause_s > give_up_s:
                return False
        time.sleep(pause_s)


class Reader(threading.Thread):
    """Brings the lines of the input into the buffer; waits where that is full."""

    def __init__(self, buffer: Buffer, source: Iterable[bytes]) -> None:
        super().__init__(daemon=True)
        self._buffer, self._source = buffer, source
        self.ended = threading.Event()
        self.wrong = 0
        self.failure = ""

    def run(self) -> None:
        """Read to the end."""
        try:
            for line in self._source:
                if line.strip():
                    self._keep(line.decode("utf-8", "replace"))
        except Exception as error:  # noqa: BLE001 - whatever ends the reading is told where the program ends
            self.failure = f"no more was read: {type(error).__name__} {error}"
        finally:
            self.ended.set()

    def _keep(self, line: str) -> None:
        text = message(line)
        if text is None:
            self.wrong += 1
            said(f"no message with machine, kind and data: {line[:200]}")
            return
        while not self._buffer.put(text):
            time.sleep(0.5)


def message(line: str) -> "str | None":
    """A line of the input as it is sent, with an id; None where it is no message, or far too long for one.

    Half a character (a lone surrogate) becomes a question mark: no store could keep it.
    """
    try:
        given = json.loads(line) if len(line) <= LONGEST else None
    except (ValueError, RecursionError):
        return None
    if not (isinstance(given, dict) and isinstance(given.get("data"), dict)):
        return None
    event_id = given.get("event_id") or uuid.uuid4().hex
    return json.dumps({**given, "event_id": event_id}, ensure_ascii=False).encode("utf-8", "replace").decode()


def said(text: str) -> None:
    """Tell somebody who looks."""
    sys.stderr.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {text}\n")
    sys.stderr.flush()


def called() -> argparse.Namespace:
    """The call, checked; a wrong one ends the program with exit code 2."""
    parser = argparse.ArgumentParser(description="Send messages to Gemba; keep them while it is away.")
    parser.add_argument("--url", required=True, help="where Gemba is, as https://gemba.example:8501")
    parser.add_argument("--buffer", required=True, help="the file that keeps what was not sent yet")
    parser.add_argument("--most", type=int, default=MOST, help="how many messages wait at most")
    parser.add_argument("--give-up-after", type=float, metavar="SECONDS", help="after the input has ended")
    parser.add_argument("--again", action="store_true", help="first bring back what was refused before")
    given = parser.parse_args()
    given.key = os.environ.get("GEMBA_API_KEY", "").strip()
    try:
        parts = urllib.parse.urlsplit(given.url)
        is_address = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        parser.error("--url is the address of Gemba, as https://gemba.example:8501")
    if not (given.key.isascii() and given.key.isprintable() and given.key):
        parser.error("GEMBA_API_KEY in the environment is the key: letters, digits and signs in one line")
    if given.most < 1:
        parser.error("--most is above 0")
    try:
        given.buffer = Buffer(given.buffer, given.most)
    except sqlite3.Error as error:
        parser.error(f"--buffer {given.buffer}: {error}")
    return given


def main() -> int:
    """Read and send until the input ends."""
    given = called()
    buffer: Buffer = given.buffer
    if given.again:
        said(f"{buffer.again()} messages that were refused are sent again")
    sender, reader = Sender(buffer, given.url, given.key), Reader(buffer, sys.stdin.buffer)
    reader.start()
    try:
        is_done = send_all(sender, buffer, reader.ended, given.give_up_after) and not reader.failure
    except sqlite3.Error as error:
        is_done, reader.failure = False, str(error)
    if not is_done:
        said(f"{reader.failure or 'not all was sent'}; {len(buffer)} messages wait in the buffer")
        return 3
    return 1 if reader.wrong or sender.refused else 0


if __name__ == "__main__":
    sys.exit(main())
