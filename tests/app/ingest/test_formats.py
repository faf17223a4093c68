"""Topics and payloads: what is right becomes a message, everything else a refusal with its reason."""

import json
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.ingest.formats.refused import WHY_LABELS, Limits, RefusedMessage, Why
from app.ingest.formats.topics import GembaTopics, Kind, Place
from data.contracts.messages import CountMessage, ReadingMessage, StateMessage

TOPICS = GembaTopics()
LIMITS = Limits(message_bytes=2_000, depth=3, parameters=5)
AT = 1_772_622_000_000_000


def metrics(given: object) -> dict:
    return {"timestamp": 1772622000, "metrics": given}


def read(kind: str, payload: object) -> object:
    body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return TOPICS.message(Place("north", "m1", Kind(kind)), body, LIMITS)


def why(kind: str, payload: object) -> str:
    with pytest.raises(RefusedMessage) as caught:
        read(kind, payload)
    assert str(caught.value)
    return caught.value.why


@pytest.mark.parametrize(
    "given", ["2026-03-04T12:00:00+01:00", "2026-03-04T11:00:00Z", 1772622000, 1772622000000, 1772622000.0]
)
def test_a_time_is_a_text_with_an_offset_or_seconds_or_milliseconds(given):
    assert read("telemetry", {"timestamp": given, "metrics": {"a": 1}}).time_us == AT


def test_values_keep_their_types_and_nested_metrics_get_dots():
    body = {"timestamp": 1772622000, "metrics": {"a": 1, "b": 1.0, "c": True, "d": "x", "e": 2**62}}
    assert read("telemetry", body) == ReadingMessage("m1", AT, body["metrics"])
    assert [type(one) for one in read("telemetry", body).values.values()] == [int, float, bool, str, int]
    nested = {"timestamp": 1772622000, "metrics": {"motor": {"rpm": 900, "on": True}, "t": 20.5}}
    assert read("telemetry", nested).values == {"motor.rpm": 900, "motor.on": True, "t": 20.5}


def test_a_state_is_a_word_or_a_number_and_a_count_begins_at_start_or_timestamp():
    for word in (4, "planned_stop", "Planned stop", "PLANNED-STOP"):
        assert read("state", {"timestamp": 1772622000, "state": word}) == StateMessage("m1", AT, 4)
    for name in ("start", "timestamp"):
        body = {name: 1772622000, "end": 1772622060, "good": 5, "scrap": 1, "product": "p1"}
        assert read("count", body) == CountMessage("m1", AT, AT + 60_000_000, 5, 1, product="p1")


