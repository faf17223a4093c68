"""`sources`: the plant's own databases, listed, added, tried, read."""

import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from analytics.errors import InvalidInput, StoreUnavailable
from app.bootstrap import Access
from app.cli.context import FactoryOption, acting, parts
from app.sources import store, watch
from app.sources.drafts import Draft, tidied
from app.sources.presets import PRESETS
from app.sources.runs import Run, read_source
from app.sources.streams import from_json
from app.sources.trying import planned, preview, survey

sources = typer.Typer(help="Read databases that the plant already has.", no_args_is_help=True)
NameArgument = Annotated[str, typer.Argument(help="The source's name.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON.")]
FAILED = 1


def register(cli: typer.Typer) -> None:
    """Add the commands."""
    cli.add_typer(sources, name="sources")


@sources.command("presets")
def presets() -> None:
    """List the systems whose schema is known, and the options of each."""
    for one in PRESETS.values():
        typer.echo(f"{one.key}: {one.title}. {one.about} ({one.example})")
        for option in one.options:
            default = f" [{option.default}]" if option.default else ""
            typer.echo(f"    {option.name}{default}: {option.help}")


@sources.command("list")
def listed(factory: FactoryOption, as_json: JsonOption = False) -> None:
    """List the sources of a factory with their last run."""
    with parts() as gemba:
        access = acting(gemba, factory)
        last = watch.last_runs(access)
        rows: list[dict[str, Any]] = [
            {
                "name": one.name,
                "address": one.address,
                "is_on": one.is_on,
                "streams": [stream.name for stream in one.streams if stream.is_on],
                "last_run": _told(last[one.id]) if one.id in last else None,
            }
            for one in store.list_sources(access)
        ]
    if as_json:
        _print(rows)
        return
    for row in rows:
        run = row["last_run"]
        said = f"last run {run['state']}, {run['new']:,} new" if run else "never read"
        typer.echo(f"{row['name']}  {row['address']}  {'on' if row['is_on'] else 'off'}  {said}")


@sources.command("add")
def add(
    name: NameArgument,
    factory: FactoryOption,
    address: Annotated[str, typer.Option(help="Where it is, like mysql://user@host/database.")],
    preset: Annotated[str, typer.Option(help="A system whose schema is known; see `sources presets`.")] = "",
    option: Annotated[list[str] | None, typer.Option("--option", help="name=value of the preset.")] = None,
    streams: Annotated[
        Path | None, typer.Option(help="A JSON file with the streams, without preset.")
    ] = None,
    password_file: Annotated[Path | None, typer.Option(help="Its first line is the password.")] = None,
    every: Annotated[int, typer.Option(help="Seconds between two readings.")] = 300,
    on: Annotated[bool, typer.Option("--on", help="Let the server read it from now on.")] = False,
) -> None:
    """Add a source; the connection is tried first. Ask for nothing but the password, where one is needed."""
    draft = tidied(
        Draft(name, address, preset=preset, options=_options(option or []), every_s=every, password=None)
    )
    if draft.user and draft.password is None:
        draft = replace(draft, password=_password(password_file))
    with parts() as gemba:
        access = acting(gemba, factory)
        if preset:
            plan = planned(access, draft)
            draft = replace(draft, streams=plan.streams)
            for note in plan.notes:
                typer.echo(f"note: {note}")
        elif streams is not None:
            draft = replace(draft, streams=tuple(from_json(one) for one in _read(streams)))
        number = store.add_source(access, draft)
        if on:
            store.switch_source(access, number, is_on=True)
    typer.echo(f"Added {name} with {len(draft.streams)} streams: {', '.join(s.name for s in draft.streams)}.")


@sources.command("test")
def tried(name: NameArgument, factory: FactoryOption, as_json: JsonOption = False) -> None:
    """Ask a source who it is and what can be read from it."""
    with parts() as gemba:
        access = acting(gemba, factory)
        found = survey(access, store.named(access, name))
    if as_json:
        _print({"about": asdict(found.about), "items": [asdict(item) for item in found.items]})
        return
    typer.echo(f"{found.about.engine} {found.about.version}, {found.about.latency_ms:.0f} ms")
    for item in found.items:
        typer.echo(f"  {item.kind} {item.name}")


