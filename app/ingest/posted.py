"""What somebody with a key or a log-in sends: the same intake as everywhere, behind a permission."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.ingest.checks import Refusal
from app.ingest.formats.refused import Why
from app.ingest.intake import Receipt, ingest_counts, ingest_states, ingest_telemetry
from data.contracts.messages import CountMessage, StateMessage, TelemetryMessage


class _OfMachine(Protocol):
    @property
    def machine(self) -> str: ...


M = TypeVar("M", bound=_OfMachine)


def post_states(access: Access, messages: Sequence[StateMessage]) -> Receipt:
    """Keep state events; see `ingest_states`. A machine's key sends for its own machine only."""
    own, places, refused = _own(access, messages)
    return _joined(ingest_states(access.gemba, access.factory, own), places, refused)


def post_counts(access: Access, messages: Sequence[CountMessage]) -> Receipt:
    """Keep production counts; see `ingest_counts`."""
    own, places, refused = _own(access, messages)
    return _joined(ingest_counts(access.gemba, access.factory, own), places, refused)


def post_telemetry(access: Access, messages: Sequence[TelemetryMessage]) -> Receipt:
    """Keep measured values; see `ingest_telemetry`."""
    own, places, refused = _own(access, messages)
    return _joined(ingest_telemetry(access.gemba, access.factory, own), places, refused)


def _own(access: Access, messages: Sequence[M]) -> tuple[list[M], list[int], list[Refusal]]:
    """The messages that the caller may send, their places among all, and a refusal for each other one."""
    access.require(Permission.SEND_DATA)
    machine = access.principal.machine_key
    own, places, refused = [], [], []
    for place, message in enumerate(messages):
        if machine is None or message.machine == machine:
            own.append(message)
            places.append(place)
        else:
            refused.append(
                Refusal(place, f"This key speaks for the machine '{machine}' only.", Why.OTHER_MACHINE)
            )
    return own, places, refused


def _joined(receipt: Receipt, places: list[int], refused: list[Refusal]) -> Receipt:
    moved = [replace(one, position=places[one.position]) for one in receipt.refused]
    return replace(receipt, refused=tuple(sorted([*moved, *refused], key=lambda one: one.position)))
