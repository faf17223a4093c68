import doctest
import importlib

import pytest

MODULES = [
    "analytics.anomaly.measures",
    "analytics.failure.features",
    "analytics.failure.risk",
    "analytics.forecast.measures",
    "analytics.timeline.accounting",
    "analytics.timeline.shifts.calendar",
    "analytics.timeline.intervals",
    "analytics.timeline.segments",
    "analytics.twin.lathe.formulas",
    "analytics.twin.lathe.materials",
    "analytics.twin.lathe.wear",
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_are_true(name):
    result = doctest.testmod(importlib.import_module(name))
    assert result.attempted > 0
    assert result.failed == 0
