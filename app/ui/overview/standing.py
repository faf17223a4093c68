"""How the plant stands now, in one row: health, open alerts, power and energy, anomalies, maintenance."""

import streamlit as st

from app.alerts.dashboard import summary
from app.alerts.health import Health, PlantHealth, plant_health
from app.alerts.standing import COSTS
from app.production.terms.rates import rates
from app.ui.formats import count, energy, many, number
from app.ui.maintenance.line import maintenance_words
from app.ui.predict.recent import anomaly_words
from app.ui.scene import Scene
from app.ui.selecting.links import address

WORST = 5


def standing_row(at: Scene) -> None:
    """Draw the row; each part links to the page that says more."""
    found = plant_health(at.access)
    now = summary(at.access)
    with st.container(horizontal=True, gap="medium", key="standing"):
        st.markdown(
            f":material/monitor_heart: Health **{found.score}** of 100",
            width="content",
            help=_made_of(found, at),
        )
        st.markdown(
            _alerts(now["active_alerts"], now["critical_alerts"], now["high_alerts"]), width="content"
        )
        power = _power(now["current_energy_kw"], now["energy_today_kwh"], at)
        if power:
            st.markdown(power, width="content")
        odd = anomaly_words(at)
        if odd:
            st.markdown(odd, width="content")
        due = maintenance_words(at)
        if due:
            st.markdown(due, width="content")


def _made_of(found: PlantHealth, at: Scene) -> str:
    """What the score is made of, and which machines pull it down."""
    costs = ", ".join(f"{points} {severity}" for severity, points in reversed(COSTS.items()))
    rule = (
        f"100, less what active alerts cost ({costs}), less 1 for each machine that sent nothing for five "
        "minutes. A machine's importance weighs them: 3 is the usual, 5 counts five thirds."
    )
    low = [one for one in sorted(found.machines, key=lambda one: one.score) if one.score < 100]
    lines = [f"- {at.names.get(one.key, one.key)}: {one.score} ({_why(one)})" for one in low[:WORST]]
    if len(low) > WORST:
        lines.append(f"- and {many(len(low) - WORST, 'machine')} more below 100")
    return rule + "\n\n" + "\n".join(lines)


def _why(one: Health) -> str:
    parts = [f"{n} {severity}" for severity, n in one.standing.counts.items() if n]
    return ", ".join(parts if one.is_heard else [*parts, "not heard"])


def _alerts(active: int, critical: int, high: int) -> str:
    if not active:
        return ":material/notifications: No open alerts"
    parts = [
        f":red[**[{n} {word}]({address('alerts', {'al_severity': [word]})})**]"
        for n, word in ((critical, "critical"), (high, "high"))
        if n
    ]
    said = f"[{many(active, 'open alert')}]({address('alerts', {})})"
    return ", ".join([f":material/notifications: {said}", *parts])


def _power(kilowatts: float | None, today: float | None, at: Scene) -> str:
    if kilowatts is None and today is None:
        return ""
    price = rates(at.access).energy_price
    parts = [] if kilowatts is None else [f"{number(kilowatts, 0)} kW now"]
    if today is not None:
        cost = "" if price is None else f" ({count(today * price, at.access.factory.currency)})"
        parts.append(f"{energy(today)} today{cost}")
    return f":material/bolt: {', '.join(parts)} · [energy]({address('energy', {})})"
