"""A MariaDB for what needs a server."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import relational


@pytest.fixture
def relational_mariadb(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of an empty MariaDB with the whole schema."""
    with relational("mariadb", request, tmp_path) as url:
        yield url
