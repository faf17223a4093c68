"""Whole files by their path: put, read, remove; in a folder, or in a store such as S3 by its URL."""

from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any, Final

from analytics.errors import InvalidInput, NotFound, StoreUnavailable

LOCAL: Final = "file"
PART: Final = ".part"


class FileStore:
    """A place for files. Errors of its driver come out as StoreUnavailable."""

    def __init__(self, url: str, options: Mapping[str, Any]) -> None:
        """`url` is a folder or an fsspec URL (s3://bucket/folder); `options` go to its driver."""
        from fsspec.core import url_to_fs

        try:
            self._files, self._root = url_to_fs(url, **{**_usual(url), **options})
        except (ImportError, ValueError, TypeError) as error:
            raise StoreUnavailable(f"The store of files cannot be opened: {error}") from error

    def put(self, path: str, body: bytes) -> None:
        """Keep a file; one that is there is replaced. On a disk nobody ever sees half of it."""
        whole = self._whole(path)
        try:
            if self._is_local:
                self._files.makedirs(str(PurePosixPath(whole).parent), exist_ok=True)
                self._files.pipe_file(f"{whole}{PART}", body)
                self._files.mv(f"{whole}{PART}", whole)
            else:
                self._files.pipe_file(whole, body)
        except Exception as error:
            raise _away(error) from error

    def read(self, path: str) -> bytes:
        """The file; NotFound where there is none."""
        try:
            return bytes(self._files.cat_file(self._whole(path)))
        except FileNotFoundError as error:
            raise NotFound("The file is no longer kept.") from error
        except Exception as error:
            raise _away(error) from error

    def paths(self) -> list[str]:
        """Every file of the store, sorted; those that are only half written are left out."""
        root = f"{self._root.rstrip('/')}/"
        try:
            self._files.invalidate_cache()
            found = self._files.find(self._root)
        except FileNotFoundError:
            return []
        except Exception as error:
            raise _away(error) from error
        return sorted(one.removeprefix(root) for one in found if not one.endswith(PART))

    def has(self, path: str) -> bool:
        """Whether there is such a file."""
        try:
            return bool(self._files.exists(self._whole(path)))
        except Exception as error:
            raise _away(error) from error

    def remove(self, path: str) -> None:
        """Forget a file; one that is gone already is no error."""
        try:
            self._files.rm_file(self._whole(path))
        except FileNotFoundError:
            return
        except Exception as error:
            raise _away(error) from error

    def link(self, path: str, lasts_s: int) -> str:
        """An address that the store itself has signed; empty where it cannot (a disk)."""
        if self._is_local:
            return ""
        try:
            return str(self._files.sign(self._whole(path), expiration=lasts_s))
        except NotImplementedError:
            return ""
        except Exception as error:
            raise _away(error) from error

    @property
    def _is_local(self) -> bool:
        return LOCAL in (self._files.protocol if isinstance(self._files.protocol, tuple) else ())

    def _whole(self, path: str) -> str:
        parts = PurePosixPath(path).parts
        if not parts or ".." in parts or path.startswith("/"):
            raise InvalidInput.at("path", "A path of a file stays inside its store.")
        return f"{self._root.rstrip('/')}/{path}"


def _usual(url: str) -> dict[str, Any]:
    """S3 addresses are signed by version 4, which every region takes."""
    return {"config_kwargs": {"signature_version": "s3v4"}} if url.startswith("s3://") else {}


def _away(error: Exception) -> StoreUnavailable:
    return StoreUnavailable(f"The store of files does not answer: {type(error).__name__}: {error}"[:300])
