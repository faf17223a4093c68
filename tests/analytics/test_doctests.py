import doctest
import importlib

import pytest

MODULES = [
    "analytics.timeline.accounting",
    "analytics.timeline.calendar",
    "analytics.timeline.intervals",
    "analytics.timeline.segments",
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
