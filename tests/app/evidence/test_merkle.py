"""Roots and proofs against the definition, written out plainly, and against known vectors."""

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from app.audit.merkle import EMPTY, Frontier, Tree, is_consistent, is_included, leaf_hash, node_hash

LEAVES = [leaf_hash(str(i).encode()) for i in range(70)]
# The leaves and roots of the reference implementation of Certificate Transparency.
INPUTS = [
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain_root(leaves):
    """RFC 6962, section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(plain_root(leaves[:k]), plain_root(leaves[k:]))


def test_the_known_roots_come_out():
    leaves = [leaf_hash(bytes.fromhex(one)) for one in INPUTS]
    frontier = Frontier()
    for number, root in enumerate(ROOTS, start=1):
        frontier.append(leaves[number - 1])
        assert frontier.root().hex() == Tree(leaves).root(number).hex() == root


@given(st.integers(0, 70))
def test_every_way_to_the_root_agrees(size):
    frontier = Frontier()
    frontier.extend(LEAVES[:size])
    assert frontier.root() == Tree(LEAVES[:size]).root() == plain_root(LEAVES[:size])
    resumed = Frontier(frontier.size, frontier.hashes)
    resumed.extend(LEAVES[size:])
    assert resumed.root() == plain_root(LEAVES)


def test_nothing_has_the_hash_of_nothing():
    assert Frontier().root() == Tree([]).root() == EMPTY


@given(st.data())
def test_a_leaf_is_proven_where_it_is_and_nowhere_else(data):
    size = data.draw(st.integers(1, 70))
    index = data.draw(st.integers(0, size - 1))
    tree = Tree(LEAVES)
    path, root = tree.inclusion(index, size), tree.root(size)
    assert is_included(LEAVES[index], index, size, path, root)
    other = data.draw(st.integers(0, 69).filter(lambda i: i != index))
    assert not is_included(LEAVES[other], index, size, path, root)
    assert not is_included(LEAVES[index], other, size, path, root)
    assert not is_included(LEAVES[index], index, size, [*path, root], root)
    assert not path or not is_included(LEAVES[index], index, size, path[:-1], root)


@given(st.data())
def test_a_larger_tree_is_proven_to_begin_with_the_smaller_one_only_if_it_does(data):
    second = data.draw(st.integers(1, 70))
    first = data.draw(st.integers(1, second))
    tree = Tree(LEAVES)
    proof = tree.consistency(first, second)
    assert is_consistent(first, second, tree.root(first), tree.root(second), proof)
    changed = data.draw(st.integers(0, first - 1))
    forked = Tree([*LEAVES[:changed], leaf_hash(b"other"), *LEAVES[changed + 1 :]])
    assert not is_consistent(
        first, second, tree.root(first), forked.root(second), forked.consistency(first, second)
    )
    if first < second:
        assert not is_consistent(first, second, tree.root(second), tree.root(first), proof)


def test_a_proof_of_one_entry_in_a_million_is_short():
    leaves = [leaf_hash(str(i).encode()) for i in range(1 << 14)]
    assert len(Tree(leaves).inclusion(12_345, 1 << 14)) == 14
    assert 20 * 44 < 1_000
