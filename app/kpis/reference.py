"""The reference of all KPIs as Markdown: `docs/kpis.md` is this text."""

from analytics.kpis import GROUPS, KPIS, SYMBOLS, Kpi

HEAD = """# KPIs

Every KPI that Gemba knows, written by `python -m app kpis --reference`. A KPI whose elements are not all
known is "not evaluable" and says what is missing; nothing is guessed. Bounds say what the value would be if
all time without data were lost, or productive. Times are in hours. Roll-ups are ratios of sums. The same
table and values stand on the page *KPIs*, at `/api/v1/kpis`, and in `app.kpis.values.kpi_values` for
notebooks.
"""
COLUMNS = "| id | KPI | formula | unit | range | better | for | source |\n|---|---|---|---|---|---|---|---|"
BETTER = {"up": "higher", "down": "lower", "neither": "neither"}


def reference() -> str:
    """The whole text."""
    parts = [HEAD]
    for group in GROUPS:
        mine = [one for one in KPIS if one.group == group]
        parts += [f"## {group}", ""]
        parts += [
            "| id | KPI | formula | unit | range | better | for | source |",
            "|---|---|---|---|---|---|---|---|",
        ]
        parts += [_row(one) for one in mine]
        notes = [f"- **{one.name}**: {one.note}" for one in mine if one.note]
        parts += ["", *notes, ""] if notes else [""]
    parts += ["## Elements", "", "| symbol | element | unit | known from |", "|---|---|---|---|"]
    parts += [
        f"| {one.key} | {one.name} | {one.unit or '–'} | {one.known_from} |" for one in SYMBOLS.values()
    ]
    return "\n".join(parts) + "\n"


def _row(kpi: Kpi) -> str:
    low = "–" if kpi.low is None else f"{kpi.low:g}"
    high = "–" if kpi.high is None else f"{kpi.high:g}"
    formula = kpi.formula.replace("|", "\\|")
    return (
        f"| `{kpi.id}` | {kpi.name} | {formula} | {kpi.unit or '–'} | {low} to {high} | "
        f"{BETTER[kpi.better]} | {kpi.audience} | {kpi.source} |"
    )
