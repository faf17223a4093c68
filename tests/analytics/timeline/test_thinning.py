"""Long timelines drawn with few pieces."""

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import InvalidInput
from analytics.timeline.drawing.thinning import thinned


def pieces(*rows: tuple[str, int, int, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["machine", "start_us", "end_us", "kind"])


def rows(found: pd.DataFrame) -> list[tuple[object, ...]]:
    return [tuple(row) for row in found.itertuples(index=False)]


def test_what_holds_most_of_a_stretch_counts_and_neighbours_join() -> None:
    line = pieces(("a", 0, 12, "run"), ("a", 12, 18, "down"), ("a", 18, 40, "run"), ("b", 5, 9, "down"))
    assert rows(thinned(line, 0, 40, 4)) == [
        ("a", 0, 10, "run"), ("a", 10, 20, "down"), ("a", 20, 40, "run"), ("b", 0, 10, "down"),
    ]  # fmt: skip


def test_with_enough_stretches_nothing_changes() -> None:
    line = pieces(("a", 0, 12, "run"), ("a", 12, 18, "down"), ("a", 25, 40, "run"))
    assert rows(thinned(line, 0, 40, 40)) == rows(line)


def test_a_range_without_length_is_refused() -> None:
    with pytest.raises(InvalidInput):
        thinned(pieces(("a", 0, 1, "run")), 5, 5)


@given(
    cuts=st.lists(st.integers(0, 200), min_size=2, max_size=30, unique=True),
    kinds=st.lists(st.sampled_from("xyz"), min_size=30, max_size=30),
    skip=st.sets(st.integers(0, 28)),
    stretches=st.integers(1, 50),
)
def test_each_stretch_shows_a_kind_that_holds_most_of_it(
    cuts: list[int], kinds: list[str], skip: set[int], stretches: int
) -> None:
    edges = sorted(cuts)
    line = pieces(*(
        ("m", edges[n], edges[n + 1], kinds[n]) for n in range(len(edges) - 1) if n not in skip
    ))  # fmt: skip
    found = thinned(line, 0, 200, stretches)
    second = {at: row.kind for row in line.itertuples() for at in range(row.start_us, row.end_us)}
    shown = {at: row.kind for row in found.itertuples() for at in range(row.start_us, row.end_us)}
    for n in range(stretches):
        low, high = n * 200 // stretches, (n + 1) * 200 // stretches
        held = [second.get(at) for at in range(low, high)]
        counts = {kind: held.count(kind) for kind in "xyz"}
        for at in range(low, high):
            if at in shown:
                assert counts[shown[at]] == max(counts.values())
            else:
                assert not any(counts.values())