@pytest.mark.parametrize(
    ("kind", "payload", "reason"),
    [
        ("telemetry", b"", "invalid_json"),
        ("telemetry", b"{", "invalid_json"),
        ("telemetry", b"\xff\xfe", "invalid_json"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a": "\xff"}}', "invalid_json"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a": NaN}}', "not_finite"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a": -Infinity}}', "not_finite"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a": 1e999}}', "not_finite"),
        ("telemetry", metrics({"a": 2**63}), "out_of_range"),
        ("telemetry", metrics({"a": None}), "wrong_shape"),
        ("telemetry", metrics({"a": [1]}), "wrong_shape"),
        ("telemetry", metrics({}), "wrong_shape"),
        ("telemetry", {"metrics": {"a": 1}}, "wrong_shape"),
        ("telemetry", [1], "wrong_shape"),
        ("telemetry", {"timestamp": True, "metrics": {"a": 1}}, "wrong_shape"),
        ("telemetry", {"timestamp": "soon", "metrics": {"a": 1}}, "bad_time"),
        ("telemetry", {"timestamp": "2026-03-04T11:00:00", "metrics": {"a": 1}}, "bad_time"),
        ("telemetry", {"timestamp": 1e18, "metrics": {"a": 1}}, "bad_time"),
        ("telemetry", {"timestamp": 0, "metrics": {"a": 1}}, "past_time"),
        ("telemetry", {"timestamp": -5, "metrics": {"a": 1}}, "past_time"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a": 1, "a": 2}}', "duplicate_key"),
        ("telemetry", b'{"timestamp": 1, "timestamp": 1772622000, "metrics": {"a": 1}}', "duplicate_key"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"a:b": "x", "a\\u003ab": 2}}', "duplicate_key"),
        ("telemetry", b'{"timestamp": 1772622000, "metrics": {"m": {"a": 1}, "m.a": 2}}', "duplicate_key"),
        ("telemetry", metrics({"": 1}), "bad_parameter"),
        ("telemetry", metrics({"\x00": 1}), "bad_parameter"),
        ("telemetry", metrics({"k" * 101: 1}), "bad_parameter"),
        ("telemetry", metrics({str(n): n for n in range(6)}), "too_many_parameters"),
        ("telemetry", metrics({"a": {"b": {"c": 1}}}), "too_deep"),
        ("telemetry", b"[" * 1_900, "too_deep"),
        ("telemetry", metrics({"a": "x" * 2_000}), "too_large"),
        ("state", {"timestamp": 1772622000, "state": 7}, "unknown_state"),
        ("state", {"timestamp": 1772622000, "state": "gone"}, "unknown_state"),
        ("state", {"timestamp": 1772622000}, "wrong_shape"),
        ("state", b'{"timestamp": 1772622000, "state": 1, "state": 2}', "duplicate_key"),
        ("count", {"end": 1772622000, "good": 1}, "wrong_shape"),
        ("count", {"start": 1772622000, "end": 1772622060, "good": "many"}, "wrong_shape"),
        ("activity", {"timestamp": 1772622000, "event_type": "dancing"}, "wrong_shape"),
        ("activity", {"timestamp": 1772622000, "event_type": "idle", "confidence": 2}, "bad_amount"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_refused_with_its_reason(kind, payload, reason):
    assert why(kind, payload) == reason


@pytest.mark.parametrize(
    "topic",
    ["", "factories", "factories/north", "factories/north/devices/m1", "factories/north/devices/m1/heat",
     "factories//devices/m1/telemetry", "factories/north/devices//telemetry", "plants/north/devices/m1/state",
     "factories/north/devices/m1/telemetry/x", f"factories/north/devices/{'k' * 101}/state",
     "factories/north/devices/\x01/state"],
)  # fmt: skip
def test_any_other_topic_is_foreign(topic):
    with pytest.raises(RefusedMessage) as caught:
        TOPICS.place(topic)
    assert caught.value.why is Why.FOREIGN_TOPIC


def test_every_reason_has_a_label():
    assert set(WHY_LABELS) == set(Why)


@given(st.binary(max_size=300), st.sampled_from(list(Kind)))
@example(b'{"timestamp":1772622000,"metrics":{"a":' + b"9" * 5_000 + b"}}", Kind.TELEMETRY)
def test_no_bytes_break_the_reader(payload, kind):
    with suppress(RefusedMessage):
        TOPICS.message(Place("north", "m1", kind), payload, Limits())


scalars = st.one_of(
    st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=40),
)  # fmt: skip
keys = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(str.isprintable)


@given(st.dictionaries(keys, scalars, min_size=1, max_size=5), st.booleans())
def test_whatever_fits_comes_through_as_it_was_sent(metrics, ascii_only):
    body = json.dumps({"timestamp": "2026-03-04T11:00:00Z", "metrics": metrics}, ensure_ascii=ascii_only)
    found = TOPICS.message(Place("north", "m1", Kind.TELEMETRY), body.encode(), Limits())
    assert found.values == metrics
    assert [type(one) for one in found.values.values()] == [type(one) for one in metrics.values()]


@given(st.lists(st.tuples(keys, scalars), min_size=2, max_size=6), st.booleans())
def test_a_key_that_comes_twice_is_always_found(pairs, ascii_only):
    pairs = [*pairs, pairs[0]]
    inner = ", ".join(f"{json.dumps(k, ensure_ascii=ascii_only)}: {json.dumps(v)}" for k, v in pairs)
    body = f'{{"timestamp": 1772622000, "metrics": {{{inner}}}}}'.encode()
    with pytest.raises(RefusedMessage) as caught:
        TOPICS.message(Place("north", "m1", Kind.TELEMETRY), body, Limits())
    assert caught.value.why is Why.DUPLICATE_KEY
