"""Why a message was not taken: a short code to count by, and a sentence for people."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from analytics.errors import GembaError


class Why(StrEnum):
    """The reason codes of refusals, as they are counted and shown."""

    FOREIGN_TOPIC = "foreign_topic"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    INVALID_JSON = "invalid_json"
    INVALID_LINE = "invalid_line"
    WRONG_SHAPE = "wrong_shape"
    DUPLICATE_KEY = "duplicate_key"
    NOT_FINITE = "not_finite"
    OUT_OF_RANGE = "out_of_range"
    BAD_TIME = "bad_time"
    PAST_TIME = "past_time"
    FUTURE_TIME = "future_time"
    BAD_PARAMETER = "bad_parameter"
    TOO_MANY_PARAMETERS = "too_many_parameters"
    TOO_MANY_NEW_PARAMETERS = "too_many_new_parameters"
    UNKNOWN_FACTORY = "unknown_factory"
    UNKNOWN_MACHINE = "unknown_machine"
    INACTIVE_MACHINE = "inactive_machine"
    QUARANTINE_FULL = "quarantine_full"
    UNKNOWN_STATE = "unknown_state"
    UNKNOWN_REASON = "unknown_reason"
    UNKNOWN_PRODUCT = "unknown_product"
    BAD_INTERVAL = "bad_interval"
    BAD_AMOUNT = "bad_amount"
    OTHER_MACHINE = "other_machine"
    BROKEN = "broken"


WHY_LABELS: Final[dict[Why, str]] = {
    Why.FOREIGN_TOPIC: "Topic of no known form",
    Why.TOO_LARGE: "Larger than the limit",
    Why.TOO_DEEP: "Nested deeper than the limit",
    Why.INVALID_JSON: "Not valid JSON",
    Why.INVALID_LINE: "Not valid line protocol",
    Why.WRONG_SHAPE: "Fields missing or of the wrong type",
    Why.DUPLICATE_KEY: "The same key twice",
    Why.NOT_FINITE: "NaN or infinity",
    Why.OUT_OF_RANGE: "Number beyond 64 bits, or text too long",
    Why.BAD_TIME: "Time that cannot be read, or without an offset",
    Why.PAST_TIME: "Time before the year 2000",
    Why.FUTURE_TIME: "Time in the future",
    Why.BAD_PARAMETER: "Parameter's key not usable",
    Why.TOO_MANY_PARAMETERS: "More parameters than the limit",
    Why.TOO_MANY_NEW_PARAMETERS: "More new parameters a day than the limit",
    Why.UNKNOWN_FACTORY: "Unknown factory",
    Why.UNKNOWN_MACHINE: "Unknown machine",
    Why.INACTIVE_MACHINE: "Machine out of use",
    Why.QUARANTINE_FULL: "Unknown machine, and the quarantine is full",
    Why.UNKNOWN_STATE: "Unknown state",
    Why.UNKNOWN_REASON: "Unknown reason code",
    Why.UNKNOWN_PRODUCT: "Unknown product",
    Why.BAD_INTERVAL: "End before start, or too long",
    Why.BAD_AMOUNT: "Amounts that cannot be",
    Why.OTHER_MACHINE: "Key of another machine",
    Why.BROKEN: "Could not be stored; the log has the details",
}


class RefusedMessage(GembaError):
    """A message that is not taken, and never will be however often it comes."""

    code = "refused_message"

    def __init__(self, why: Why, sentence: str) -> None:
        self.why = why
        super().__init__(sentence)


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a message may be: bytes, nesting, parameters."""

    message_bytes: int = 262_144
    depth: int = 4
    parameters: int = 500
