"""The stops and their quality, kept per factory until its data changes."""

import pandas as pd
import streamlit as st

from app.bootstrap import Access
from app.production.figures import Question
from app.stops import quality as judged
from app.stops.listing import stops
from app.stops.quality import Quality
from app.ui.scene import Scene

Asked = tuple[int, int, tuple[str, ...], tuple[str, ...], tuple[str, ...]]


def _asked(question: Question) -> Asked:
    return (question.start_us, question.end_us, question.lines, question.machines, question.shifts)


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _stops(factory: int, asked: Asked, stamp: int, _access: Access) -> pd.DataFrame:
    return stops(_access, Question(*asked))


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _quality(factory: int, asked: Asked, stamp: int, _access: Access) -> tuple[Quality, pd.DataFrame]:
    question = Question(*asked)
    return judged.quality(_access, question), judged.quality_by(_access, question)


def stops_in(at: Scene, question: Question) -> pd.DataFrame:
    """`app.stops.listing.stops`."""
    return _stops(at.access.factory.id, _asked(question), at.stamp, at.access)


def quality_in(at: Scene, question: Question) -> tuple[Quality, pd.DataFrame]:
    """The label quality in all and by machine."""
    return _quality(at.access.factory.id, _asked(question), at.stamp, at.access)
