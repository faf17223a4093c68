"""A file to import, from a path or from memory, and what one pass over its bytes tells."""

import codecs
import hashlib
import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Self

from analytics.errors import InvalidInput

BLOCK: Final = 1 << 20
MEGABYTE: Final = 1_000_000
_ZIP: Final = b"PK\x03\x04"
_OLD_OFFICE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Source:
    """A named stream of bytes that can be opened again and again."""

    name: str
    size: int
    open: Callable[[], BinaryIO]

    @classmethod
    def of_path(cls, path: Path) -> Self:
        """A file on disk; InvalidInput when it cannot be read."""
        try:
            size = path.stat().st_size
            with path.open("rb"):
                pass
        except OSError as error:
            raise InvalidInput.at("file", f"{path.name} cannot be read: {error.strerror}.") from error
        return cls(path.name, size, lambda: path.open("rb"))

    @classmethod
    def of_bytes(cls, name: str, content: bytes) -> Self:
        """A file that was uploaded."""
        return cls(name, len(content), lambda: io.BytesIO(content))

    def check_size(self, most_mb: int) -> None:
        """Refuse an empty file and one beyond the limit of the settings."""
        if self.size == 0:
            raise InvalidInput.at("file", f"{self.name} is empty.")
        if self.size > most_mb * MEGABYTE:
            raise InvalidInput.at(
                "file",
                f"{self.name} has {self.size / MEGABYTE:,.0f} MB, the limit is {most_mb} MB "
                "(GEMBA_IMPORT_MAX_MB). Split it, or raise the limit.",
            )

    def digest(self) -> str:
        """SHA-256 of the content."""
        found = hashlib.sha256()
        for block in self._blocks():
            found.update(block)
        return found.hexdigest()

    def is_workbook(self) -> bool:
        """Whether the bytes begin as those of an .xlsx file; an old .xls file is refused with advice."""
        with self.open() as stream:
            head = stream.read(8)
        if head.startswith(_OLD_OFFICE):
            raise InvalidInput.at(
                "file", f"{self.name} is an old Excel file (.xls): save it as .xlsx or CSV."
            )
        return head.startswith(_ZIP)

    def encoding(self) -> str:
        """The text encoding that fits the whole file: UTF-8, UTF-16 with its mark, else Windows-1252.

        A binary file is refused: a NUL byte outside UTF-16, or bytes that no encoding gives a meaning.
        """
        with self.open() as stream:
            head = stream.read(4)
        for mark, name in _MARKS:
            if head.startswith(mark):
                if self._decodes(name):
                    return name
                raise self._not_text()
        if any(b"\x00" in block for block in self._blocks()):
            raise self._not_text()
        for name in ("utf-8", "cp1252"):
            if self._decodes(name):
                return name
        raise self._not_text()

    def lines(self) -> int:
        """About how many lines there are, for showing progress."""
        return 1 + sum(block.count(b"\n") for block in self._blocks())

    def _not_text(self) -> InvalidInput:
        return InvalidInput.at(
            "file", f"{self.name} is neither a text file (CSV) nor an Excel workbook (.xlsx)."
        )

    def _decodes(self, encoding: str) -> bool:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for block in self._blocks():
                decoder.decode(block)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return False
        return True

    def _blocks(self) -> Iterator[bytes]:
        with self.open() as stream:
            while block := stream.read(BLOCK):
                yield block
