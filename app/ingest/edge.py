"""Sends what a machine or a camera says to Gemba, and keeps it while Gemba is away.

    python gemba_send.py --url https://gemba.example:8501 --buffer queue.db < messages
    camera | GEMBA_API_KEY=... python gemba_send.py --url https://gemba.example:8501 --buffer queue.db

Needs Python 3.11 and nothing else. Each line of the input is a message as `/api/v1/ingest/batch` takes it:

    {"machine": "S3", "kind": "activity", "data": {"timestamp": "...", "event_type": "idle", "worker": "W1"}}

A line is kept in the buffer (a SQLite file) before the next one is read, with an id of its own where it has
none, so that what is sent twice is stored once. Batches go in order; while Gemba does not answer they wait,
from one second up to a minute between attempts. What Gemba refuses for good is set aside in the buffer with
the reason. When the buffer is full, no more is read, so that a pipe waits. The program ends when the input
has ended and all was sent; killed, it goes on with its buffer when it is started again.

The exit code is 0 when all was stored, 1 when messages were refused, 3 when some still wait or could not be
kept, 2 for a wrong call. The key stands in the environment, GEMBA_API_KEY, and may send data.
"""

import argparse
import json
import os
import random
import sqlite3
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from datetime import UTC, datetime
from typing import TextIO

BATCH = 500
MOST = 1_000_000
MOST_REFUSED = 10_000
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0
ANSWER_S = 30.0
FOR_GOOD = {413, 422}
"""What Gemba answers to a message that it will never take; after any other failure the messages wait."""


class Away(Exception):
    """Gemba did not take a batch for now; `after_s` is how long it asked to wait."""

    def __init__(self, why: str, after_s: float = 0.0) -> None:
        super().__init__(why)
        self.after_s = after_s


