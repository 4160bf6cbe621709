"""Spare: how much one address may do in an hour at the doors that are open to everybody."""

from __future__ import annotations

import hashlib
import ipaddress

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.doors.clients import address_of, is_here
from huiyin.store.ledger import uses


def too_many() -> str:
    """Return what is said to somebody whose address sent too much."""
    return _("您所在的网络一小时内提交得太多了，内容没有提交。请过一会儿再试；急事请打客服电话")


def may_file(*, request: HttpRequest) -> bool:
    """Count a complaint of a form, and tell whether this address may still send one."""
    most, client = settings.HUIYIN.forms_per_hour, _client(request)
    if not most or not client:
        return True
    return uses.count(purpose="form", client=client, now=timezone.now()) <= most


def may_log_in(*, request: HttpRequest) -> bool:
    """Tell whether this address may try a password: so many were not wrong within the hour."""
    most, client = settings.HUIYIN.wrong_logins_per_hour, _client(request)
    if not most or not client:
        return True
    return uses.counted(purpose="login", client=client, now=timezone.now()) < most


def wrong_password(*, request: HttpRequest) -> None:
    """Count a wrong password, whatever the name was."""
    client = _client(request)
    if client:
        uses.count(purpose="login", client=client, now=timezone.now())


def _client(request: HttpRequest) -> str:
    """Return a keyed hash of the client's address; of IPv6, of the network that is one customer's.

    Empty behind a proxy on this machine that is not named as trusted: then all seem to be one.
    """
    plain = address_of(request=request)
    try:
        address = ipaddress.ip_address(plain)
    except ValueError:
        address = None
    if address is not None:
        if address.is_loopback and not is_here(request=request):
            return ""
        if address.version == 6:
            plain = str(ipaddress.ip_network((address, 64), strict=False))
    return hashlib.sha256(f"{settings.SECRET_KEY}:uses:{plain}".encode()).hexdigest()[:40]
