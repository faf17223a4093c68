"""`demo.json` in the state folder: the address, the factory and the log-ins of the demo plant."""

from pathlib import Path
from typing import Any

import orjson

NAME = "demo.json"


def write(home: Path, address: str, factory: str, accounts: list[dict[str, str]]) -> None:
    """Keep what scripts and the log-in page need to know, readable by this user only."""
    path = home / NAME
    document = {"address": address, "factory": factory, "accounts": accounts}
    path.write_bytes(orjson.dumps(document, option=orjson.OPT_INDENT_2))
    path.chmod(0o600)


def read(home: Path) -> dict[str, Any] | None:
    """The document, or None where no demo plant was made."""
    path = home / NAME
    if not path.exists():
        return None
    found: dict[str, Any] = orjson.loads(path.read_bytes())
    return found


def demo_accounts(home: Path) -> list[dict[str, str]]:
    """The demo log-ins; none outside the demo."""
    document = read(home)
    return list(document["accounts"]) if document else []
