"""Calls told by telephone systems, worked off: at once where they come in, else by the worker."""

from __future__ import annotations

import json
import logging

from django.utils import timezone

from huiyin.channels import calls
from huiyin.channels.inbound import CannotRead
from huiyin.core.phone import Talk
from huiyin.flows import journey, phone
from huiyin.store.ledger import signals
from huiyin.store.ledger.signals import Claimed

log = logging.getLogger(__name__)

BATCH = 100
KINDS = frozenset({"call"})


def work() -> int:
    """Work off what was told of calls, the oldest first; returns how much."""
    claimed = signals.claim(now=timezone.now(), kinds=KINDS, limit=BATCH)
    for signal in claimed:
        try:
            _take(signal)
        except (CannotRead, phone.CannotTakeCall, ValueError, TypeError) as error:
            log.warning("what was told of a call makes no sense: %s", error)
            signals.failed(signal=signal, error=str(error), final=True)
        except Exception as error:
            log.exception("signal %s failed", signal.id)
            signals.failed(signal=signal, error=f"{type(error).__name__}: {error}")
    return len(claimed)


def _take(signal: Claimed) -> None:
    data = json.loads(signal.raw)
    if not isinstance(data, dict):
        raise CannotRead(zh="通话事件不是 JSON 对象", en="not a JSON object")
    event = calls.read(data)
    now = timezone.now()
    with journey.writing(now=now, actor="system") as pen:
        if event.kind == "recorded":
            phone.recorded(
                account_id=signal.account_id, call=event.call, recording=event.recording, now=now
            )
        else:
            phone.hear(
                pen=pen,
                account_id=signal.account_id,
                call=event.call,
                told=Talk(
                    kind=event.kind,
                    at=event.at,
                    caller=event.caller,
                    callee=event.callee,
                    direction=event.direction,
                    queue=event.queue,
                ),
            )
        signals.done(ids=[signal.id])


def remind() -> int:
    """Tell who must hear it which callers wait too long."""
    with journey.writing(now=timezone.now(), actor="system") as pen:
        return phone.remind(pen=pen, limit=100)
