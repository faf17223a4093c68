"""A small factory with a log of some entries, signed in the middle."""

import pytest

from app.evidence.signing import Signer


@pytest.fixture
def write(acting):
    """Write entries through the services' own door."""

    def wrote(number: int, name: str = "machine") -> None:
        access = acting()
        with access.write() as session:
            for i in range(number):
                access.audit(session, "machine.change", (name, i), {"speed": i}, {"speed": i + 1})

    return wrote


@pytest.fixture
def signed(gemba, write):
    """Thirty entries, checkpoints over 10 and 25 of them, five not yet signed."""
    signer = Signer(gemba)
    for number, signs in ((10, True), (15, True), (5, False)):
        write(number)
        if signs:
            assert signer.round(["north"]) == 1
    return signer
