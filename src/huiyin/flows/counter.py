"""Counter: a contact of the kiosk draws a number; people at the desk call it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from huiyin.core.access import Actor, may
from huiyin.core.counter import following, step
from huiyin.store.ledger import counters as ledger
from huiyin.store.ledger.inbox import Accepted, Arrival
from huiyin.store.read import counters


class CannotCall(ValueError):
    """The number is not to be called, or nobody waits; ``zh`` says what."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


class CannotDraw(ValueError):
    """The kiosk gave too many numbers within a minute; ``zh`` says to wait."""

    def __init__(self) -> None:
        self.zh = "取号太快了，请等一分钟再按一次；填好的内容还在"
        self.en = "too many numbers at once: wait a minute and press again, nothing is lost"
        super().__init__(self.en)


def day_of(*, now: datetime) -> date:
    """Return the day whose numbers are drawn now, in the company's time zone."""
    return timezone.localtime(now).date()


def arrival(*, body: Mapping[str, Any], once: str, counter: counters.CounterView) -> Arrival:
    """Return a contact of a kiosk as the intake takes it."""
    return Arrival(
        channel="desk",
        kind="contact",
        external_id=f"kiosk-{counter.id}-{once}"[:64],
        raw=json.dumps(body, ensure_ascii=False).encode(),
        headers={
            "counter": str(counter.id),
            **({"outlet": counter.party} if counter.party else {}),
        },
    )


def may_draw(*, counter: counters.CounterView, once: str, most: int, now: datetime) -> None:
    """Let a kiosk give ``most`` numbers a minute; the same form again is no new one.

    Raises CannotDraw.
    """
    since = now - timedelta(minutes=1)
    given = counters.given_since(counter_id=counter.id, day=day_of(now=now), since=since, but=once)
    if given >= most:
        raise CannotDraw


def draw(
    *,
    counter: counters.CounterView,
    accepted: Accepted,
    once: str,
    branch: str,
    signature: str,
    now: datetime,
) -> UUID:
    """Draw a number for an accepted contact; the same form sent again has the same number."""
    return ledger.draw(
        counter_id=counter.id,
        day=day_of(now=now),
        once=once,
        branch=branch,
        signature=signature,
        inbox_id=accepted.id,
        now=now,
    )


def _work(*, actor: Actor) -> None:
    allowed = may(actor=actor, action="counter.work")
    if not allowed:
        raise PermissionError(allowed.zh)


def call_next(*, actor: Actor, counter_id: int, now: datetime) -> UUID:
    """Call the next number; what the same person called before is thereby done.

    Raises CannotCall, PermissionError.
    """
    _work(actor=actor)
    day = day_of(now=now)
    with ledger.atomic():
        ledger.hold(counter_id=counter_id)
        found = following(drawn=counters.drawn(counter_id=counter_id, day=day))
        if found is None:
            raise CannotCall(zh="现在没有人在等", en="nobody is waiting")
        for done in counters.called_by(counter_id=counter_id, day=day, person=actor.id):
            ledger.put(id=done, state="served", person=actor.id, now=now)
        ledger.put(id=UUID(found.id), state="called", person=actor.id, now=now)
    return UUID(found.id)


def act(*, actor: Actor, counter_id: int, ticket_id: UUID, what: str, now: datetime) -> None:
    """Call a number (again), mark it absent or served. Raises CannotCall, PermissionError."""
    _work(actor=actor)
    with ledger.atomic():
        ledger.hold(counter_id=counter_id)
        state = counters.state_of(ticket_id=ticket_id, counter_id=counter_id, day=day_of(now=now))
        stepped = step(state=state, act=what)
        if not stepped.state:
            raise CannotCall(zh=stepped.because[0].zh, en=stepped.because[0].en)
        ledger.put(id=ticket_id, state=stepped.state, person=actor.id, now=now)


def save(
    *,
    actor: Actor,
    id: int | None,
    name: str,
    prefix: str,
    party: str,
    enabled: bool,
    idle_seconds: int,
    now: datetime,
) -> int:
    """Set a counter up or change it; returns its id. Raises PermissionError."""
    allowed = may(actor=actor, action="counters.change")
    if not allowed:
        raise PermissionError(allowed.zh)
    return ledger.save(
        id=id, name=name, prefix=prefix, party=party or None, enabled=enabled,
        idle_seconds=idle_seconds, person=actor.id, now=now,
    )  # fmt: skip


def renew(*, actor: Actor, id: int, now: datetime) -> None:
    """Give a counter another secret. Raises PermissionError."""
    allowed = may(actor=actor, action="counters.change")
    if not allowed:
        raise PermissionError(allowed.zh)
    ledger.renew(id=id, person=actor.id, now=now)
