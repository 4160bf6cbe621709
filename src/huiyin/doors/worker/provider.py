"""Calls to providers: with a time limit, no redirects, no more than is ever read."""

from __future__ import annotations

import functools
import time

import httpx

from huiyin.channels.protocol import Call, Response

MOST_BYTES = 30 * 1024 * 1024
"""A longer answer is not read to its end."""


class CannotReach(Exception):
    """The provider was not reached, broke the line or took too long.

    ``maybe`` tells that the request may have arrived all the same.
    """

    def __init__(self, told: str, *, maybe: bool) -> None:
        self.maybe = maybe
        super().__init__(told)


@functools.cache
def _client() -> httpx.Client:
    return httpx.Client(
        follow_redirects=False,
        trust_env=False,
        limits=httpx.Limits(max_connections=20, max_keepalive_connections=8, keepalive_expiry=30),
    )


def call(*, call: Call) -> Response:
    """Make one call. Raises CannotReach; what it tells holds no address and no secret."""
    until = time.monotonic() + call.timeout
    timeout = httpx.Timeout(call.timeout, connect=min(call.timeout, 5.0))
    sent = False
    try:
        with _client().stream(
            call.method, call.url, headers=dict(call.headers), content=call.body, timeout=timeout
        ) as answer:
            sent = True
            body = bytearray()
            for piece in answer.iter_bytes():
                body += piece
                if len(body) > MOST_BYTES:
                    raise CannotReach("the answer is too large", maybe=True)
                if time.monotonic() > until:
                    raise CannotReach("the answer took too long", maybe=True)
            return Response(
                status=answer.status_code,
                headers={k.lower(): v for k, v in answer.headers.items()},
                body=bytes(body),
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise CannotReach(type(error).__name__, maybe=False) from error
    except (httpx.HTTPError, httpx.InvalidURL, ValueError, UnicodeError) as error:
        maybe = sent or isinstance(error, httpx.ReadTimeout | httpx.ReadError)
        raise CannotReach(type(error).__name__, maybe=maybe) from error
