"""The tree of an append-only log, as RFC 6962 section 2.1 defines it: roots and proofs over leaf hashes."""

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf_hash(body: bytes) -> bytes:
    """The hash of an entry: SHA-256 over a zero byte and the entry."""
    return hashlib.sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node: SHA-256 over a one byte and both children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """A growing tree of which only the roots of its complete subtrees are kept, the largest first.

    `hashes` has one entry per bit that is set in `size`: 20 at a million leaves.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """Go on from an earlier frontier; ValueError when the hashes cannot belong to the size."""
        if len(hashes) != size.bit_count():
            raise ValueError(f"a tree of {size} leaves has {size.bit_count()} complete subtrees")
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes) -> None:
        """Add the next leaf."""
        size, carried = self.size, leaf
        while size & 1:
            carried = node_hash(self.hashes.pop(), carried)
            size >>= 1
        self.hashes.append(carried)
        self.size += 1

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add the next leaves in order."""
        for leaf in leaves:
            self.append(leaf)

    def root(self) -> bytes:
        """The root of the tree so far; the hash of nothing for no leaf."""
        if not self.hashes:
            return EMPTY
        found = self.hashes[-1]
        for left in reversed(self.hashes[:-1]):
            found = node_hash(left, found)
        return found


class Tree:
    """A whole tree with all its complete subtrees, for proofs: 2 n hashes of memory and work."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Hash all levels."""
        self.size = len(leaves)
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            pairs = zip(below[::2], below[1::2], strict=False)
            self._levels.append([node_hash(left, right) for left, right in pairs])

    def root(self, size: int | None = None) -> bytes:
        """The root of the first `size` leaves, by default of all."""
        return self._range(0, self.size if size is None else size)

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """The audit path of leaf `index` in the tree of the first `size` leaves (RFC 6962, 2.1.1)."""
        if not 0 <= index < size <= self.size:
            raise ValueError("no such leaf in a tree of this size")
        return self._path(index, 0, size)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """The proof that the first `first` leaves begin the first `second` ones (RFC 6962, 2.1.2)."""
        if not 0 < first <= second <= self.size:
            raise ValueError("a consistency proof needs a smaller and a larger tree")
        return self._difference(first, 0, second, is_whole=True)

    def _range(self, low: int, high: int) -> bytes:
        width = high - low
        if width == 0:
            return EMPTY
        if width & (width - 1) == 0 and low % width == 0:
            return self._levels[width.bit_length() - 1][low // width]
        middle = low + _split(width)
        return node_hash(self._range(low, middle), self._range(middle, high))

    def _path(self, index: int, low: int, high: int) -> list[bytes]:
        if high - low == 1:
            return []
        middle = low + _split(high - low)
        if index < middle:
            return [*self._path(index, low, middle), self._range(middle, high)]
        return [*self._path(index, middle, high), self._range(low, middle)]

    def _difference(self, first: int, low: int, high: int, *, is_whole: bool) -> list[bytes]:
        if first == high:
            return [] if is_whole else [self._range(low, high)]
        middle = low + _split(high - low)
        if first <= middle:
            return [*self._difference(first, low, middle, is_whole=is_whole), self._range(middle, high)]
        return [*self._difference(first, middle, high, is_whole=False), self._range(low, middle)]


def _split(width: int) -> int:
    """The largest power of two below `width`."""
    return 1 << ((width - 1).bit_length() - 1)


def is_included(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf stands at `index` under that root (RFC 9162, 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    place, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node_hash(step, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, step)
        place, last = place >> 1, last >> 1
    return last == 0 and found == root


def is_consistent(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """Whether the proof shows that the larger tree begins with the smaller one (RFC 9162, 2.1.4.2)."""
    if first == second:
        return not proof and first_root == second_root
    if not 0 < first < second or not proof:
        return False
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    place, last = first - 1, second - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, step)
        place, last = place >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
