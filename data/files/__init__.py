"""Files that people download: on the local disk, or in any store that fsspec knows."""

from data.files.store import FileStore

__all__ = ["FileStore"]
