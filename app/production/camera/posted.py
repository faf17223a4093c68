"""Camera events that somebody with a key or a log-in sends: known workers and workstations only."""

from collections.abc import Sequence
from dataclasses import replace

from app.auth.permissions import Permission
from app.bootstrap import Access
from app.production.camera.intake import Kept, event_key, keep
from data.contracts.messages import ActivityMessage
from data.models import to_us

__all__ = ["event_key", "post_activities"]

AHEAD_US = 60_000_000


def post_activities(access: Access, messages: Sequence[ActivityMessage]) -> Kept:
    """Keep events; see `keep`. What lies in the future is refused; a machine's key sends for its own station.

    Raises Forbidden; StoreUnavailable, then nothing is stored.
    """
    access.require(Permission.SEND_DATA)
    latest_us = to_us(access.now) + AHEAD_US
    own = access.principal.machine_key
    refused, good = [], []
    for place, one in enumerate(messages):
        if one.time_us > latest_us:
            refused.append((place, "The time lies in the future: check the sender's clock."))
        elif own is not None and one.machine != own:
            refused.append((place, f"This key speaks for the machine '{own}' only."))
        else:
            good.append(place)
    if not good:
        return Kept(refused=tuple(refused))
    with access.write() as session:
        kept = keep(session, [messages[place] for place in good], to_us(access.now), discover=False)
    moved = [(good[place], said) for place, said in kept.refused]
    return replace(kept, refused=tuple(sorted([*refused, *moved])))
