"""The assistant's calls: one question at a time to the model service, never past its time."""

from __future__ import annotations

import logging
import time
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from huiyin.channels.protocol import Call
from huiyin.core.because import Reason
from huiyin.doors.worker import provider
from huiyin.doors.worker.provider import CannotReach
from huiyin.flows import assist, journey
from huiyin.partners.language_model import (
    MOST_BYTES,
    Answer,
    CannotReadAnswer,
    read_answer,
)
from huiyin.store.ledger import assistant as requests
from huiyin.store.ledger.assistant import Asked
from huiyin.store.read import assistant

log = logging.getLogger(__name__)

MARGIN = timedelta(minutes=1)
"""What a lease outlives the call, for reading the complaint and writing the answer."""


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
        came = provider.call(
            call=Call(
                method="POST",
                url=call.url,
                headers=call.headers,
                body=call.body,
                timeout=settings.HUIYIN.assistant_timeout,
            ),
            most=MOST_BYTES,
            cut=True,
        )
        found: Answer = read_answer(status=came.status, headers=came.headers, body=came.body)
    except (CannotReadAnswer, CannotReach) as error:
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


def _why(*, error: CannotReadAnswer | CannotReach) -> tuple[Reason, bool]:
    """Return what to tell of a failure, and whether another try may help."""
    if isinstance(error, CannotReadAnswer):
        return Reason(rule="assistant.answer", zh=error.zh, en=error.en), error.again
    if error.late:
        zh, en = "服务太慢，超过了等待时间", "the service took too long"
    else:
        zh, en = "连不上服务，或连接中断", "the service cannot be reached, or the line broke"
    return Reason(rule="assistant.line", zh=zh, en=en), True
