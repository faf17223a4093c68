"""What leaves the house can be checked without Gemba, and a change of any byte is found."""

import base64
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from analytics.errors import Conflict, Forbidden, NotFound
from app.audit.merkle import is_included, leaf_hash
from app.audit.notes import opened
from app.evidence import standalone
from app.evidence.export import export, proof


@pytest.fixture
def bundle(acting, signed, tmp_path):
    path = tmp_path / "north.zip"
    assert export(acting(), path) == 30
    return path


def checked(bundle, key, tmp_path):
    """Run the bundle's own verifier in a Python that knows nothing of Gemba."""
    alone = tmp_path / "elsewhere"
    alone.mkdir(exist_ok=True)
    with zipfile.ZipFile(bundle) as packed:
        packed.extract("verify_audit.py", alone)
    return subprocess.run(
        [sys.executable, "-I", "-S", "verify_audit.py", str(bundle), key],
        cwd=alone, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def changed(bundle, name, change):
    """The bundle with one file changed."""
    with zipfile.ZipFile(bundle) as packed:
        files = {each: packed.read(each) for each in packed.namelist()}
    files[name] = change(files[name])
    with zipfile.ZipFile(bundle, "w") as packed:
        for each, content in files.items():
            packed.writestr(each, content)


def test_the_bundle_is_found_sound_by_its_own_verifier(bundle, gemba, tmp_path):
    done = checked(bundle, gemba.outside.verifier(), tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert "25 entries are signed in 2 checkpoints, 5 later ones are not signed yet" in done.stdout


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("entries.jsonl", lambda raw: raw.replace(b'"speed":3', b'"speed":4', 1), "entries 0 to 9"),
        ("entries.jsonl", lambda raw: b"".join(raw.splitlines(True)[:20]), "entry 20"),
        ("entries.jsonl", lambda raw: b"".join(raw.splitlines(True)[1:]), "entry 0 is missing"),
        ("checkpoints.json", lambda raw: raw.replace(b"\\n25\\n", b"\\n24\\n"), "not signed by this key"),
        ("checkpoints.json", lambda raw: b"[]", "nothing is proven"),
    ],
)
def test_a_changed_bundle_is_not(bundle, gemba, tmp_path, name, change, said):
    changed(bundle, name, change)
    done = checked(bundle, gemba.outside.verifier(), tmp_path)
    assert done.returncode == 1
    assert said in done.stdout


def test_another_key_is_not_the_signer(bundle, gemba, tmp_path):
    other = gemba.settings.home / "other"
    from app.audit.outside import OutsideLog

    assert checked(bundle, OutsideLog(other, "gemba").verifier(), tmp_path).returncode == 1
    assert checked(bundle, "nonsense", tmp_path).returncode == 2


def test_the_verifier_is_short_and_needs_only_the_standard_library():
    lines = Path(standalone.__file__).read_text("utf-8").splitlines()
    assert len(lines) < 300
    imports = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imports <= set(sys.stdlib_module_names)


@given(st.binary(max_size=200), st.integers(0, 255), st.integers(0, 63))
def test_its_signature_check_agrees_with_the_library(message, bit, place):
    key = Ed25519PrivateKey.generate()
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert standalone.is_signed(public, message, signature)
    wrong = bytearray(signature)
    wrong[place] ^= 1 << (bit % 8)
    assert not standalone.is_signed(public, message, bytes(wrong))
    assert not standalone.is_signed(public, message + b"x", signature)


def test_the_proof_of_an_entry_holds_and_is_short(acting, signed):
    found = proof(acting(), 17)
    checkpoint = opened(found["checkpoint"], found["key"])
    path = [base64.b64decode(step) for step in found["path"]]
    leaf = leaf_hash(found["entry"].encode())
    assert is_included(leaf, 17, checkpoint.size, path, checkpoint.root)
    assert len(json.dumps(found["path"])) < 1_000


def test_there_is_no_proof_of_what_is_not_there_or_not_signed(acting, signed):
    with pytest.raises(NotFound):
        proof(acting(), 99)
    with pytest.raises(Conflict):
        proof(acting(), 29)
    with pytest.raises(Forbidden):
        proof(acting("viewer"), 1)
