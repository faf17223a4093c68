"""What a process of this machine holds: memory, descriptors, threads, as Linux tells it."""

import os
import signal
import threading
import time
from dataclasses import dataclass
from multiprocessing import parent_process
from pathlib import Path

KB_PER_MB = 1_024.0
END_WITHIN_S = 20.0


@dataclass(frozen=True, slots=True)
class Held:
    """At one moment: resident memory (MB), open descriptors, threads."""

    memory_mb: float
    descriptors: int
    threads: int


def held(process: int) -> Held:
    """What the process holds now."""
    folder = Path("/proc") / str(process)
    fields = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    descriptors = sum(1 for _ in (folder / "fd").iterdir())
    return Held(int(fields["VmRSS"].split()[0]) / KB_PER_MB, descriptors, int(fields["Threads"]))


def processor_s(process: int) -> float:
    """Seconds of processor time that the process has used."""
    fields = (Path("/proc") / str(process) / "stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def end_with_parent(within_s: float = END_WITHIN_S) -> None:
    """Let this process end when the one that spawned it is gone, however that ended: killed too.

    It is asked to end first, and ends at once when it has not done so within `within_s`.
    """
    parent = parent_process()
    if parent is None:
        return

    def wait() -> None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(within_s)
        os.kill(os.getpid(), signal.SIGKILL)

    threading.Thread(target=wait, name="end-with-parent", daemon=True).start()
