"""Checks an exported audit log by itself: python verify_audit.py BUNDLE.zip KEY

Needs Python 3.11 and nothing else; not Gemba, not its database. BUNDLE.zip is what `python -m app audit
export` wrote. KEY is the public key (name+id+key), as text or as a file, from a source other than the
bundle. The exit code is 0 when the log is whole and signed, 1 when it is not, 2 when it cannot be read.

Formats: leaf and node hashes of RFC 6962, checkpoints of C2SP tlog-checkpoint, signatures of RFC 8032
(Ed25519), whose arithmetic is written out below.
"""

import base64
import hashlib
import json
import sys
import zipfile
from pathlib import Path

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, PRIME - 2, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
Point = tuple[int, int, int, int]


class NotSound(Exception):
    """The log is not what was signed; the message names the first bad entry."""


# Ed25519 (RFC 8032, section 5.1), points in extended coordinates.


def added(p: Point, q: Point) -> Point:
    """The sum of two points."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % PRIME
    b = (p[1] + p[0]) * (q[1] + q[0]) % PRIME
    c = 2 * p[3] * q[3] * D % PRIME
    d = 2 * p[2] * q[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def multiplied(scalar: int, point: Point) -> Point:
    """A point, so many times."""
    found: Point = (0, 1, 1, 0)
    while scalar > 0:
        if scalar & 1:
            found = added(found, point)
        point = added(point, point)
        scalar >>= 1
    return found


def recovered_x(y: int, sign: int) -> int | None:
    """The x of a point from its y and the sign of x; None when there is none."""
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, PRIME - 2, PRIME) % PRIME
    if square == 0:
        return None if sign else 0
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME != 0:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME != 0:
        return None
    return PRIME - x if x & 1 != sign else x


def unpacked(raw: bytes) -> Point | None:
    """A point from its 32 bytes."""
    number = int.from_bytes(raw, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    x = recovered_x(y, sign)
    return None if x is None else (x, y, 1, x * y % PRIME)


BASE_Y = 4 * pow(5, PRIME - 2, PRIME) % PRIME
BASE_X = recovered_x(BASE_Y, 0) or 0
BASE: Point = (BASE_X, BASE_Y, 1, BASE_X * BASE_Y % PRIME)


def is_signed(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the owner of the key has signed the message."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, commitment = unpacked(public), unpacked(signature[:32])
    answer = int.from_bytes(signature[32:], "little")
    if key is None or commitment is None or answer >= ORDER:
        return False
    digest = hashlib.sha512(signature[:32] + public + message).digest()
    challenge = int.from_bytes(digest, "little") % ORDER
    left, right = multiplied(answer, BASE), added(commitment, multiplied(challenge, key))
    return (
        (left[0] * right[2] - right[0] * left[2]) % PRIME
        == 0
        == (left[1] * right[2] - right[1] * left[2]) % PRIME
    )


# The tree (RFC 6962, section 2.1), of which only the complete subtrees are kept.


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + body).digest()


def append(frontier: list[bytes], size: int, leaf: bytes) -> None:
    """Add leaf number `size`."""
    while size & 1:
        leaf = hashlib.sha256(b"\x01" + frontier.pop() + leaf).digest()
        size >>= 1
    frontier.append(leaf)


def root_of(frontier: list[bytes]) -> bytes:
    """The root over all leaves so far."""
    if not frontier:
        return hashlib.sha256(b"").digest()
    found = frontier[-1]
    for left in reversed(frontier[:-1]):
        found = hashlib.sha256(b"\x01" + left + found).digest()
    return found


# The bundle.


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and key of a verifier key."""
    name, _, rest = text.strip().partition("+")
    identity, _, encoded = rest.partition("+")
    raw = base64.b64decode(encoded, validate=True)
    known = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if raw[:1] != b"\x01" or len(raw) != 33 or known.hex() != identity:
        raise ValueError("the key is not an Ed25519 verifier key of the form name+id+key")
    return name, known, raw[1:]


def read_checkpoint(note: str, key: tuple[str, bytes, bytes]) -> tuple[str, int, bytes]:
    """Origin, size and root of a checkpoint that the key has signed."""
    text, _, signatures = note.partition("\n\n")
    lines = text.split("\n")
    for line in signatures.splitlines():
        words = line.split(" ")
        if len(words) == 3 and words[0] == "\u2014" and words[1] == key[0]:
            blob = base64.b64decode(words[2], validate=True)
            if blob[:4] == key[1] and is_signed(key[2], (text + "\n").encode(), blob[4:]):
                return lines[0], int(lines[1]), base64.b64decode(lines[2], validate=True)
    raise NotSound(f"a checkpoint of {lines[0]!r} is not signed by this key")


def checkpoints_of(bundle: zipfile.ZipFile, key: tuple[str, bytes, bytes]) -> dict[int, bytes]:
    """The signed root at each size; two roots for one size, or two logs in one bundle, are a fork."""
    found: dict[int, bytes] = {}
    origins = set()
    for note in json.loads(bundle.read("checkpoints.json")):
        origin, size, root = read_checkpoint(note, key)
        origins.add(origin)
        if found.setdefault(size, root) != root:
            raise NotSound(f"two different logs of {size} entries were signed")
    if len(origins) > 1:
        raise NotSound(f"the checkpoints are of several logs: {', '.join(sorted(origins))}")
    if not found:
        raise NotSound("the bundle has no checkpoint: nothing is proven")
    return found


def check(path: Path, key_text: str) -> str:
    """Read the bundle; returns one line for people. Raises NotSound."""
    key = read_key(key_text)
    with zipfile.ZipFile(path) as bundle:
        due = checkpoints_of(bundle, key)
        signed = max(due)
        frontier: list[bytes] = []
        size, matched = 0, 0
        with bundle.open("entries.jsonl") as lines:
            for line in lines:
                body = line.rstrip(b"\n")
                if json.loads(body)["position"] != size:
                    raise NotSound(f"entry {size} is missing or out of place")
                append(frontier, size, leaf_hash(body))
                size += 1
                if size in due:
                    if root_of(frontier) != due[size]:
                        raise NotSound(f"entries {matched} to {size - 1} hold one that was not signed so")
                    matched = size
    if size < signed:
        raise NotSound(f"entry {size} and those after it are missing: {signed} were signed")
    tail = f", {size - signed} later ones are not signed yet" if size > signed else ""
    return f"sound: {signed} entries are signed in {len(due)} checkpoints{tail}"


def main(arguments: list[str]) -> int:
    """Check what the command line names."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    path, key = Path(arguments[0]), arguments[1]
    try:
        print(check(path, Path(key).read_text("utf-8") if Path(key).is_file() else key))
    except NotSound as error:
        print(f"NOT SOUND: {error}")
        return 1
    except (OSError, ValueError, KeyError, TypeError, IndexError, zipfile.BadZipFile) as error:
        print(f"cannot be read: {type(error).__name__}: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
