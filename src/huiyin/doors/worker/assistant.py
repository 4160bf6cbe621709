"""The assistant's calls: one question at a time to the model service, never past its time."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from django.conf import settings
from django.utils import timezone

from huiyin.core.because import Reason
from huiyin.flows import assist, journey
from huiyin.partners.language_model import (
    MOST_BYTES,
    Answer,
    Call,
    CannotReadAnswer,
    read_answer,
)
from huiyin.store.ledger import assistant as requests
from huiyin.store.ledger.assistant import Asked
from huiyin.store.read import assistant

log = logging.getLogger(__name__)

MARGIN = timedelta(minutes=1)
"""What a lease outlives the call, for reading the complaint and writing the answer."""
_TRACED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class _CannotReach(Exception):
    """The line to the service was not made, broke, or took too long; ``late`` when the latter."""

    def __init__(self, told: str, *, late: bool) -> None:
        self.late = late
        super().__init__(told)


@dataclass(frozen=True, slots=True)
class _Came:
    """A service's answer as it came, no more than is ever read."""

    status: int
    headers: dict[str, str]
    body: bytes


def answer() -> int:
    """Ask the service what waits longest; returns 1 when there was something to ask.

    One question at a time, so that a burst of clicks never floods the service. A question that
    fails is asked again a little later, a few times.
    """
    if not assistant.switched_on():
        return 0
    lease = timedelta(seconds=settings.HUIYIN.assistant_timeout) + MARGIN
    asked = requests.claim(now=timezone.now(), lease=lease)
    if asked is None:
        return 0
    if assistant.exhausted(now=timezone.now()):
        _give_up(
            asked=asked,
            because=Reason(
                rule="assistant.used_up",
                zh="今天的助手用量已用完",
                en="today's use of the assistant is used up",
            ),
        )
        return 1
    _ask(asked=asked)
    return 1


def _ask(*, asked: Asked) -> None:
    question = assist.question(asked=asked)
    call = assist.call(asked_for=question)
    began = time.monotonic()
    try:
        came = _post(call=call, seconds=settings.HUIYIN.assistant_timeout)
        found: Answer = read_answer(status=came.status, headers=came.headers, body=came.body)
    except (CannotReadAnswer, _CannotReach) as error:
        because, again = _why(error=error)
        ms = _since(began)
        log.warning("the assistant's service: %s", because.en)
        if again and not asked.last_try:
            requests.wait(asked=asked, now=timezone.now(), because=because, ms=ms)
        else:
            _give_up(asked=asked, because=because, digest=question.digest, ms=ms)
        return
    ms = _since(began)
    with journey.writing(now=timezone.now(), actor="system") as pen:
        state = assist.keep(pen=pen, asked=asked, asked_for=question, answer=found, ms=ms)
    if state == "refused":
        log.warning("an answer of the assistant was refused")


def _since(began: float) -> int:
    return int((time.monotonic() - began) * 1000)


def _give_up(*, asked: Asked, because: Reason, digest: str = "", ms: int = 0) -> None:
    with journey.writing(now=timezone.now(), actor="system") as pen:
        assist.give_up(pen=pen, asked=asked, because=because, digest=digest, ms=ms)


def _why(*, error: CannotReadAnswer | _CannotReach) -> tuple[Reason, bool]:
    """Return what to tell of a failure, and whether another try may help."""
    if isinstance(error, CannotReadAnswer):
        return Reason(rule="assistant.answer", zh=error.zh, en=error.en), error.again
    if error.late:
        zh, en = "服务太慢，超过了等待时间", "the service took too long"
    else:
        zh, en = "连不上服务，或连接中断", "the service cannot be reached, or the line broke"
    return Reason(rule="assistant.line", zh=zh, en=en), True


def _post(*, call: Call, seconds: float) -> _Came:
    """Make a call; what takes longer than ``seconds`` in all is cut off. Raises _CannotReach.

    Redirects are not followed, and the environment's proxies and logins are not used: key and
    question go to the address that is set up and nowhere else.
    """
    began = time.monotonic()
    try:
        with (
            _cut_off(after=seconds) as seen,
            httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False) as client,
            client.stream(
                "POST",
                call.url,
                headers=dict(call.headers),
                content=call.body,
                extensions={"trace": seen},
            ) as reply,
        ):
            body = bytearray()
            for piece in reply.iter_raw():
                body += piece
                if len(body) > MOST_BYTES:
                    break
            if time.monotonic() - began >= seconds:
                raise TimeoutError
            return _Came(
                status=reply.status_code,
                headers={k.lower(): v for k, v in reply.headers.items()},
                body=bytes(body),
            )
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, OSError, ValueError) as error:
        late = isinstance(error, httpx.TimeoutException) or time.monotonic() - began >= seconds
        raise _CannotReach(type(error).__name__, late=late) from error


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
