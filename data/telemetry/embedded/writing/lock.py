"""One writing process per folder, guarded by a lock that the kernel lets go when the process dies."""

import fcntl
import os
from pathlib import Path

from analytics.errors import StoreUnavailable


class WriterLock:
    """Holds `writer.lock` in a folder from creation to `release`."""

    def __init__(self, folder: Path) -> None:
        self._descriptor = os.open(folder / "writer.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            holder = os.pread(self._descriptor, 20, 0).decode("ascii", "replace").strip()
            os.close(self._descriptor)
            raise StoreUnavailable(
                f"Process {holder or 'unknown'} writes the telemetry in {folder} already. "
                "Stop it, or open the store read-only."
            ) from error
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, str(os.getpid()).encode("ascii"), 0)

    def release(self) -> None:
        """Let the next writer in."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
