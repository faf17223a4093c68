"""One line about anomalies of the last day for pages that show the whole plant."""

from typing import Final

import streamlit as st

from analytics.vocabulary import MICROSECONDS
from app.bootstrap import Access
from app.predict.anomaly.scans import anomalies_revision, recent_anomalies
from app.ui.formats import many
from app.ui.scene import Scene
from app.ui.selecting.links import address
from data.models import to_us

BACK_US: Final = 86_400 * MICROSECONDS
STANDING: Final = ("open", "real")


@st.cache_data(ttl=120, max_entries=64, show_spinner=False)
def _recent(factory: int, revision: tuple[int, int, int], _access: Access) -> int:
    return recent_anomalies(_access, to_us(_access.now) - BACK_US)


def anomaly_words(at: Scene) -> str:
    """How many episodes of the last 24 hours nobody called a false alarm, with a link; empty without any."""
    revision = anomalies_revision(at.access)
    if not revision[0]:
        return ""
    found = _recent(at.access.factory.id, revision, at.access)
    if not found:
        return ""
    link = address("anomalies", {"an_judged": STANDING})
    return f":material/troubleshoot: [{many(found, 'anomaly')} in 24 h]({link})"
