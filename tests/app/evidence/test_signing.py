"""Checkpoints go on being signed after a crash, and whatever ails one factory."""

import pytest

from app.evidence.signing import LogBroken, Signer
from app.evidence.verification import verify
from tests.conftest import make_factory


def test_a_checkpoint_that_a_crash_cut_off_never_was(gemba, signed, write, acting):
    path = gemba.settings.audit_folder / "north.checkpoints"
    whole = len(gemba.outside.checkpoints("north"))
    with path.open("ab") as file:
        file.write("gemba/north\n30\nabc \u2014".encode()[:-1])
    assert len(gemba.outside.checkpoints("north")) == whole
    write(3)
    assert Signer(gemba).round(["north"]) == 1
    assert len(gemba.outside.checkpoints("north")) == whole + 1
    assert verify(acting()).is_sound


def test_one_factorys_trouble_keeps_no_other_from_being_signed(gemba, signed, write, acting):
    south = make_factory(gemba, "south")
    access = acting("admin", south)
    with access.write() as session:
        access.audit(session, "machine.change", ("machine", 1))
    write(1)
    path = gemba.settings.audit_folder / "north.checkpoints"
    path.write_text("no note at all\n\x1e\n")
    with pytest.raises(LogBroken, match="north"):
        Signer(gemba).round(["north", "south"])
    assert len(gemba.outside.checkpoints("south")) == 1
