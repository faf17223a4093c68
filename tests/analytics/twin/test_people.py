"""What cameras see of the simulated plant is the same alone as within a longer range, and makes sense."""

import numpy as np

from analytics.twin.plant import activities, plant_day, staff, steel_works
from analytics.vocabulary import Activity

MODEL = steel_works(7, 739_000)
DAY = plant_day(MODEL, 738_992)


def seen(machine, start_us, end_us):
    return list(activities(MODEL, machine, start_us, end_us))


def test_a_part_of_a_day_is_the_same_alone():
    machine = next(one for one in MODEL.machines if not one.is_manual)
    whole = seen(machine, DAY.start_us, DAY.end_us)
    middle = (DAY.start_us + DAY.end_us) // 2
    assert whole
    assert seen(machine, DAY.start_us, middle) + seen(machine, middle, DAY.end_us) == whole


def test_each_machine_with_a_controller_is_watched_and_its_workers_are_listed():
    names = staff(MODEL)
    for machine in MODEL.machines:
        events = seen(machine, DAY.start_us, DAY.end_us)
        assert bool(events) != machine.is_manual
        assert {one.worker for one in events} <= set(names)
        assert all(0 <= one.confidence <= 1 for one in events)
        assert all((one.count is not None) == (one.kind is Activity.PRODUCT_COUNT) for one in events)


def test_the_new_version_is_less_sure():
    machine = next(one for one in MODEL.machines if not one.is_manual)
    late = plant_day(MODEL, MODEL.anchor)
    before, after = (
        np.mean([one.confidence for one in seen(machine, day.start_us, day.end_us)]) for day in (DAY, late)
    )
    assert after < before - 0.04
