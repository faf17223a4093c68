"""Finding documents that came from other systems; what Gemba keeps for itself is not among them."""

import math
from dataclasses import dataclass
from typing import Final

from analytics.errors import NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from data.documents.document import OWN, Document
from data.documents.protocol import DocumentStore, Search

LOGS_OF_CHANGES: Final = ("audit_logs", "audit_log", "blockchain_log")
"""Collections that end so tell who did what: they take the permission to see the audit log."""
HIGH, MEDIUM = -0.25, 0.0


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection with the number of its documents and the time of the newest, UTC microseconds."""

    name: str
    documents: int
    newest_us: int


def collections(access: Access) -> list[Collection]:
    """What was brought in, by name."""
    access.require(Permission.SEE_PLANT)
    store, slug = access.gemba.documents, access.factory.slug
    found = [_described(store, slug, name) for name in store.collections(slug) if _may_see(access, name)]
    return [one for one in found if one is not None]


def documents(access: Access, collection: str, search: Search) -> tuple[list[Document], int]:
    """One page of a collection, the newest first, and how many there are on all. NotFound."""
    access.require(Permission.SEE_PLANT)
    store, slug = access.gemba.documents, access.factory.slug
    if not _may_see(access, collection) or collection not in store.collections(slug):
        raise NotFound("There is no such collection of documents in this factory.")
    return store.find(slug, collection, search), store.count(slug, collection, search)


def severity(collection: str, document: Document) -> str:
    """How bad an isolation forest's score is, in the words of Steel Factory; empty where there is none.

    Scores are looked for where the collection's name tells of anomalies; text that is a number counts as one.
    """
    if "anomal" not in collection:
        return ""
    found = {name.casefold().replace("_", ""): value for name, value in document.body.items()}
    score = found.get("score", found.get("anomalyscore"))
    try:
        number = float(score) if isinstance(score, int | float | str) else math.nan
    except ValueError:
        return ""
    if math.isnan(number):
        return ""
    if number < HIGH:
        return "high"
    return "medium" if number < MEDIUM else "normal"


def _may_see(access: Access, name: str) -> bool:
    if name in OWN:
        return False
    return not name.endswith(LOGS_OF_CHANGES) or Permission.SEE_AUDIT in access.principal.permissions


def _described(store: DocumentStore, slug: str, name: str) -> Collection | None:
    newest = store.find(slug, name, Search(limit=1))
    return Collection(name, store.count(slug, name, Search()), newest[0].at_us) if newest else None
