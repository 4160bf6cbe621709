"""A message that its channel refuses for good: the next channel carries it, where there is one."""

from __future__ import annotations

from django.utils import timezone

from huiyin.flows import journey
from huiyin.flows.pass_on import pass_on
from huiyin.store.ledger import outbox
from huiyin.store.ledger.outbox import Parcel


def over(*, parcel: Parcel, told: str) -> None:
    """End a claimed message on this channel; a dead letter where no other channel carries it."""
    with journey.writing(now=timezone.now(), actor="system") as pen:
        if pass_on(pen=pen, parcel=parcel, told=told) is not None:
            return
    outbox.failed(parcel=parcel, now=timezone.now(), error=told, final=True)
