"""A field of a table whose text is sealed on its way in and opened on its way out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models

from huiyin.store.sealed import CannotUnseal, seal, unseal

if TYPE_CHECKING:
    _Text = models.TextField[str, str]
else:
    _Text = models.TextField


class SealedField(_Text):
    """Holds a text that must not lie open in the database; it cannot be searched for.

    What another key has sealed reads as empty: a page that lists many rows still opens. The
    sealed text itself stays, and is read again when the key is back.
    """

    def get_prep_value(self, value: Any) -> Any:
        """Return the text as it is stored."""
        return seal(value=value)

    def from_db_value(self, value: str | None, *_context: Any) -> str:
        """Return the text that was stored."""
        try:
            return str(unseal(text=value or "") or "")
        except CannotUnseal:
            return ""
