"""The Plotly script that charts load from our own server: its path, bytes and entity tag.

The server mounts one route at `PLOTLY_PATH`; the version in the path makes the answer cacheable for ever.
"""

import gzip
import hashlib
from functools import cache
from typing import Final

import plotly

PLOTLY_PATH: Final = f"/assets/plotly-{plotly.__version__}.min.js"
PLOTLY_HEADERS: Final = {
    "Content-Type": "text/javascript; charset=utf-8",
    "Cache-Control": "public, max-age=31536000, immutable",
    "Vary": "Accept-Encoding",
}


@cache
def plotly_bundle() -> bytes:
    """The whole script (about 4.8 MB), read once a process."""
    from plotly.offline import get_plotlyjs

    return str(get_plotlyjs()).encode()


@cache
def plotly_bundle_gzip() -> bytes:
    """The same script compressed (about 1.4 MB), for clients that send `Accept-Encoding: gzip`."""
    return gzip.compress(plotly_bundle(), compresslevel=6, mtime=0)


@cache
def plotly_etag() -> str:
    """The strong entity tag of the script, quoted as HTTP wants it."""
    return f'"{hashlib.sha256(plotly_bundle()).hexdigest()[:32]}"'
