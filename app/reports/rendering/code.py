"""The QR code of a report."""

import io

import segno


def code_matrix(text: str) -> tuple[tuple[int, ...], ...]:
    """The modules of the code, 1 for dark, without a border."""
    return tuple(tuple(int(one) for one in row) for row in _made(text).matrix)


def code_png(text: str) -> bytes:
    """The code as a PNG with its quiet zone."""
    stream = io.BytesIO()
    _made(text).save(stream, kind="png", scale=4, border=4)
    return stream.getvalue()


def _made(text: str) -> segno.QRCode:
    return segno.make_qr(text, error="l", boost_error=False)
