"""`import`: CSV and Excel files, or a folder of them, into a factory."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from analytics.errors import InvalidInput
from app.bootstrap import Access, Gemba
from app.cli.context import COMMAND_LINE, FactoryOption, acting, parts
from app.imports.folder import Found, found_files, plans
from app.imports.layout.kinds import Kind
from app.imports.layout.mapping import FACTORY_ZONE, Choices
from app.imports.new_factory import new_factory
from app.imports.plans import Plan
from app.imports.rejects import as_csv
from app.imports.rows.faults import Note
from app.imports.runs import Summary, execute
from app.imports.walk import Progress, silent
from app.settings import load

BAR = 32
SHOWN = 20
SOME_REJECTED, REFUSED = 3, 2


def register(cli: typer.Typer) -> None:
    """Add the command."""
    cli.command("import", help="Import CSV and Excel files, or folders of them.")(import_files)


def import_files(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders.", metavar="PATH...")],
    factory: FactoryOption = "demo",
    kind: Annotated[Kind | None, typer.Option(help="What the files hold; recognised when left out.")] = None,
    maps: Annotated[
        list[str] | None, typer.Option("--map", help="A field's column: field=column, field[min]=column.")
    ] = None,
    sets: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            help="One value for all rows: field=value (and decimal, date_order, state_numbers, sheet).",
        ),
    ] = None,
    zone: Annotated[
        str,
        typer.Option(help="The zone of times without an offset: a name, or 'factory'."),
    ] = "",
    create_machines: Annotated[
        bool,
        typer.Option("--create-machines", help="Make machines that are not known yet."),
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    rejects: Annotated[Path | None, typer.Option(help="Write rejected rows to this CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    new_factory_name: Annotated[
        str, typer.Option("--new-factory", help="Import into a new factory of this name.", metavar="NAME")
    ] = "",
    new_factory_zone: Annotated[
        str, typer.Option("--new-factory-zone", help="Its time zone, such as Europe/Berlin.", metavar="ZONE")
    ] = "",
) -> None:
    """Exit codes: 0 all rows are loaded, 3 some rows were rejected, 2 refused and nothing was stored."""
    files = found_files(paths, kind, most_mb=load().import_max_mb)
    choices = Choices.parsed(maps or [], sets or [], zone, create_machines=create_machines)
    writes_telemetry = not dry_run and any(one.kind is Kind.TELEMETRY for one in files)
    with parts(write_telemetry=writes_telemetry) as gemba:
        access = _access(gemba, factory, new_factory_name, new_factory_zone, dry_run=dry_run)
        if choices.zone == FACTORY_ZONE:
            choices = Choices(
                choices.columns, choices.constants, choices.options, access.factory.timezone, create_machines
            )
        planned = plans(access, files, choices)
        refused = [one for one in planned if not one.ready]
        done: Sequence[Plan | Summary] = planned if dry_run or refused else _loaded(access, files, planned)
        notes = [list(dict.fromkeys((*p.notes, *d.notes))) for p, d in zip(planned, done, strict=True)]
    if rejects is not None:
        rejects.write_bytes(as_csv((one.file_name, reject) for one in done for reject in one.rejects))
    document = {
        "factory": access.factory.slug,
        "dry_run": dry_run or bool(refused),
        "files": [_file(one, said) for one, said in zip(done, notes, strict=True)],
        "skipped": [{"file": one.source.name, "reason": one.reason} for one in files if one.reason],
    }
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode() if as_json else as_text(document))
    if refused:
        raise typer.Exit(REFUSED)
    if any(one.tally.rejected for one in done):
        raise typer.Exit(SOME_REJECTED)


def _access(gemba: Gemba, factory: str, name: str, zone: str, *, dry_run: bool) -> Access:
    if not name:
        return acting(gemba, factory)
    if not zone:
        raise InvalidInput.at("new-factory-zone", "Say in which time zone the new factory is.")
    if dry_run:
        raise InvalidInput.at("dry-run", "A dry run makes no factory: name one that exists with --factory.")
    slug, _ = new_factory(gemba, name, zone, COMMAND_LINE)
    return acting(gemba, slug)


def _loaded(access: Access, files: list[Found], planned: list[Plan]) -> list[Summary]:
    done = []
    for one, ready in zip([one for one in files if not one.reason], planned, strict=True):
        if ready.mapping is not None:
            done.append(execute(access, one.source, ready.mapping, _progress(one.source.name)))
    return done


def _progress(name: str) -> Progress:
    """A bar on a terminal; nothing where standard error goes to a file."""
    if not sys.stderr.isatty():
        return silent

    def bar(share: float, stage: str) -> None:
        full = round(share * BAR)
        end = "\n" if share >= 1 else ""
        sys.stderr.write(f"\r  [{'#' * full}{'.' * (BAR - full)}] {share:4.0%} {name[:40]}: {stage:<10}{end}")
        sys.stderr.flush()

    return bar


def _file(one: Plan | Summary, notes: list[Note]) -> dict[str, Any]:
    problems = [asdict(problem) for problem in one.problems] if isinstance(one, Plan) else []
    return {
        "file": one.file_name,
        "kind": one.kind.value if one.kind else None,
        **asdict(one.tally),
        "problems": problems,
        "notes": [asdict(note) for note in notes],
        "rejects": [asdict(reject) for reject in one.rejects],
    }


def as_text(document: dict[str, Any]) -> str:
    """The result as lines for a person."""
    would = "would be " if document["dry_run"] else ""
    lines = [f"Factory {document['factory']}"]
    for one in document["files"]:
        unit = " points" if one["kind"] == Kind.TELEMETRY.value else ""
        lines.append(
            f"  {one['file']} ({one['kind'] or 'kind unknown'}): {one['rows']:,} rows; "
            f"{would}{one['new']:,} new, "
            f"{one['changed']:,} changed, {one['unchanged']:,} unchanged{unit}; {one['rejected']:,} rejected"
        )
        lines += [f"    ! {problem['field']}: {problem['message']}" for problem in one["problems"]]
        lines += [f"    note{_at(note['line'])}: {note['message']}" for note in one["notes"]]
        lines += [f"    line {r['line']}, {r['field']}: {r['message']}" for r in one["rejects"][:SHOWN]]
        if one["rejected"] > SHOWN:
            lines.append(f"    ... and {one['rejected'] - SHOWN:,} more (--rejects FILE lists them)")
    lines += [f"  {one['file']}: left out, {one['reason']}" for one in document["skipped"]]
    if any(one["problems"] for one in document["files"]):
        lines.append("Nothing of the files was stored. Answer what is marked with '!', then import again.")
    return "\n".join(lines)


def _at(line: int) -> str:
    return f" on line {line}" if line else ""
