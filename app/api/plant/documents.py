"""Documents of other systems, as they came."""

from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from app.api.caller import Caller
from app.api.errors import FOUND, LOGGED_IN, NOT_MODIFIED
from app.api.etags import TaggedRoute
from app.api.listing import Listed, WidePaging, as_page, one_page
from app.api.values import Moment, Short
from app.documents.listing import Collection, collections, documents, severity
from data.documents.document import Document
from data.documents.protocol import Search
from data.models import from_us, to_us

router = APIRouter(
    prefix="/documents",
    tags=["documents"],
    route_class=TaggedRoute,
    responses={**LOGGED_IN, **NOT_MODIFIED},
)
ANOMALY: Final[dict[str, Any]] = {
    "key": "65c9f0a2", "at": "2026-02-12T10:00:00Z", "machine": "press-1", "severity": "high",
    "body": {"score": -0.31},
}  # fmt: skip
KEPT: Final[dict[str, Any]] = {
    "name": "steel_factory_anomaly_logs", "documents": 5, "newest": "2026-02-12T10:04:00Z",
}  # fmt: skip


class CollectionShown(BaseModel):
    """A collection of documents."""

    model_config = ConfigDict(json_schema_extra={"examples": [KEPT]})
    name: str
    documents: int
    newest: datetime = Field(description="The time of the newest document.")


class DocumentShown(BaseModel):
    """A document with the body that the other system gave it."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANOMALY]})
    key: str
    at: datetime
    machine: str = Field(description="A device key; empty where the document names no machine.")
    severity: str = Field(description="high, medium or normal for an anomaly with a score, else empty.")
    body: dict[str, Any]


@router.get("", summary="List collections of documents", response_model=Listed[CollectionShown])
def list_collections(caller: Caller, page: WidePaging) -> dict[str, Any]:
    """What other systems logged; logs of changes only with the permission to see the audit log."""
    keys = {"name": lambda one: one.name, "newest": lambda one: one.newest_us}
    return one_page(collections(caller), page, keys, "name", _collection)


@router.get("/{collection}", summary="List documents", response_model=Listed[DocumentShown], responses=FOUND)
def list_documents(
    caller: Caller,
    page: WidePaging,
    collection: Annotated[Short, Path()],
    machine: Annotated[Short, Query(description="Only of this device key.")] = "",
    start: Annotated[Moment | None, Query(description="Only documents at or after this.")] = None,
    end: Annotated[Moment | None, Query(description="Only documents before this.")] = None,
) -> dict[str, Any]:
    """The documents of a collection, the newest first."""
    page.order(("at",), "-at")
    search = Search(
        to_us(start) if start else None, to_us(end) if end else None, machine or None,
        limit=page.per_page, offset=page.start,
    )  # fmt: skip
    found, total = documents(caller, collection, search)
    return as_page([_document(collection, one) for one in found], total, page)


def _collection(one: Collection) -> dict[str, Any]:
    return {"name": one.name, "documents": one.documents, "newest": from_us(one.newest_us)}


def _document(collection: str, one: Document) -> dict[str, Any]:
    return {
        "key": one.key, "at": from_us(one.at_us), "machine": one.machine,
        "severity": severity(collection, one), "body": one.body,
    }  # fmt: skip
