"""Documents of factories: the interface, and the engines behind it."""

from data.documents.document import Document
from data.documents.opening import open_documents
from data.documents.protocol import DocumentHealth, DocumentStore, Search

__all__ = ["Document", "DocumentHealth", "DocumentStore", "Search", "open_documents"]
