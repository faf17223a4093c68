"""Calls for help from a machine: an alert like any other, raised by a person."""

from typing import Final

from analytics.errors import Conflict, InvalidInput
from app.alerts.unruled import Source, open_alert, raise_alert
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.plant import plant

CALL: Final = Source("Call for help", "Raised by people at machines.", "high")


def call_for_help(access: Access, machine_key: str, words: str = "") -> int:
    """Raise an alert on a machine and tell everybody who gets alerts; the id of the alert.

    InvalidInput for an unknown machine or more than 500 characters; Conflict while a call is open there.
    """
    access.require(Permission.ENTER_PRODUCTION)
    machine = plant(access).machine_by_key.get(machine_key)
    if machine is None or not machine.is_active:
        raise InvalidInput.at("machine", f"There is no machine '{machine_key[:60]}' in use in this factory.")
    said = words.strip()
    if len(said) > 500:
        raise InvalidInput.at("note", "Say it in at most 500 characters.")
    with access.write() as session:
        if open_alert(session, CALL, machine.id) is not None:
            raise Conflict(f"Help was called to {machine.name} already and has not been resolved.")
        message = f"Help is needed at {machine.name}" + (f": {said}" if said else ".")
        number = raise_alert(
            session, access.now, CALL, message, actor=access.principal.email, machine=machine
        )
        access.audit(session, "help.call", ("alert", number), after={"machine": machine_key, "said": said})
        return number


def open_call(access: Access, machine_key: str) -> int | None:
    """The id of the call that is open on a machine, or None."""
    access.require(Permission.SEE_PLANT)
    machine = plant(access).machine_by_key.get(machine_key)
    if machine is None:
        return None
    with access.read() as session:
        found = open_alert(session, CALL, machine.id)
        return None if found is None else found.id
