"""`audit`: is the log whole, what proves it, and what may leave the house."""

import sys
from pathlib import Path
from typing import Annotated

import orjson
import typer

from app.cli.context import FactoryOption, acting, parts
from app.evidence import export as bundles
from app.evidence.signing import Signer
from app.evidence.verification import verify as read_whole
from data.queries.plant import factory_slugs

group = typer.Typer(help="Verify, prove and export the audit log.", no_args_is_help=True)


def register(cli: typer.Typer) -> None:
    """Add the group of commands."""
    cli.add_typer(group, name="audit")


@group.command()
def verify(
    factory: Annotated[str, typer.Option("--factory", "-f", help="The factory; default: every one.")] = "",
    kept: Annotated[
        list[Path] | None, typer.Option("--kept", help="A checkpoint that was kept elsewhere (repeatable).")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Read the whole log; exit code 1 and the first bad entry when it is not the one that was signed."""
    notes = [path.read_text("utf-8") for path in kept or []]
    answers = {}
    with parts() as gemba:
        with gemba.database.read(None) as session:
            slugs = [factory] if factory else factory_slugs(session)
        for slug in slugs:
            found = read_whole(acting(gemba, slug), kept=notes, on_progress=_progress(slug, hidden=as_json))
            answers[slug] = found
    if as_json:
        typer.echo(orjson.dumps(answers, option=orjson.OPT_INDENT_2).decode())
    for slug, found in {} if as_json else answers.items():
        if found.is_sound:
            typer.echo(
                f"{slug}: sound. {found.entries:,} entries, {found.signed:,} of them signed in "
                f"{found.checkpoints:,} checkpoints, {found.seconds:.1f} s."
            )
            continue
        typer.echo(f"{slug}: NOT SOUND. The first bad entry is {found.first_bad}.")
        for finding in found.findings:
            typer.echo(f"  entry {finding.position}: {finding.message} ({finding.kind})")
    if not all(found.is_sound for found in answers.values()):
        raise typer.Exit(1)


def _progress(slug: str, *, hidden: bool) -> "_Bar":
    return _Bar(slug, is_shown=not hidden and sys.stderr.isatty())


class _Bar:
    """Says on a terminal how far the reading is."""

    def __init__(self, slug: str, *, is_shown: bool) -> None:
        self._slug = slug
        self._is_shown = is_shown

    def __call__(self, done: int, total: int) -> None:
        """One portion was read."""
        if self._is_shown:
            end = "\n" if done >= total else ""
            typer.echo(f"\r{self._slug}: {done:,} of {total:,} entries{end}", nl=False, err=True)


@group.command()
def export(
    path: Annotated[Path, typer.Argument(help="The bundle to write, a .zip.")],
    factory: FactoryOption = "demo",
) -> None:
    """Write the log with its checkpoints and a verifier that needs nothing but Python."""
    with parts() as gemba:
        written = bundles.export(acting(gemba, factory), path)
        key = gemba.outside.verifier()
    typer.echo(f"{written:,} entries written to {path}. Check them: python verify_audit.py {path} '{key}'")


@group.command()
def proof(
    position: Annotated[int, typer.Argument(help="The entry's position.")], factory: FactoryOption = "demo"
) -> None:
    """Print the proof that an entry stands in the signed log, as JSON."""
    with parts() as gemba:
        found = bundles.proof(acting(gemba, factory), position)
    typer.echo(orjson.dumps(found, option=orjson.OPT_INDENT_2).decode())


@group.command()
def key() -> None:
    """Print the public key that checkpoints are signed with; give it to whoever verifies."""
    with parts() as gemba:
        typer.echo(gemba.outside.verifier())


@group.command()
def checkpoint(factory: FactoryOption = "demo") -> None:
    """Sign what was added, and print the newest checkpoint to keep it elsewhere."""
    with parts() as gemba:
        acting(gemba, factory)
        Signer(gemba).round([factory])
        notes = gemba.outside.checkpoints(factory)
    if notes:
        typer.echo(notes[-1], nl=False)
