"""The command `import`: what it refuses, what it prints, what it leaves behind."""

import json

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app import demo_accounts
from app.cli import cli
from app.imports.new_factory import new_factory
from data.models import Account, Factory, Membership, StateEvent
from tests.app.imports.files import rows

STATES = "Machine,Start,State\nm1,2026-03-01 06:00,down\nnobody,2026-03-01 06:00,down\n"


@pytest.fixture
def run(gemba, factory_id, monkeypatch):
    monkeypatch.setenv("GEMBA_HOME", str(gemba.settings.home))
    monkeypatch.setenv("GEMBA_DATABASE_URL", gemba.settings.database_url)

    def command(*arguments):
        return CliRunner().invoke(cli("import"), ["import", *map(str, arguments)])

    return command


def test_a_refused_file_ends_with_two_and_stores_nothing(run, tmp_path, acting):
    path = tmp_path / "states.csv"
    path.write_text(STATES)
    done = run(path, "--factory", "north")
    assert done.exit_code == 2
    assert "--zone Europe/Berlin" in done.stdout
    assert rows(acting(), StateEvent) == []


def test_rejected_rows_end_with_three_and_are_written_to_a_file(run, tmp_path, acting):
    path, rejects = tmp_path / "states.csv", tmp_path / "rejects.csv"
    path.write_text(STATES)
    done = run(path, "--factory", "north", "--zone", "factory", "--rejects", rejects)
    assert done.exit_code == 3
    assert "line 3, machine" in done.stdout
    assert "states.csv,3,machine" in rejects.read_text("utf-8-sig")
    assert len(rows(acting(), StateEvent)) == 1


def test_a_dry_run_says_what_would_happen_and_stores_nothing(run, tmp_path, acting):
    path = tmp_path / "states.csv"
    path.write_text(STATES)
    done = run(path, "--factory", "north", "--zone", "factory", "--create-machines", "--dry-run", "--json")
    assert done.exit_code == 0
    answer = json.loads(done.stdout)
    assert (answer["dry_run"], answer["files"][0]["new"]) == (True, 2)
    assert rows(acting(), StateEvent) == []


def test_a_folder_is_loaded_in_order_and_the_rest_is_left_out_with_its_reason(run, tmp_path):
    folder = tmp_path / "plant"
    folder.mkdir()
    (folder / "a-states.csv").write_text("Machine,Start,State,Reason\nx9,2026-03-01 06:00,down,r1\n")
    (folder / "b-reasons.csv").write_text("Code,Name\nr1,Jam\n")
    (folder / "c-machines.csv").write_text("Machine,Name\nx9,Nine\n")
    (folder / "photo.png").write_bytes(b"\x89PNG")
    (folder / "noise.csv").write_bytes(bytes(range(256)))
    done = run(folder, "--factory", "north", "--zone", "factory", "--json")
    assert done.exit_code == 0, done.output
    answer = json.loads(done.stdout)
    assert [one["kind"] for one in answer["files"]] == ["machines", "reasons", "state_events"]
    assert {one["file"]: one["reason"][:7] for one in answer["skipped"]} == {
        "noise.csv": "noise.c", "photo.png": "neither",
    }  # fmt: skip


def test_a_new_factory_takes_in_the_accounts_of_the_demo_plant_once(gemba, factory_id):
    with gemba.database.write(None) as session:
        account = Account(email="a@x", name="A", password_hash="", created_at=gemba.clock())
        session.add(account)
        session.flush()
        session.add(Membership(factory_id=factory_id, account_id=account.id, role="manager"))
    demo_accounts.write(gemba.settings.home, "", "north", [])
    assert new_factory(gemba, "Söda Line", "America/New_York", "me") == ("soda-line", True)
    assert new_factory(gemba, "Söda Line", "America/New_York", "me") == ("soda-line", False)
    with gemba.database.read(None) as session:
        made = session.scalars(select(Factory).where(Factory.slug == "soda-line")).one()
        roles = session.scalars(select(Membership.role).where(Membership.factory_id == made.id)).all()
    assert roles == ["manager"]


@pytest.mark.parametrize(
    "extra",
    [
        ("--new-factory", "Other"),
        ("--new-factory", "Other", "--new-factory-zone", "Mars"),
        ("--new-factory", "Other", "--new-factory-zone", "UTC", "--dry-run"),
        ("--set", "colour=red"),
        ("--map", "start"),
    ],
)
def test_a_wrong_option_is_refused_before_anything_is_made(run, tmp_path, gemba, extra):
    path = tmp_path / "states.csv"
    path.write_text(STATES)
    assert run(path, "--zone", "UTC", *extra).exit_code != 0
    with gemba.database.read(None) as session:
        assert session.scalars(select(Factory.slug)).all() == ["north"]
