"""Sealing: what must be read again but never lie open in the database or in a backup of it."""

from __future__ import annotations

import base64
import functools
import json
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

_SHORTEST: Final = 100
"""Characters of the sealed text of one byte."""


class CannotUnseal(ValueError):
    """The seal was made with another key: the installation's secret key has changed."""


@functools.cache
def _box(secret: str) -> Fernet:
    key = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"huiyin.sealed").derive(
        secret.encode()
    )
    return Fernet(base64.urlsafe_b64encode(key))


def seal(*, value: Any, secret: str = "") -> str:
    """Return a value of JSON as a sealed text; nothing for an empty one.

    ``secret`` is another installation's key; this one's without it.
    """
    if not value:
        return ""
    plain = json.dumps(value, ensure_ascii=False).encode()
    return _box(secret or settings.SECRET_KEY).encrypt(plain).decode("ascii")


def is_sealed(*, text: str) -> bool:
    """Tell whether a text has the form of a sealed one (Fernet's version byte begins it)."""
    return text.startswith("gAAAA") and len(text) >= _SHORTEST


def unseal(*, text: str, secret: str = "") -> Any:
    """Return what was sealed, None for an empty text. Raises CannotUnseal."""
    if not text:
        return None
    try:
        return json.loads(_box(secret or settings.SECRET_KEY).decrypt(text.encode("ascii")))
    except (InvalidToken, ValueError) as error:
        raise CannotUnseal("sealed with another secret key") from error
