"""Where reports lie, and the logo that stands on them."""

import io
from hashlib import sha256
from typing import Final

from analytics.errors import InvalidInput, NotFound
from app.auth.permissions import Permission
from app.bootstrap import Access
from app.settings import Settings
from data.files import FileStore

LOGO_BYTES: Final = 1_000_000
LOGO_PIXELS: Final = 4_000


def shelf(settings: Settings) -> FileStore:
    """The store of files that the settings name."""
    return FileStore(settings.reports_folder, settings.reports_options)


def logo(access: Access) -> bytes:
    """The factory's logo as a PNG, empty where it has none."""
    access.require(Permission.SEE_PLANT)
    try:
        return shelf(access.gemba.settings).read(_path(access))
    except NotFound:
        return b""


def save_logo(access: Access, file: bytes) -> None:
    """Keep a PNG as the logo; it is decoded and written anew. InvalidInput for anything else."""
    access.require(Permission.MANAGE_MACHINES)
    clean = _checked(file)
    with access.write() as session:
        after = {"digest": sha256(clean).hexdigest(), "size_bytes": len(clean)}
        access.audit(session, "logo.change", ("factory", access.factory.slug), after=after)
        shelf(access.gemba.settings).put(_path(access), clean)


def remove_logo(access: Access) -> None:
    """Forget the logo."""
    access.require(Permission.MANAGE_MACHINES)
    before = {"digest": sha256(logo(access)).hexdigest()}
    with access.write() as session:
        access.audit(session, "logo.remove", ("factory", access.factory.slug), before=before)
        shelf(access.gemba.settings).remove(_path(access))


def _path(access: Access) -> str:
    return f"{access.factory.slug}/logo.png"


def _checked(file: bytes) -> bytes:
    from PIL import Image, UnidentifiedImageError

    if len(file) > LOGO_BYTES:
        raise InvalidInput.at("logo", "A logo has at most 1 MB.")
    try:
        with Image.open(io.BytesIO(file), formats=("PNG",)) as image:
            if max(image.size) > LOGO_PIXELS:
                raise InvalidInput.at("logo", f"A logo has at most {LOGO_PIXELS:,} pixels on a side.")
            stream = io.BytesIO()
            image.convert("RGBA").save(stream, "PNG")
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise InvalidInput.at("logo", "This is no PNG image that can be read.") from error
    return stream.getvalue()
