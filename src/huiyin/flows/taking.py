"""Taking: what an account brought lies safely in the inbox or among the signals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from huiyin.channels.protocol import CONTACT, Channel, Piece
from huiyin.store.ledger import inbox, signals
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.ledger.signals import Told
from huiyin.store.read.accounts import Account


def keep(*, account: Account, channel: Channel, pieces: Sequence[Piece], now: datetime) -> int:
    """Store what a callback or a fetch brought; returns how many pieces were new.

    The provider may be told that it arrived once this returns.
    """
    new = 0
    contacts = [
        Arrival(
            channel=channel.spoken,
            kind=f"{channel.code}:{account.id}",
            # Ids are unique with their account alone.
            external_id=f"{account.id}:{p.external_id}" if p.external_id else "",
            raw=p.raw,
            headers={},
        )
        for p in pieces
        if p.kind == CONTACT
    ]
    if contacts:
        new += sum(not a.repeated for a in inbox.accept(now=now, arrivals=contacts))
    others = [
        Told(
            channel=channel.spoken,
            account_id=account.id,
            kind=p.kind,
            external_id=f"{account.id}:{p.external_id}" if p.external_id else "",
            raw=p.raw,
        )
        for p in pieces
        if p.kind != CONTACT
    ]
    return new + signals.store(now=now, told=others)
