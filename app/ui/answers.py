"""Answers that many sessions ask for at once, kept per factory until its data changes.

Callers hold an `Access`, so the permission was checked before; an argument with a leading underscore is
not part of the key. The stamp moves with every change of the factory's production data or configuration.
"""

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.production import figures
from app.production.figures import Question
from app.production.overview import Overview, overview
from app.ui.scene import Scene

KEEP_S = 120
MOST = 512

Asked = tuple[int, int, tuple[str, ...], tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def asked_of(question: Question) -> Asked:
    """The question as part of a cache's key."""
    return (
        question.start_us,
        question.end_us,
        question.lines,
        question.machines,
        question.shifts,
        question.products,
    )


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _figures(factory: int, asked: Asked, by: tuple[str, ...], stamp: int, _access: Access) -> pd.DataFrame:
    return figures.broken_down(_access, Question(*asked), by)


@st.cache_resource(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _totals(factory: int, asked: Asked, stamp: int, _access: Access) -> pd.Series:
    """One row that all sessions read and nobody changes."""
    return figures.totals(_access, Question(*asked)).astype(object).iloc[0]


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _flow(factory: int, asked: Asked, by: tuple[str, ...], stamp: int, _access: Access) -> pd.DataFrame:
    return figures.loss_flow(_access, Question(*asked), by)


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _stops(factory: int, asked: Asked, by: tuple[str, ...], stamp: int, _access: Access) -> pd.DataFrame:
    return figures.stops_by_reason(_access, Question(*asked), by)


@st.cache_data(ttl=KEEP_S, max_entries=64, show_spinner=False)
def _pieces(factory: int, asked: Asked, stamp: int, _access: Access) -> pd.DataFrame:
    return figures.timeline_pieces(_access, Question(*asked))


def totals_of(at: Scene, question: Question) -> pd.Series:
    """`figures.totals`: its one row, to be read only."""
    return _totals(at.access.factory.id, asked_of(question), at.stamp, at.access)


def figures_of(at: Scene, question: Question, by: tuple[str, ...]) -> pd.DataFrame:
    """`figures.broken_down`."""
    return _figures(at.access.factory.id, asked_of(question), by, at.stamp, at.access)


def flow_of(at: Scene, question: Question, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """`figures.loss_flow`."""
    return _flow(at.access.factory.id, asked_of(question), by, at.stamp, at.access)


def stops_of(at: Scene, question: Question, by: tuple[str, ...] = ("reason",)) -> pd.DataFrame:
    """`figures.stops_by_reason`."""
    return _stops(at.access.factory.id, asked_of(question), by, at.stamp, at.access)


def pieces_of(at: Scene, question: Question) -> pd.DataFrame:
    """`figures.timeline_pieces`."""
    return _pieces(at.access.factory.id, asked_of(question), at.stamp, at.access)


@st.cache_data(ttl=KEEP_S, max_entries=64, show_spinner=False)
def _overview(factory: int, asked: Asked, stamp: int, _access: Access) -> Overview:
    return overview(_access, Question(*asked))


def overview_of(at: Scene, question: Question) -> Overview:
    """`overview.overview`."""
    return _overview(at.access.factory.id, asked_of(question), at.stamp, at.access)
