"""Signed checkpoints in the C2SP formats tlog-checkpoint and signed-note, with Ed25519."""

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from analytics.errors import InvalidInput

ED25519 = b"\x01"
DASH = "\u2014"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log's name, its number of entries and the root over them."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_id(name: str, public: bytes) -> bytes:
    """The four bytes by which a signature line names its key."""
    return hashlib.sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def verifier_key(name: str, public: bytes) -> str:
    """The public key as text: name, id and key, joined by plus signs."""
    return f"{name}+{key_id(name, public).hex()}+{base64.b64encode(ED25519 + public).decode()}"


def sign(checkpoint: Checkpoint, name: str, key: Ed25519PrivateKey) -> str:
    """The checkpoint as a signed note."""
    text = checkpoint.text()
    public = key.public_key().public_bytes_raw()
    blob = key_id(name, public) + key.sign(text.encode())
    return f"{text}\n{DASH} {name} {base64.b64encode(blob).decode()}\n"


def opened(note: str, verifier: str) -> Checkpoint:
    """The checkpoint of a note, if this key has signed it; InvalidInput otherwise."""
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    name, identity, encoded = _parts(verifier)
    for line in signatures.splitlines():
        words = line.split(" ")
        if len(words) != 3 or words[0] != DASH or words[1] != name:
            continue
        blob = _decoded(words[2])
        if blob[:4] == identity and _is_signed(encoded, text.encode(), blob[4:]):
            return _read(text)
    raise InvalidInput.at("checkpoint", "The checkpoint is not signed by this key.")


def _parts(verifier: str) -> tuple[str, bytes, bytes]:
    name, _, rest = verifier.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    public = _decoded(encoded)
    if not name or public[:1] != ED25519 or len(public) != 33:
        raise InvalidInput.at("key", "This is not an Ed25519 verifier key (name+id+key).")
    if identity != key_id(name, public[1:]).hex():
        raise InvalidInput.at("key", "The key's id does not belong to the key.")
    return name, bytes.fromhex(identity), public[1:]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError as error:
        raise InvalidInput.at("checkpoint", "This is not Base64.") from error


def _is_signed(public: bytes, text: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def _read(text: str) -> Checkpoint:
    lines = text.split("\n")
    if len(lines) < 4 or not lines[1].isdecimal() or str(int(lines[1])) != lines[1]:
        raise InvalidInput.at("checkpoint", "A checkpoint has an origin, a size and a root, a line each.")
    root = _decoded(lines[2])
    if len(root) != 32 or not lines[0]:
        raise InvalidInput.at("checkpoint", "The checkpoint's root is not a SHA-256 hash.")
    return Checkpoint(lines[0], int(lines[1]), root)
