"""Pictures and recordings fetched from the providers that keep them."""

from __future__ import annotations

import ipaddress
import logging
import socket
from typing import Final
from urllib.parse import urlsplit

import filetype
from django.utils import timezone

from huiyin.channels.protocol import CannotRead, Channel, MediaWay
from huiyin.channels.registry import channel as channel_of
from huiyin.doors.worker.access import token_for
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows import bring_in, journey
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import remote_files
from huiyin.store.read import accounts
from huiyin.store.read import remote_files as reading
from huiyin.store.read.accounts import Account
from huiyin.store.read.remote_files import Waiting

log = logging.getLogger(__name__)

BATCH: Final = 10
MOST_BYTES: Final = 20 * 1024 * 1024


def fetch() -> int:
    """Fetch files that are due; returns how many came or were given up."""
    return sum(_one(row) for id in remote_files.claim(now=timezone.now(), limit=BATCH)
               if (row := reading.waiting(id=id)))  # fmt: skip


def _one(row: Waiting) -> bool:
    account = accounts.one(id=row.account_id)
    channel = channel_of(code=account.code) if account else None
    if account is None or channel is None or channel.media is None:
        return _lost(row=row, told="渠道已删除，文件取不到")
    if account.rest_until and account.rest_until > timezone.now():
        remote_files.wait(id=row.id, until=account.rest_until)
        return False
    try:
        _bring(row=row, way=channel.media, channel=channel, account=account)
        return True
    except CannotReach as error:
        ledger.failed(id=account.id, now=timezone.now(), error=str(error))
        return _later(row=row, told=f"对方没有应答：{error}")
    except CannotRead as error:
        return _later(row=row, told=error.zh)


def _bring(*, row: Waiting, way: MediaWay, channel: Channel, account: Account) -> None:
    token = token_for(channel=channel, account=account)
    asked = way.ask(account.settings, token, row.remote)
    if not _outside(url=asked.url, own=str(account.settings.get("base", ""))):
        raise CannotRead(zh="文件地址不在公网上，没有去取", en="the address is not a public one")
    found = way.read(call(call=asked))
    if len(found.content) > MOST_BYTES:
        raise CannotRead(zh="文件超过 20 MB", en="the file is larger than 20 MB")
    with journey.writing(now=timezone.now(), actor="system") as pen:
        bring_in.arrived(
            pen=pen,
            id=row.id,
            name=found.name,
            content_type=filetype.guess_mime(found.content) or row.content_type,
            content=found.content,
        )


def _outside(*, url: str, own: str) -> bool:
    """Tell whether an address is the provider's own or a public one: nobody looks inside by us."""
    there = urlsplit(url)
    if there.netloc and there.netloc == urlsplit(own).netloc:
        return True
    if there.scheme not in {"http", "https"} or not there.hostname:
        return False
    try:
        found = socket.getaddrinfo(there.hostname, there.port or 443, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError, ValueError):
        raise CannotReach("the name is not known", maybe=False) from None
    return all(ipaddress.ip_address(str(place[4][0])).is_global for place in found)


def _later(*, row: Waiting, told: str) -> bool:
    if remote_files.later(id=row.id, attempts=row.attempts, now=timezone.now(), error=told):
        return False
    return _lost(row=row, told=told)


def _lost(*, row: Waiting, told: str) -> bool:
    log.warning("file %s cannot be had: %s", row.id, told)
    with journey.writing(now=timezone.now(), actor="system") as pen:
        bring_in.lost(pen=pen, id=row.id, told=told)
    return True