@sources.command("preview")
def previewed(name: NameArgument, factory: FactoryOption) -> None:
    """Show what the first rows of each stream would become; nothing is stored."""
    with parts() as gemba:
        access = acting(gemba, factory)
        source = store.named(access, name)
        for stream in source.streams:
            found = preview(access, source, stream)
            typer.echo(f"{stream.name} ({stream.kind.value}) from {', '.join(found.places) or 'nothing'}")
            for problem in found.problems:
                typer.echo(f"  ! {problem.field}: {problem.message}")
            for reject in found.rejects[:5]:
                typer.echo(f"  rejected, {reject.field}: {reject.message}")
            if len(found.rows):
                typer.echo(found.rows.head(10).to_string(index=False))


@sources.command("read")
def read(name: NameArgument, factory: FactoryOption, as_json: JsonOption = False) -> None:
    """Read what is new now. Where a server runs on this state folder, it is asked to do it."""
    try:
        with parts(write_telemetry=True) as gemba:
            access = acting(gemba, factory)
            run = read_source(access, store.named(access, name).id, _bar())
    except StoreUnavailable as error:
        with parts() as gemba:
            access = acting(gemba, factory)
            store.want_run(access, store.named(access, name).id)
        typer.echo(f"{error}. The server will read it within seconds.")
        return
    if as_json:
        _print(_told(run))
    else:
        tally = run.tally
        typer.echo(
            f"{name}: {run.state}. {tally.rows:,} rows read; {tally.new:,} new, {tally.changed:,} changed, "
            f"{tally.unchanged:,} unchanged, {tally.rejected:,} rejected. {run.problem}".rstrip()
        )
    if run.state != "done":
        raise typer.Exit(FAILED)


@sources.command("on")
def switch_on(name: NameArgument, factory: FactoryOption) -> None:
    """Let the server read a source again and again."""
    _switch(name, factory, is_on=True)


@sources.command("off")
def switch_off(name: NameArgument, factory: FactoryOption) -> None:
    """Read a source no more."""
    _switch(name, factory, is_on=False)


@sources.command("again")
def again(name: NameArgument, factory: FactoryOption) -> None:
    """Read everything once more from the beginning; what is stored already changes nothing."""
    with parts() as gemba:
        access = acting(gemba, factory)
        store.read_again(access, store.named(access, name).id)
    typer.echo(f"{name} is read from the beginning at its next reading.")


@sources.command("remove")
def remove(
    name: NameArgument,
    factory: FactoryOption,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Forget a source; what was read stays."""
    if not yes:
        typer.confirm(f"Forget the source {name}?", abort=True)
    with parts() as gemba:
        access = acting(gemba, factory)
        store.remove_source(access, store.named(access, name).id)


def _switch(name: str, factory: str, *, is_on: bool) -> None:
    with parts() as gemba:
        access = acting(gemba, factory)
        store.switch_source(access, _known(access, name), is_on=is_on)
    typer.echo(f"{name} is {'on' if is_on else 'off'}.")


def _known(access: Access, name: str) -> int:
    return store.named(access, name).id


def _options(pairs: list[str]) -> dict[str, str]:
    found = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals:
            raise InvalidInput.at("option", f"--option '{pair}': write name=value.")
        found[name.strip()] = value
    return found


def _password(path: Path | None) -> str:
    if path is not None:
        try:
            return path.read_text().splitlines()[0] if path.stat().st_size else ""
        except OSError as error:
            raise InvalidInput.at("password-file", f"{path} cannot be read: {error.strerror}.") from error
    return str(typer.prompt("Password", hide_input=True, default="", show_default=False))


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        found = orjson.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InvalidInput.at("streams", f"{path} cannot be read: {error}.") from error
    if not isinstance(found, list):
        raise InvalidInput.at("streams", f"{path} holds no list of streams.")
    return found


def _told(run: Run) -> dict[str, Any]:
    return {"state": run.state, "problem": run.problem, "started_at": run.started_at, **asdict(run.tally)}


def _print(document: Any) -> None:
    typer.echo(orjson.dumps(document, option=orjson.OPT_INDENT_2).decode())


def _bar() -> Any:
    """Progress on a terminal; nothing where standard error goes to a file."""
    if not sys.stderr.isatty():
        return None

    def show(run: Run) -> None:
        done = "" if run.share is None else f"{run.share:4.0%} "
        sys.stderr.write(f"\r  {done}{run.stage[:90]:<90}")
        sys.stderr.flush()

    return show
