"""`report`: make a report from the command line, or check one that came back."""

from pathlib import Path
from typing import Annotated
from uuid import uuid4

import orjson
import typer

from analytics.errors import InvalidInput
from app.cli.context import FactoryOption, acting, parts
from app.cli.oee import moment
from app.reports.drafts import FORMATS, ReportDraft, checked, draft_of, parameters, reach
from app.reports.making import made
from app.reports.proof import checking
from data.queries.plant import factory_slugs

group = typer.Typer(help="Make a report, or check one.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group of commands."""
    cli.add_typer(group, name="report")


@group.command()
def make(
    path: Annotated[Path, typer.Option("--file", help="The file to write.")],
    start: Annotated[
        str, typer.Option("--from", help="First production day, or a moment with its offset.")
    ] = "",
    end: Annotated[str, typer.Option("--to", help="Last production day (included), or a moment.")] = "",
    period: Annotated[str, typer.Option(help="Instead: the last shift, day, week or month that ended.")] = "",
    form: Annotated[str, typer.Option("--format", help=f"One of {', '.join(FORMATS)}.")] = "pdf",
    title: Annotated[str, typer.Option(help="The title.")] = "",
    section: Annotated[list[str] | None, typer.Option(help="Only this section (may be repeated).")] = None,
    line: Annotated[list[str] | None, typer.Option(help="Only this line (may be repeated).")] = None,
    machine: Annotated[list[str] | None, typer.Option(help="Only this machine (may be repeated).")] = None,
    factory: FactoryOption = "demo",
) -> None:
    """Make a report, enter it in the audit log, write its file."""
    with parts() as gemba:
        access = acting(gemba, factory)
        asked = ReportDraft(
            title, form, tuple(section or ()), tuple(machine or ()), tuple(line or ()),
            moment(access, start, "from") if start else None,
            moment(access, end, "to", last=True) if end else None, period,
        )  # fmt: skip
        draft = draft_of(checked(access, parameters(asked)))
        body, facts = made(access, str(uuid4()), draft, reach(access, draft))
        path.write_bytes(body)
    typer.echo(f"{facts['title']}: {len(body):,} bytes in {path}, entry {facts['log_position']} of the log.")


@group.command()
def verify(
    path: Annotated[Path, typer.Argument(help="The file, or a text file with what its QR code holds.")],
    key: Annotated[str, typer.Option(help="The public key that you trust; default: the file's own.")] = "",
    offline: Annotated[
        bool, typer.Option("--offline", help="Do not look into the log of this plant.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Check a report: exit code 1 when it is not what Gemba made."""
    try:
        file = path.read_bytes()
    except OSError as error:
        raise InvalidInput.at("file", f"{path} cannot be read: {error.strerror}.") from error
    verdict = checking.verify(file, key)
    findings = list(verdict.findings)
    if not offline:
        findings += _in_log(file, verdict)
    is_good = all(one.is_good for one in findings)
    if as_json:
        said = {"is_good": is_good, "findings": findings, "said": verdict.said, "key": verdict.key}
        typer.echo(orjson.dumps(said, option=orjson.OPT_INDENT_2).decode())
    else:
        _tell(verdict, findings, is_good=is_good)
    if not is_good:
        raise typer.Exit(1)


def _in_log(file: bytes, verdict: checking.Verdict) -> list[checking.Finding]:
    """What the log of this plant says, where the factory is here."""
    with parts() as gemba:
        with gemba.database.read(None) as session:
            if verdict.factory not in factory_slugs(session):
                return []
        return checking.verify_in_log(acting(gemba, verdict.factory), file)


def _tell(verdict: checking.Verdict, findings: list[checking.Finding], *, is_good: bool) -> None:
    for one in findings:
        detail = f": {one.detail}" if one.detail else ""
        typer.echo(f"{'ok ' if one.is_good else 'BAD'}  {one.what}{detail}")
    said = verdict.said
    typer.echo(
        f"\n'{said.get('title', '')}', {said.get('start', '')} to {said.get('end', '')}, "
        f"made {said['made_at']} by {said['made_by']} "
        f"(factory {verdict.factory}, code {said.get('code_version', '')})."
    )
    typer.echo(f"Signed by {verdict.key}")
    typer.echo("The report is as Gemba made it." if is_good else "THE REPORT IS NOT AS GEMBA MADE IT.")
