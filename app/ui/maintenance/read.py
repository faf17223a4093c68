"""What is due and what machines come to, kept per factory until its data changes."""

import streamlit as st

from app.bootstrap import Access
from app.maintenance.due import PlanDue, due_plans
from app.maintenance.figures import MachineFigures, machine_figures
from app.production.figures import Question
from app.ui.scene import Scene


@st.cache_data(ttl=300, max_entries=64, show_spinner=False)
def _due(factory: int, stamp: int, _access: Access) -> list[PlanDue]:
    return due_plans(_access)


@st.cache_data(ttl=300, max_entries=64, show_spinner=False)
def _figures(
    factory: int, asked: tuple[int, int, tuple[str, ...], tuple[str, ...]], stamp: int, _access: Access
) -> list[MachineFigures]:
    return machine_figures(_access, Question(*asked))


def plans_due(at: Scene) -> list[PlanDue]:
    """`app.maintenance.due.due_plans`."""
    return _due(at.access.factory.id, at.stamp, at.access)


def figures_in(at: Scene, question: Question) -> list[MachineFigures]:
    """`app.maintenance.figures.machine_figures` of the question's range, lines and machines."""
    asked = (question.start_us, question.end_us, question.lines, question.machines)
    return _figures(at.access.factory.id, asked, at.stamp, at.access)