class Buffer:
    """Messages on disk, oldest first; each is there until it is known to be stored or refused."""

    def __init__(self, path: str, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._store = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30)
        self._store.execute("PRAGMA synchronous = FULL")
        self._store.execute(
            "CREATE TABLE IF NOT EXISTS queue (id INTEGER PRIMARY KEY AUTOINCREMENT, body TEXT)"
        )
        self._store.execute("CREATE TABLE IF NOT EXISTS refused (body TEXT, why TEXT, at TEXT)")
        self._size = self._count("queue")

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

    def first(self, count: int) -> "list[tuple[int, str]]":
        """The oldest messages with their ids."""
        with self._lock:
            return self._store.execute("SELECT id, body FROM queue ORDER BY id LIMIT ?", (count,)).fetchall()

    def done(self, ids: "list[int]", refused: "list[tuple[str, str]]") -> None:
        """Forget messages that are stored; keep what was refused with the reason, the newest of them."""
        now = datetime.now(UTC).isoformat(timespec="seconds")
        with self._lock:
            self._store.execute("BEGIN IMMEDIATE")
            self._store.executemany("DELETE FROM queue WHERE id = ?", [(one,) for one in ids])
            self._store.executemany("INSERT INTO refused VALUES (?, ?, ?)", [(*one, now) for one in refused])
            self._store.execute(
                "DELETE FROM refused WHERE rowid <= (SELECT max(rowid) FROM refused) - ?", (MOST_REFUSED,)
            )
            self._store.execute("COMMIT")
            self._size = self._count("queue")

    def close(self) -> None:
        """Let go of the file."""
        self._store.close()

    def _count(self, table: str) -> int:
        return int(self._store.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608


class Sender:
    """Takes batches from a buffer and hands them to Gemba, one at a time."""

    def __init__(self, buffer: Buffer, url: str, key: str) -> None:
        self._buffer = buffer
        self._address = url.rstrip("/") + "/api/v1/ingest/batch"
        self._headers = {"Content-Type": "application/json", "X-API-Key": key}
        self.refused = 0

    def step(self, count: int = BATCH) -> bool:
        """Send the oldest messages; False where there are none. Raises Away where they must wait."""
        found = self._buffer.first(count)
        if not found:
            return False
        body = '{"items": [' + ",".join(text for _, text in found) + "]}"
        status, answer = self._post(body.encode())
        if status in FOR_GOOD and len(found) > 1:
            return self.step(len(found) // 2)
        if status in FOR_GOOD:
            self._settle(found, [(status, answer[:500])])
            return True
        if status not in {200, 201, 204, 207}:
            raise Away(f"Gemba answered {status}: {answer[:200]}")
        try:
            told = json.loads(answer)["items"]
            outcomes = [(int(one["status"]), str(one["message"])) for one in told]
        except (ValueError, KeyError, TypeError) as error:
            raise Away(f"this is no answer of Gemba: {answer[:80]!r}") from error
        if len(outcomes) != len(found):
            raise Away(f"Gemba answered for {len(outcomes)} of {len(found)} messages")
        self._settle(found, outcomes)
        return True

    def _settle(self, found: "list[tuple[int, str]]", outcomes: "list[tuple[int, str]]") -> None:
        done, refused, why = [], [], ""
        for (number, text), (status, message) in zip(found, outcomes, strict=True):
            if status == 429 or status >= 500:
                why = message
                continue
            done.append(number)
            if status >= 400:
                refused.append((text, f"{status}: {message}"))
        self._buffer.done(done, refused)
        self.refused += len(refused)
        for text, reason in refused:
            said(f"refused, {reason}: {text[:200]}")
        if len(done) < len(found):
            raise Away(why or "Gemba could not store all of it")

    def _post(self, body: bytes) -> "tuple[int, str]":
        request = urllib.request.Request(self._address, body, self._headers)  # noqa: S310 - checked by `main`
        try:
            with urllib.request.urlopen(request, timeout=ANSWER_S) as answer:  # noqa: S310
                return answer.status, answer.read().decode("utf-8", "replace")
        except urllib.error.HTTPError as error:
            text = error.read().decode("utf-8", "replace")
            if error.code in FOR_GOOD:
                return error.code, text
            after = error.headers.get("Retry-After", "")
            raise Away(
                f"Gemba answered {error.code}: {text[:200]}", float(after) if after.isdigit() else 0
            ) from error
        except (OSError, ValueError) as error:
            raise Away(f"Gemba does not answer: {error}") from error


def send_all(sender: Sender, ended: threading.Event, give_up_s: "float | None") -> bool:
    """Send until the input has ended and nothing waits; False where that takes longer than somebody waits."""
    wait_s, since_s = FIRST_WAIT_S, None
    while True:
        is_last = ended.is_set()
        try:
            sent = sender.step()
            wait_s = FIRST_WAIT_S
            if not sent and is_last:
                return True
            pause_s = 0.0 if sent else 0.2
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

    def __init__(self, buffer: Buffer, source: TextIO) -> None:
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
                    self._keep(line)
        except (sqlite3.Error, OSError, UnicodeError) as error:
            self.failure = str(error)
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
    """A line of the input as it is sent, with an id; None where it is no message."""
    try:
        given = json.loads(line)
    except ValueError:
        return None
    if not (isinstance(given, dict) and isinstance(given.get("data"), dict)):
        return None
    return json.dumps({"event_id": uuid.uuid4().hex, **given})


def said(text: str) -> None:
    """Tell somebody who looks."""
    sys.stderr.write(f"{datetime.now().astimezone().isoformat(timespec='seconds')} {text}\n")
    sys.stderr.flush()


def main() -> int:
    """Read the call, then read and send until the input ends."""
    parser = argparse.ArgumentParser(description="Send messages to Gemba; keep them while it is away.")
    parser.add_argument("--url", required=True, help="where Gemba is, as https://gemba.example:8501")
    parser.add_argument("--buffer", required=True, help="the file that keeps what was not sent yet")
    parser.add_argument("--most", type=int, default=MOST, help="how many messages wait at most")
    parser.add_argument("--give-up-after", type=float, metavar="SECONDS", help="after the input has ended")
    given = parser.parse_args()
    key = os.environ.get("GEMBA_API_KEY", "")
    if not given.url.startswith(("http://", "https://")) or not key or given.most < 1:
        parser.error("give --url with http:// or https://, GEMBA_API_KEY in the environment, --most above 0")
    try:
        buffer = Buffer(given.buffer, given.most)
    except sqlite3.Error as error:
        parser.error(f"--buffer {given.buffer}: {error}")
    sender, reader = Sender(buffer, given.url, key), Reader(buffer, sys.stdin)
    reader.start()
    try:
        is_done = send_all(sender, reader.ended, given.give_up_after) and not reader.failure
    except sqlite3.Error as error:
        is_done, reader.failure = False, str(error)
    if not is_done:
        said(f"{reader.failure or 'not all was sent'}: {len(buffer)} messages wait in {given.buffer}")
        return 3
    return 1 if reader.wrong or sender.refused else 0


if __name__ == "__main__":
    sys.exit(main())
