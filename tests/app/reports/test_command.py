"""Reports and backups on the command line, on the files of a state folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from app.evidence.signing import Signer
from app.settings import ROOT
from tests.conftest import make_factory


@pytest.fixture
def run(real_home: Path):
    def given(*words: str, home: Path = real_home) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "app", *words], cwd=ROOT, text=True, capture_output=True, timeout=120,
            env={"GEMBA_HOME": str(home), "PATH": "/usr/bin:/bin", "GEMBA_CONFIG": "/nowhere.toml"},
            check=False,
        )  # fmt: skip

    return given


@pytest.fixture
def real_home(tmp_path: Path) -> Path:
    from app.bootstrap import wire
    from app.settings import Settings

    home = tmp_path / "home"
    gemba = wire(Settings(home=home, database_url="", telemetry_url="", documents_url=""))
    make_factory(gemba, "north")
    Signer(gemba).round(["north"])
    gemba.close()
    return home


def test_a_report_is_made_and_verified_and_a_changed_one_is_found(run, real_home, tmp_path):
    file = tmp_path / "r.json"
    wanted = ("--from", "2026-03-02", "--to", "2026-03-03", "--format", "json", "--file", str(file))
    done = run("report", "make", "-f", "north", *wanted)
    assert done.returncode == 0, done.stderr
    assert "02 Mar 2026 to 03 Mar 2026" in done.stdout
    good = run("report", "verify", str(file))
    assert (good.returncode, "as Gemba made it" in good.stdout) == (0, True)
    assert "this plant's log" in good.stdout
    file.write_bytes(file.read_bytes().replace(b'"OEE"', b'"EEO"', 1))
    bad = run("report", "verify", str(file), "--offline")
    assert bad.returncode == 1
    assert "BAD  the file is as it was made" in bad.stdout
    assert run("report", "verify", str(tmp_path / "none")).returncode == 2


def test_a_backup_is_written_and_restored_by_one_command_each(run, real_home, tmp_path):
    file, new = tmp_path / "b.zip", tmp_path / "new"
    done = run("backup", str(file))
    assert done.returncode == 0, done.stderr
    done = run("restore", str(file), home=new)
    assert done.returncode == 0, done.stderr
    assert "1 factories" in done.stdout
    assert "north: sound" in run("audit", "verify", home=new).stdout
    assert run("restore", str(file), home=new).returncode == 1
