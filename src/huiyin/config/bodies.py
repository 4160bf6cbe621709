"""Reading what a client sends before his turn comes: a slow line keeps nobody else waiting."""

from __future__ import annotations

import io
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final

MB: Final = 1024 * 1024
WAITING: Final = 32
"""Threads of a web process for clients whose words are still on the way."""
_PIECE: Final = 64 * 1024
_IN_MEMORY: Final = MB
_ROOM: Final = 100 * MB
"""What may come beyond the files that are allowed: it is refused on the form, with words."""
_OLD_COMPLAINTS: Final = 512 * MB
"""Staff hand in the complaints of many years as one file."""


class CannotReadBody(ValueError):
    """It is too long, or the line broke off; ``status`` is the answer."""

    def __init__(self, status: str) -> None:
        self.status = status
        super().__init__(status)


def most_of(*, path: str, upload_mb: int) -> int:
    """Return how many bytes may be sent to an address."""
    own = upload_mb * MB + _ROOM
    return max(own, _OLD_COMPLAINTS) if path.startswith("/desk/") else own


def read_body(*, environ: dict[str, Any], most: int) -> IO[bytes] | None:
    """Read all that was announced, to be read again; None where nothing was.

    Raises CannotReadBody.
    """
    announced = str(environ.get("CONTENT_LENGTH") or "")
    length = int(announced) if announced.isdecimal() and len(announced) < 19 else 0
    if not length:
        return None
    if length > most:
        raise CannotReadBody("413 Content Too Large")
    source = environ["wsgi.input"]
    if length <= _PIECE:
        words = source.read(length)
        _whole(got=len(words), length=length)
        return io.BytesIO(words)
    kept = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 -- closed by the request
    got = 0
    while got < length and (piece := source.read(min(_PIECE, length - got))):
        kept.write(piece)
        got += len(piece)
    try:
        _whole(got=got, length=length)
    except CannotReadBody:
        kept.close()
        raise
    kept.seek(0)
    return kept


def _whole(*, got: int, length: int) -> None:
    if got < length:
        raise CannotReadBody("400 Bad Request")
