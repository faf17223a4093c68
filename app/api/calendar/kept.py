"""Objects of the calendar with versions: the answer with its ETag, and what a change is based on."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from fastapi import Request

from app.api.etags import mark_version, require_version
from app.auth.permissions import Permission
from app.bootstrap import Access


class Versioned(Protocol):
    """What is stored with a version."""

    @property
    def version(self) -> int:
        """It grows with each change."""


Stored = TypeVar("Stored", bound=Versioned)


@dataclass(frozen=True, slots=True)
class Kept(Generic[Stored]):
    """Objects of one kind: how one is found, and how it is shown."""

    find: Callable[[Access, int], Stored]
    shown: Callable[[Stored], dict[str, Any]]

    def answer(self, access: Access, number: int, request: Request) -> dict[str, Any]:
        """One as it is stored, with the ETag that a change needs; NotFound."""
        stored = self.find(access, number)
        mark_version(request, stored.version)
        return self.shown(stored)

    def based_on(self, access: Access, number: int, version: int) -> Stored:
        """The one to change or delete. PermissionDenied, NotFound, VersionChanged."""
        access.require(Permission.MANAGE_MACHINES)
        stored = self.find(access, number)
        require_version(version, stored.version)
        return stored
