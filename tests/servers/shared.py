"""What all browser tests of a process share: it ends with the last of them.

Playwright keeps an event loop in the main thread while it runs, and what a test starts there with
`asyncio.run` would fail; a demo plant that goes on costs the other tests a fifth of a core.
"""

from contextlib import ExitStack
from typing import Final

FOR_BROWSERS: Final = ExitStack()
