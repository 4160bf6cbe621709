"""A field of a table whose text is sealed on its way in and opened on its way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from django.db import models

from huiyin.store.sealed import CannotUnseal, is_sealed, seal, unseal

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


_as_stored: ContextVar[str | None] = ContextVar("_as_stored", default=None)


@contextmanager
def as_stored(*, secret: str = "") -> Iterator[None]:
    """Let sealed fields be read and written as they lie in the database while the block runs.

    What is still open is sealed with ``secret``, this installation's key without it.
    """
    before = _as_stored.set(secret)
    try:
        yield
    finally:
        _as_stored.reset(before)


class Unread(str):
    """The empty text that stands for one sealed with another key."""

    __slots__ = ()


class SealedField(_Text):
    """Holds a text that must not lie open in the database; it cannot be searched for.

    What another key has sealed reads as an empty :class:`Unread`: a page that lists many rows
    still opens. The sealed text itself stays, and is read again when the key is back.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the text as it is stored."""
        secret = _as_stored.get()
        if secret is None:
            return seal(value=value)
        return value if is_sealed(text=str(value)) else seal(value=value, secret=secret)

    def from_db_value(self, value: str | None, *_context: Any) -> str:
        """Return the text that was stored."""
        if _as_stored.get() is not None:
            return value or ""
        try:
            return str(unseal(text=value or "") or "")
        except CannotUnseal:
            return Unread()
