"""The web application as servers call it."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.core.wsgi import get_wsgi_application

from huiyin.store.checkpoint import start_moving

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.django_settings")
_answer = get_wsgi_application()
start_moving()
_one = threading.Lock()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request at a time, as is fastest; event streams wait beside them.

    A stream keeps a thread of the server for a minute and does next to nothing in it.
    """
    if str(environ.get("PATH_INFO", "")).endswith("/stream"):
        return _answer(environ, start_response)
    with _one:
        return _answer(environ, start_response)
