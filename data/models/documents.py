"""Documents of the default store: free-form bodies beside the columns that they are found by."""

from typing import Any

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from data.models.base import Base, BigKey, FactoryScoped, Json


class StoredDocument(FactoryScoped, Base, kw_only=True):
    """One document of a collection: its key, its time, the machine that it speaks of, and its body."""

    __tablename__ = "document"
    __table_args__ = (
        UniqueConstraint("factory_id", "collection", "key"),
        Index("ix_document_time", "factory_id", "collection", "at_us"),
        Index("ix_document_machine", "factory_id", "collection", "machine", "at_us"),
    )

    id: Mapped[int] = mapped_column(BigKey, primary_key=True, init=False)
    collection: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(120))
    at_us: Mapped[int] = mapped_column(BigInteger)
    machine: Mapped[str] = mapped_column(String(120), default="")
    body: Mapped[dict[str, Any]] = mapped_column(Json)
