"""Who reads the broker now, and how fast."""

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.ingest.broker.status import Told, readers
from app.ui.formats import age, count, number
from app.ui.live import live
from app.ui.tables import data_table, fitting
from app.ui.tiles import kpi_tile, tile_grid
from data.models import to_us

REFRESH_S = 2.0


@live(REFRESH_S)
def connection_tiles(access: Access) -> None:
    """The answer first: is the broker read, and how much comes."""
    told = readers(access)
    running = [one for one in told if not one.is_silent(access.now)]
    _verdict(running)
    if not told:
        return
    with tile_grid(key="ingest-tiles"):
        kpi_tile(
            "Messages",
            sum(one.messages_per_s for one in running),
            key="messages",
            unit="/s",
            better="neither",
        )
        kpi_tile(
            "Points", sum(one.points_per_s for one in running), key="points", unit="/s", better="neither"
        )
        waiting = float(sum(one.backlog for one in running))
        kpi_tile("Waiting to be stored", waiting, key="backlog", unit="", decimals=0, better="neither")
    _table(access, told)


def _verdict(running: list[Told]) -> None:
    problems = [f"{one.client_id}: {one.problem}" for one in running if one.problem]
    if problems:
        st.error(
            f"{'; '.join(problems)}. The broker keeps what comes, and all is read when the cause is gone.",
            icon=":material/cloud_off:",
        )
    elif running:
        st.success("The broker is read.", icon=":material/check_circle:")
    else:
        st.info(
            "No process reads a broker now. Name one with GEMBA_MQTT_URL; machines may also send over HTTP.",
            icon=":material/info:",
        )


def _table(access: Access, told: list[Told]) -> None:
    now_us = to_us(access.now)
    frame = pd.DataFrame(
        {
            "Reader": [one.client_id for one in told],
            "Broker": [one.broker for one in told],
            "State": [_state(access, one) for one in told],
            "Messages/s": [number(one.messages_per_s, 1) for one in told],
            "Messages since start": [count(one.messages) for one in told],
            "Refused since start": [count(one.refused) for one in told],
            "Last heard": [age(to_us(one.told_at), now_us) for one in told],
        }
    )
    data_table(frame, key="ingest-readers", label="Processes that read a broker", height=fitting(len(told)))


def _state(access: Access, one: Told) -> str:
    if one.is_silent(access.now):
        return "does not run"
    return one.problem or "connected"
