"""Loading files beside the page that started it: watched, stopped, and finished even when nobody looks."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event

from app.bootstrap import Access
from app.imports.layout.mapping import Mapping
from app.imports.reading.source import Source
from app.imports.runs import ImportCancelledError, Summary, execute

Task = tuple[Source, Mapping]


class Running:
    """Loads files one after another in a thread of its own."""

    def __init__(self, access: Access, tasks: Sequence[Task]) -> None:
        self._access, self._tasks = access, tuple(tasks)
        self._stop = Event()
        self.share, self.stage = 0.0, ""
        self.summaries: list[Summary] = []
        pool = ThreadPoolExecutor(1, thread_name_prefix="import")
        self._future: Future[None] = pool.submit(self._run)
        pool.shutdown(wait=False)

    @property
    def done(self) -> bool:
        """Whether it has ended, in whichever way."""
        return self._future.done()

    @property
    def error(self) -> BaseException | None:
        """What ended it early; call it when it is done."""
        return self._future.exception()

    def cancel(self) -> None:
        """Stop after the portion that is being stored; what is stored stays."""
        self._stop.set()

    def wait(self, timeout_s: float) -> None:
        """Wait for the end; raises what ended it early."""
        self._future.result(timeout_s)

    def _run(self) -> None:
        for place, (source, mapping) in enumerate(self._tasks):
            self.summaries.append(execute(self._access, source, mapping, self._watch(place, source.name)))

    def _watch(self, place: int, name: str) -> Callable[[float, str], None]:
        def watch(share: float, stage: str) -> None:
            self.share = (place + share) / len(self._tasks)
            self.stage = f"{name}: {stage.lower()}"
            if share < 1 and (self._stop.is_set() or self._access.gemba.closing.is_set()):
                raise ImportCancelledError(
                    f"The import of {name} was stopped. What is loaded stays; importing the file again "
                    "completes it."
                )

        return watch
