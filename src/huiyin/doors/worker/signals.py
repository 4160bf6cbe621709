"""Signals worked off: delivery reports, people who left, things to fetch, and what rooms take."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from huiyin.core.parcel.track import Track
from huiyin.core.remedy.transfer import Told
from huiyin.doors.worker import pull
from huiyin.flows import journey, pass_on, trace, transfer
from huiyin.store.ledger import jobs, outbox, reaches, signals
from huiyin.store.ledger.signals import Claimed

log = logging.getLogger(__name__)

BATCH = 100
KEEP = timedelta(days=30)
HOUR = timedelta(hours=1)


class CannotWork(ValueError):
    """A signal that will never make sense."""


class NotYet(Exception):
    """A signal that may make sense in a while."""


def _delivery(signal: Claimed, data: Mapping[str, Any]) -> None:
    found = outbox.delivered(
        reference=str(data["reference"]),
        channel=signal.channel,
        now=timezone.now(),
        ok=data["state"] == "delivered",
        told=str(data.get("told", "")),
    )
    # a report may overtake the note that its message went out; others are not about ours
    if not found and signal.attempts < 3:
        raise NotYet
    if data["state"] != "delivered":
        _pass_on(reference=str(data["reference"]), signal=signal, told=str(data.get("told", "")))


def _pass_on(*, reference: str, signal: Claimed, told: str) -> None:
    """Let the next channel carry what did not arrive, or keep it as a dead letter."""
    for parcel in outbox.returned(reference=reference, channel=signal.channel):
        with journey.writing(now=timezone.now(), actor="system") as pen:
            pass_on.come_back(pen=pen, parcel=parcel, told=told)


def _left(signal: Claimed, data: Mapping[str, Any]) -> None:
    address = str(data["address"])
    if data.get("back"):
        reaches.back(channel=signal.channel, address=address)
    else:
        reaches.left(
            channel=signal.channel,
            address=address,
            now=timezone.now(),
            why=str(data.get("told") or "本人退订"),
        )


def _pull(signal: Claimed, data: Mapping[str, Any]) -> None:
    pull.fetch(account_id=signal.account_id, hint=data)


def _track(signal: Claimed, data: Mapping[str, Any]) -> None:
    track = Track.from_json(data=dict(data))
    with journey.writing(now=timezone.now(), actor="system") as pen:
        trace.learn(pen=pen, told=[track], by=signal.channel)


def _payout(signal: Claimed, data: Mapping[str, Any]) -> None:
    told = Told(
        state=data["state"],
        reference=str(data.get("reference", "")),
        amount=data.get("amount"),
        zh=str(data.get("zh", "")),
        en=str(data.get("en", "")),
    )
    with journey.writing(now=timezone.now(), actor="system") as pen:
        number, account = str(data["number"]), signal.account_id or 0
        if not transfer.report(pen=pen, number=number, account_id=account, told=told):
            raise CannotWork("no such payout went out by this account")


def _other(signal: Claimed, data: Mapping[str, Any]) -> None:
    """Nobody's business: kept until it is swept."""


INSIDE: Final[dict[str, Callable[[Claimed, Mapping[str, Any]], None]]] = {
    "delivery": _delivery,
    "left": _left,
    "other": _other,
    "payout": _payout,
    "track": _track,
}
"""Kinds that only write: each in a transaction with its being done."""
OUTSIDE: Final[dict[str, Callable[[Claimed, Mapping[str, Any]], None]]] = {"pull": _pull}
"""Kinds that make calls."""


def work() -> int:
    """Work signals that only write; returns how many."""
    return _work(kinds=INSIDE, within=True)


def reach_out() -> int:
    """Work signals that lead to calls; returns how many."""
    return _work(kinds=OUTSIDE, within=False)


def _work(
    *, kinds: Mapping[str, Callable[[Claimed, Mapping[str, Any]], None]], within: bool
) -> int:
    claimed = signals.claim(now=timezone.now(), kinds=frozenset(kinds), limit=BATCH)
    for signal in claimed:
        try:
            data = json.loads(signal.raw or b"{}")
            if not isinstance(data, dict):
                raise CannotWork("not a JSON object")
            if within:
                with transaction.atomic():
                    kinds[signal.kind](signal, data)
                    signals.done(ids=[signal.id])
            else:
                kinds[signal.kind](signal, data)
                signals.done(ids=[signal.id])
        except NotYet:
            signals.failed(signal=signal, error="")
        except (CannotWork, KeyError, ValueError, TypeError) as error:
            log.warning("signal %s makes no sense", signal.id, exc_info=error)
            signals.failed(signal=signal, error=f"{type(error).__name__}: {error}", final=True)
        except Exception as error:
            log.exception("signal %s failed", signal.id)
            signals.failed(signal=signal, error=f"{type(error).__name__}: {error}")
    return len(claimed)


def forget() -> int:
    """Forget signals that were worked long ago; once an hour, as it reads all that are kept."""
    now = timezone.now()
    if not jobs.claim(name="signals", now=now, every=HOUR, lease=HOUR):
        return 0
    gone = 0
    while few := signals.sweep(before=now - KEEP):
        gone += few
    jobs.worked(name="signals", now=timezone.now(), remember={})
    return gone
