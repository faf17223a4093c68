"""Secrets at rest: encrypted with a key in the state folder, so that the database alone is worth nothing."""

import base64
import os
import secrets
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from analytics.errors import ConfigurationError

FOLDER: Final = "keys"
NAME: Final = "secrets.key"
VERSION: Final = "v1."
NONCE: Final = 12


class Vault:
    """Seals texts (AES-256-GCM). A text is bound to what it belongs to: moved elsewhere it does not open."""

    def __init__(self, home: Path) -> None:
        self._path = home / FOLDER / NAME

    def seal(self, text: str, belongs_to: str) -> str:
        """The text, encrypted; an empty one stays empty."""
        if not text:
            return ""
        nonce = secrets.token_bytes(NONCE)
        sealed = AESGCM(self._key()).encrypt(nonce, text.encode(), belongs_to.encode())
        return VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()

    def open(self, sealed: str, belongs_to: str) -> str:
        """The text again. ConfigurationError when the key is another one, or the text was tampered with."""
        if not sealed:
            return ""
        try:
            raw = base64.urlsafe_b64decode(sealed.removeprefix(VERSION))
            return AESGCM(self._key()).decrypt(raw[:NONCE], raw[NONCE:], belongs_to.encode()).decode()
        except (InvalidTag, ValueError) as error:
            raise ConfigurationError(
                f"A stored secret cannot be opened with {self._path}: give the secret again."
            ) from error

    def _key(self) -> bytes:
        try:
            return self._path.read_bytes()
        except FileNotFoundError:
            self._make()
        return self._path.read_bytes()

    def _make(self) -> None:
        """Make the key; another process that is faster wins."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = self._path.with_suffix(f".{secrets.token_hex(4)}")
        handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as stream:
            stream.write(AESGCM.generate_key(256))
            stream.flush()
            os.fsync(stream.fileno())
        try:
            os.link(beside, self._path)
        except FileExistsError:
            return
        finally:
            beside.unlink()
