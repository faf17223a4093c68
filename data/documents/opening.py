"""Opening the document store that the settings name."""

from analytics.errors import ConfigurationError
from data.documents.protocol import DocumentStore
from data.relational.scope import Database


def open_documents(url: str, database: Database) -> DocumentStore:
    """MongoDB for a `mongodb://` address, JSON columns of the relational store for an empty one."""
    if not url:
        from data.documents.relational import RelationalDocuments

        return RelationalDocuments(database)
    if url.startswith(("mongodb://", "mongodb+srv://")):
        from data.documents.mongo import MongoDocuments

        return MongoDocuments(url)
    raise ConfigurationError(
        "GEMBA_DOCUMENTS_URL: this kind of store is unknown; use mongodb://host/database, or leave it empty."
    )
