"""The figures of camera events, kept per factory until its events or its configuration change."""

import pandas as pd
import streamlit as st

from analytics.productivity import Drift
from app.bootstrap import Access
from app.production.camera import figures, quality
from app.production.camera.figures import ActivityQuestion
from app.production.camera.reach import activity_stamp
from app.ui.scene import Scene

KEEP_S = 60
MOST = 128
Stamp = tuple[int, ...]


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _factory(
    factory: int, stamp: Stamp, asked: ActivityQuestion, by: tuple[str, ...], _access: Access
) -> pd.DataFrame:
    return figures.factory(_access, asked, by)


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _people(
    factory: int, stamp: Stamp, asked: ActivityQuestion, by: tuple[str, ...], _access: Access
) -> pd.DataFrame:
    return figures.people(_access, asked, by)


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner=False)
def _places(
    factory: int, stamp: Stamp, asked: ActivityQuestion, by: tuple[str, ...], _access: Access
) -> pd.DataFrame:
    return figures.places(_access, asked, by)


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner="Trying other thresholds ...")
def _thresholds(factory: int, stamp: Stamp, asked: ActivityQuestion, _access: Access) -> pd.DataFrame:
    return quality.by_threshold(_access, asked)


@st.cache_data(ttl=KEEP_S, max_entries=MOST, show_spinner="Comparing the cameras' models ...")
def _models(
    factory: int, stamp: Stamp, asked: ActivityQuestion, _access: Access
) -> tuple[pd.DataFrame, list[Drift]]:
    return quality.by_model(_access, asked), quality.drift_now(_access)


def _stamp(at: Scene) -> Stamp:
    return at.plant.revision, *activity_stamp(at.access)


def factory_of(at: Scene, asked: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """`figures.factory`."""
    return _factory(at.access.factory.id, _stamp(at), asked, by, at.access)


def people_of(at: Scene, asked: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """`figures.people`."""
    return _people(at.access.factory.id, _stamp(at), asked, by, at.access)


def places_of(at: Scene, asked: ActivityQuestion, by: tuple[str, ...] = ()) -> pd.DataFrame:
    """`figures.places`."""
    return _places(at.access.factory.id, _stamp(at), asked, by, at.access)


def thresholds_of(at: Scene, asked: ActivityQuestion) -> pd.DataFrame:
    """`quality.by_threshold`."""
    return _thresholds(at.access.factory.id, _stamp(at), asked, at.access)


def models_of(at: Scene, asked: ActivityQuestion) -> tuple[pd.DataFrame, list[Drift]]:
    """`quality.by_model` and `quality.drift_now`."""
    return _models(at.access.factory.id, _stamp(at), asked, at.access)
