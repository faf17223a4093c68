"""`kpis`: every KPI of a range as a table or as JSON, and the reference of what they are."""

from typing import Annotated

import orjson
import typer

from analytics.errors import InvalidInput
from app.cli.context import FactoryOption, acting, parts
from app.cli.oee import moment
from app.kpis.reference import reference
from app.kpis.values import kpi_values
from app.production.figures import Question


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("kpis", help="Print every KPI of a range, with bounds or what is missing.")(kpis)


def kpis(
    start: Annotated[
        str, typer.Option("--from", help="First production day, or a moment with its offset.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="Last production day (included), or a moment.")] = "",
    factory: FactoryOption = "demo",
    machine: Annotated[list[str] | None, typer.Option(help="Only these machines, by key.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    as_reference: Annotated[
        bool, typer.Option("--reference", help="Print what each KPI is, as Markdown.")
    ] = False,
) -> None:
    """Print value, bounds, and for what is not evaluable why."""
    if as_reference:
        typer.echo(reference(), nl=False)
        return
    if not start or not end:
        raise InvalidInput.at("from", "Give the range: --from 2026-03-01 --to 2026-03-07.")
    with parts() as gemba:
        access = acting(gemba, factory)
        asked = Question(
            moment(access, start, "from"), moment(access, end, "to", last=True), machines=tuple(machine or ())
        )
        found = kpi_values(access, asked)
    rows = [
        {"id": one.kpi.id, "name": one.kpi.name, "unit": one.kpi.unit, "value": one.value, "lower": one.lower,
         "upper": one.upper, "coverage": one.coverage, "missing": one.reason}
        for one in found
    ]  # fmt: skip
    if as_json:
        typer.echo(orjson.dumps({"factory": factory, "kpis": rows}, option=orjson.OPT_INDENT_2).decode())
        return
    for one in found:
        said = "–" if one.value is None else f"{one.value:.6g}"
        bounds = "" if one.lower == one.upper else f"  ({one.lower:.4g} to {one.upper:.4g})"
        why = f"  {one.reason}" if one.reason else ""
        typer.echo(f"{one.kpi.name:<40} {said:>12} {one.kpi.unit:<9}{bounds}{why}")
