"""Calls to providers: with a time limit, no redirects, no more than is ever read."""

from __future__ import annotations

import contextlib
import functools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import httpx

from huiyin.channels.protocol import Call, Response

MOST_BYTES = 30 * 1024 * 1024
"""A longer answer is not read to its end."""
_TRACED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class CannotReach(Exception):
    """The provider was not reached, broke the line or took too long.

    ``maybe`` tells that the request may have arrived all the same, ``late`` that time ran out.
    """

    def __init__(self, told: str, *, maybe: bool, late: bool = False) -> None:
        self.maybe = maybe
        self.late = late
        super().__init__(told)


def _made() -> httpx.Client:
    """Redirects are not followed, and the environment's proxies and logins are not used."""
    return httpx.Client(
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=8, keepalive_expiry=30),
    )


_client = functools.cache(_made)


def call(*, call: Call, most: int = MOST_BYTES, cut: bool = False) -> Response:
    """Make one call. Raises CannotReach; what it tells holds no address and no secret.

    ``most`` bytes of the answer are read at least, what is beyond is not. ``cut``: over a line of
    its own, which is cut when the time is over, also where single bytes keep it alive.
    """
    until = time.monotonic() + call.timeout
    timeout = httpx.Timeout(call.timeout, connect=min(call.timeout, 5.0))
    sent = False
    with contextlib.ExitStack() as held:
        client = held.enter_context(_made()) if cut else _client()
        seen = {"trace": held.enter_context(_cut_off(after=call.timeout))} if cut else {}
        try:
            with client.stream(
                call.method, call.url, headers=dict(call.headers), content=call.body,
                timeout=timeout, extensions=seen,
            ) as answer:  # fmt: skip
                sent = True
                return Response(
                    status=answer.status_code,
                    headers={k.lower(): v for k, v in answer.headers.items()},
                    body=_read(
                        # what is packed is not unpacked where the reader is to judge it
                        answer.iter_raw() if cut else answer.iter_bytes(),
                        most=most,
                        until=until,
                    ),
                )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            late = isinstance(error, httpx.TimeoutException)
            raise CannotReach(type(error).__name__, maybe=False, late=late) from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError, UnicodeError) as error:
            maybe = sent or isinstance(error, httpx.ReadTimeout | httpx.ReadError)
            late = isinstance(error, httpx.TimeoutException) or time.monotonic() >= until
            raise CannotReach(type(error).__name__, maybe=maybe, late=late) from error


def _read(pieces: Iterable[bytes], *, most: int, until: float) -> bytes:
    body = bytearray()
    for piece in pieces:
        body += piece
        if time.monotonic() > until:
            raise CannotReach("the answer took too long", maybe=True, late=True)
        if len(body) > most:
            break
    if len(body) > MOST_BYTES:
        raise CannotReach("the answer is too large", maybe=True)
    if time.monotonic() > until:
        raise CannotReach("the answer took too long", maybe=True, late=True)
    return bytes(body)


@contextlib.contextmanager
def _cut_off(*, after: float) -> Iterator[Callable[[str, dict[str, Any]], None]]:
    """Shut the connection after some seconds, also where single bytes keep it alive.

    Yields what the client must call with its events, from which the connection is learnt.
    """
    lines: list[socket.socket] = []
    over = threading.Event()

    def learn(event: str, told: dict[str, Any]) -> None:
        if event in _TRACED:
            line = told["return_value"].get_extra_info("socket")
            lines.append(socket.socket(fileno=os.dup(line.fileno())))
            if over.is_set():
                shut()

    def shut() -> None:
        over.set()
        for line in lines:
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(after, shut)
    timer.daemon = True
    timer.start()
    try:
        yield learn
    finally:
        timer.cancel()
        timer.join()
        for line in lines:
            line.close()
