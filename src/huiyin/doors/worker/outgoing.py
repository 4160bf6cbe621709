"""Messages out by channel accounts: what waits in the outbox goes to its provider."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from huiyin.channels.protocol import (
    CannotRead,
    CannotWrite,
    Channel,
    Fate,
    OutFile,
    Outgoing,
)
from huiyin.channels.registry import channel as channel_of
from huiyin.doors.worker.access import token_for
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.doors.worker.refused import over
from huiyin.flows.telling import tracking_url
from huiyin.store import files
from huiyin.store.ledger import accounts as accounts_ledger
from huiyin.store.ledger import outbox, reaches
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.ledger.webhooks import SPOKEN
from huiyin.store.read import accounts
from huiyin.store.read import reaches as reach_read
from huiyin.store.read.accounts import Account

log = logging.getLogger(__name__)

BATCH = 40


def deliver() -> int:
    """Send messages that are due by their accounts; returns how many went out.

    A provider that cannot be reached rests, and its messages wait without their tries being
    counted. What is refused for good, or whose window is closed, is marked at once.
    """
    ways = _ways()
    if not ways:
        return 0
    parcels = outbox.claim(now=timezone.now(), channels=frozenset(ways), limit=BATCH)
    return sum(_deliver(parcel=parcel, ways=ways) for parcel in parcels)


def _ways() -> dict[str, list[tuple[Channel, Account]]]:
    """Return by what accounts each channel name can be written to."""
    found: dict[str, list[tuple[Channel, Account]]] = {}
    for account in accounts.known().values():
        channel = channel_of(code=account.code)
        if channel is not None and channel.write is not None:
            found.setdefault(channel.spoken, []).append((channel, account))
    return found


def _deliver(*, parcel: Parcel, ways: dict[str, list[tuple[Channel, Account]]]) -> bool:
    now = timezone.now()
    reach = reach_read.one(channel=parcel.channel, address=parcel.recipient)
    wanted = parcel.account_id or (reach.account_id if reach else None)
    among = ways[parcel.channel]
    channel, account = next(((c, a) for c, a in among if a.id == wanted), among[0])
    account = accounts.one(id=account.id) or account
    if account.rest_until and account.rest_until > now:
        outbox.postpone(parcel=parcel, until=account.rest_until)
        return False
    if reach and reach.left_at:
        over(parcel=parcel, told="收件人已退订或地址无效")
        return False
    if parcel.channel == SPOKEN and (turn := outbox.behind(parcel=parcel)) is not None:
        # other systems hear of a complaint in the order in which things happened
        outbox.postpone(parcel=parcel, until=max(turn, now + timedelta(seconds=1)))
        return False
    if not accounts_ledger.spend(id=account.id, now=now, per_minute=_per_minute(channel, account)):
        outbox.postpone(parcel=parcel, until=now + timedelta(seconds=60 - now.second))
        return False
    if not outbox.hold(parcel=parcel, now=now):
        return False
    return _send(parcel=parcel, channel=channel, account=account, left=_left(channel, reach))


def _per_minute(channel: Channel, account: Account) -> int:
    own = account.settings.get("per_minute")
    return own if isinstance(own, int) and own > 0 else channel.limits.per_minute


def _left(channel: Channel, reach: reach_read.Reach | None) -> int | None:
    """Return how many messages the provider's window lets through, None where there is none."""
    window = channel.limits.window
    if window is None:
        return None
    if reach is None or reach.last_in_at is None:
        return 0
    fresh = timezone.now() - reach.last_in_at < timedelta(hours=window.hours)
    return max(0, window.messages - reach.sent_since) if fresh else 0


def _send(*, parcel: Parcel, channel: Channel, account: Account, left: int | None) -> bool:
    assert channel.write is not None and channel.fate is not None
    load, token, fate = parcel.payload, "", Fate(state="sent")
    try:
        token = token_for(channel=channel, account=account)
        calls = channel.write(
            _written(parcel=parcel, account=account, left=left), account.settings, token
        )
        for number, one in enumerate(calls):
            if number < int(load.get("parts_done", 0)):
                continue
            fate = channel.fate(call(call=one))
            if fate.state != "sent":
                break
            reaches.sent(channel=parcel.channel, address=parcel.recipient)
            if number + 1 < len(calls):
                outbox.part_done(parcel=parcel, parts=number + 1)
    except CannotWrite as error:
        fate = Fate(state="refused", zh=error.zh, en=error.en)
    except CannotRead as error:
        fate = Fate(state="later", zh=error.zh, en=error.en)
        accounts_ledger.failed(id=account.id, now=timezone.now(), error=error.zh)
    except CannotReach as error:
        accounts_ledger.failed(id=account.id, now=timezone.now(), error=str(error))
        if not error.maybe:
            outbox.give_back(parcels=[parcel])
            return False
        fate = Fate(state="later", zh=f"对方没有应答：{error}", en=str(error))
    return _settle(parcel=parcel, account=account, token=token, fate=fate)


def _settle(*, parcel: Parcel, account: Account, token: str, fate: Fate) -> bool:
    now = timezone.now()
    if fate.state == "sent":
        # a provider that gives a message no name reports about it by ours
        reference = fate.reference or parcel.id.hex
        outbox.sent(id=parcel.id, now=now, account_id=account.id, reference=reference)
        accounts_ledger.worked(id=account.id, now=now)
        return True
    if fate.state == "token":
        accounts_ledger.drop_token(id=account.id, token=token)
        # a provider that takes no token at all must not be asked in a circle
        outbox.failed(parcel=parcel, now=now, error=fate.zh or "访问令牌失效", soon=True)
    elif fate.state == "later":
        if fate.wait is not None:
            accounts_ledger.failed(id=account.id, now=now, error=fate.zh, wait=fate.wait)
        outbox.failed(parcel=parcel, now=now, error=fate.zh)
    else:
        if fate.state == "left":
            reaches.left(channel=parcel.channel, address=parcel.recipient, now=now, why=fate.zh)
        over(parcel=parcel, told=fate.zh or "对方拒收")
    return False


def _written(*, parcel: Parcel, account: Account, left: int | None) -> Outgoing:
    load = parcel.payload
    number = str(load.get("number", ""))
    about = parcel.complaint_id
    return Outgoing(
        id=parcel.id.hex,
        recipient=parcel.recipient,
        text=str(load.get("text", "")),
        at=timezone.now(),
        subject=str(load.get("subject", "")),
        number=number,
        link=tracking_url(case_id=about, number=number) if about and number else "",
        purpose=str(load.get("purpose", "notice" if load.get("automatic") else "reply")),
        in_window=left != 0,
        left=left,
        files=tuple(
            OutFile(
                name=str(f["name"]),
                content_type=str(f["content_type"]),
                content=files.fetch(sha256=str(f["sha256"])),
            )
            for f in load.get("files", ())
        ),
        details=load.get("details") or {},
        hook=f"{settings.HUIYIN.site_url}/hooks/{account.code}/{account.id}/",
    )
