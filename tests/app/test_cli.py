"""The command line: help, exit codes, clear errors, and the figures that the pages show."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from app.cli import PARTS, cli, serve
from app.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
COMMANDS = ("demo", "serve", "import", "oee", "stops", "check", "benchmark")


def gemba(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *arguments], check=False,
        cwd=ROOT, env={**os.environ, "GEMBA_HOME": str(home)}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_says_what_each_command_does(tmp_path, command):
    done = gemba(tmp_path, *([command] if command else []), "--help")
    assert done.returncode == 0
    assert "Usage" in done.stdout


def test_each_command_alone_is_the_one_of_the_whole_command_line():
    whole = typer.main.get_command(cli()).commands
    assert sorted(whole) == sorted(PARTS)
    for name, one in whole.items():
        alone = typer.main.get_command(cli(name)).commands[name]
        assert alone.help == one.help
        assert [param.name for param in alone.params] == [param.name for param in one.params]


def test_an_unknown_command_is_named_with_exit_code_2(tmp_path):
    done = gemba(tmp_path, "dmeo")
    assert done.returncode == 2
    assert "No such command 'dmeo'" in done.stderr


def test_an_unknown_factory_and_a_naive_moment_are_refused_without_a_traceback(tmp_path):
    done = gemba(tmp_path, "oee", "--from", "2026-03-01", "--to", "2026-03-02", "--factory", "none")
    assert done.returncode == 1
    assert "no factory 'none'" in done.stderr
    assert "Traceback" not in done.stderr


def test_check_answers_with_each_store(tmp_path):
    done = gemba(tmp_path, "check", "--json")
    assert done.returncode == 0, done.stderr
    assert set(json.loads(done.stdout)["stores"]) == {"relational", "telemetry", "documents"}


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(("serve", "--only", "nonsense"), "GEMBA_PARTS"), (("serve", "--port", "99999"), "GEMBA_PORT")],
)
def test_a_wrong_setting_is_named_without_a_traceback(tmp_path, arguments, named):
    done = gemba(tmp_path, *arguments)
    assert done.returncode == 1
    assert named in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("url", "code", "said"),
    [
        ("mysql+pymysql://u:secret@127.0.0.1:1/x", 1, "does not answer"),
        ("nonsense", 1, "GEMBA_DATABASE_URL"),
        ("oracle://u:secret@127.0.0.1/x", 1, "GEMBA_DATABASE_URL"),
    ],
)
def test_a_relational_store_that_cannot_be_used_is_said_without_a_traceback(
    tmp_path, monkeypatch, url, code, said
):
    monkeypatch.setenv("GEMBA_DATABASE_URL", url)
    done = gemba(tmp_path, "check")
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert "secret" not in done.stdout + done.stderr


def test_nothing_begins_on_half_a_restore(tmp_path):
    (tmp_path / ".restoring.json").write_text("{}")
    done = gemba(tmp_path, "serve")
    assert done.returncode == 1
    assert "was cut off" in done.stderr
    assert "Traceback" not in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == [".restoring.json"]


def test_only_proxies_that_are_named_say_for_whom_they_ask(tmp_path):
    given = Settings(home=tmp_path, trusted_proxies="10.89.0.0/24, 127.0.0.1")
    line = serve.command(given)
    assert line[line.index("--forwarded-allow-ips") + 1] == "10.89.0.0/24,127.0.0.1"
    for wrong in ("*", "proxy", "10.89.0.7/24"):
        with pytest.raises(ValueError, match="no network"):
            Settings(home=tmp_path, trusted_proxies=wrong)
