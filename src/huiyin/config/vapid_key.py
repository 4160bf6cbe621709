"""The key by which push services know this installation: made once and kept in a file."""

from __future__ import annotations

from huiyin.config.secret_key import keep_once
from huiyin.config.settings_table import CannotStart, Settings

FILE_NAME = "vapid_key"


def vapid_key(*, settings: Settings) -> str:
    """Return the private key (P-256, PEM; RFC 8292); make it where there is none yet.

    With another key every telephone would have to ask again. Raises CannotStart when the file can
    be neither read nor written, or holds no key.
    """
    path = settings.data / FILE_NAME
    try:
        if not path.exists():
            keep_once(path=path, text=_made())
        key = path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise CannotStart(
            problems=(f"HUIYIN_DATA: cannot keep the key {path}: {error}",)
        ) from error
    if "PRIVATE KEY" not in key:
        raise CannotStart(problems=(f"{path} holds no key: delete it and one is made",))
    return key


def _made() -> str:
    # needed once in the life of an installation, and slow to import
    from py_vapid import Vapid02

    made = Vapid02()
    made.generate_keys()
    return str(made.private_pem().decode("ascii"))
