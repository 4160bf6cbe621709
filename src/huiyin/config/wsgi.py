"""The web application as servers call it."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from huiyin.config.bodies import CannotReadBody, most_of, read_body
from huiyin.store.checkpoint import start_moving

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huiyin.config.django_settings")
_answer = get_wsgi_application()
start_moving()
_one = threading.Lock()
_REFUSED = (
    "内容太大，或传到一半断了，没有保存。请返回，减少附件后再试。\n"
    "Too large, or broken off on the way; nothing was kept. Please go back and attach less."
)


def _settle_in() -> None:
    """Load all pages, and spare the search for garbage what stays for good.

    A search through everything that is loaded stops the server for a quarter of a second.
    """
    _loaded = get_resolver().url_patterns
    gc.collect()
    gc.freeze()


_settle_in()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request at a time, as is fastest; event streams wait beside them.

    A stream keeps a thread of the server for a minute and does next to nothing in it. What a
    client sends is read before his turn: the line of one is not waited for by all.
    """
    path = str(environ.get("PATH_INFO", ""))
    try:
        body = read_body(
            environ=environ, most=most_of(path=path, upload_mb=settings.HUIYIN.max_upload_mb)
        )
    except CannotReadBody as error:
        start_response(error.status, [("Content-Type", "text/plain; charset=utf-8")])
        return [f"{_REFUSED}\n\n{error.status}\n".encode()]
    if body is None:
        return _turn(environ, start_response, path)
    with body:
        environ["wsgi.input"] = body
        return _turn(environ, start_response, path)


def _turn(
    environ: dict[str, Any], start_response: Callable[..., Any], path: str
) -> Iterable[bytes]:
    if path.endswith("/stream"):
        return _answer(environ, start_response)
    with _one:
        return _answer(environ, start_response)
