import pytest

from analytics.errors import InvalidInput
from analytics.timeline import classify, from_transitions
from analytics.vocabulary import ReasonCategory, State, TimeClass

LIMIT = 100
CATEGORIES = {
    2: ReasonCategory.UNPLANNED,
    3: ReasonCategory.SETUP,
    5: ReasonCategory.PLANNED,
    8: ReasonCategory.EXTERNAL,
    9: ReasonCategory.NOT_SCHEDULED,
}


def class_of(state: State, reason: int, length: int) -> TimeClass:
    line = from_transitions([1], [0], [state], [reason], until_us=length)
    return TimeClass(int(classify(line, CATEGORIES, LIMIT)[0]))


@pytest.mark.parametrize(
    ("state", "reason", "length", "expected"),
    [
        (State.RUNNING, -1, 5, TimeClass.PRODUCING),
        (State.RUNNING, 5, 500, TimeClass.PRODUCING),
        (State.IDLE, -1, 99, TimeClass.MINOR_STOP),
        (State.IDLE, -1, 100, TimeClass.UNPLANNED_STOP),
        (State.DOWN, -1, 99, TimeClass.MINOR_STOP),
        (State.DOWN, -1, 100, TimeClass.UNPLANNED_STOP),
        (State.SETUP, -1, 5, TimeClass.SETUP),
        (State.PLANNED_STOP, -1, 5, TimeClass.PLANNED_STOP),
        (State.OFF, -1, 500, TimeClass.NOT_SCHEDULED),
        (State.UNKNOWN, -1, 500, TimeClass.UNKNOWN),
        (State.UNKNOWN, 5, 500, TimeClass.UNKNOWN),
        (State.DOWN, 2, 500, TimeClass.UNPLANNED_STOP),
        (State.DOWN, 3, 5, TimeClass.SETUP),
        (State.DOWN, 5, 5, TimeClass.PLANNED_STOP),
        (State.DOWN, 8, 5, TimeClass.MINOR_STOP),
        (State.IDLE, 8, 500, TimeClass.UNPLANNED_STOP),
        (State.DOWN, 9, 500, TimeClass.NOT_SCHEDULED),
        (State.SETUP, 2, 500, TimeClass.UNPLANNED_STOP),
        (State.PLANNED_STOP, 2, 5, TimeClass.MINOR_STOP),
        (State.OFF, 2, 500, TimeClass.UNPLANNED_STOP),
        (State.DOWN, 4, 500, TimeClass.UNPLANNED_STOP),
        (State.DOWN, 77, 500, TimeClass.UNPLANNED_STOP),
    ],
)
def test_state_reason_and_length_give_the_class(state, reason, length, expected):
    assert class_of(state, reason, length) is expected


def test_a_negative_limit_is_refused():
    line = from_transitions([1], [0], [1], until_us=5)
    with pytest.raises(InvalidInput, match="minor stop"):
        classify(line, {}, -1)


def test_no_segments_have_no_classes():
    assert classify(from_transitions([], [], [], until_us=5), CATEGORIES, LIMIT).tolist() == []
