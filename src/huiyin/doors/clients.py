"""Who is at the other end: his address, and by what name he is locked out of the login."""

from __future__ import annotations

import ipaddress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse


def address_of(*, request: HttpRequest) -> str:
    """Return the client's address; a proxy's word on it is taken from trusted ones alone."""
    near = str(request.META.get("REMOTE_ADDR", ""))
    trusted = [ipaddress.ip_network(n, strict=False) for n in settings.HUIYIN.trusted_proxies]
    chain = [a.strip() for a in request.headers.get("X-Forwarded-For", "").split(",") if a.strip()]
    while chain:
        try:
            known = any(ipaddress.ip_address(near) in network for network in trusted)
        except ValueError:
            break
        if not known:
            break
        near = chain.pop()
    return near


def is_here(*, request: HttpRequest) -> bool:
    """Tell whether a program on this machine asks, and not a proxy on it for somebody else."""
    forwarded = {"Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Via"}
    if any(name in request.headers for name in forwarded):
        return False
    try:
        return ipaddress.ip_address(str(request.META.get("REMOTE_ADDR", ""))).is_loopback
    except ValueError:
        return False


def address(request: HttpRequest) -> str:
    """Return the client's address, as the lock of the login asks for it."""
    return address_of(request=request)


def username(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Return the name under which wrong passwords are counted.

    A person is known however his name is written, in capitals or not: so are his tries.
    """
    given = (credentials or {}).get("username") or request.POST.get("username") or ""
    return str(given).strip().casefold()[:64]


def locked(request: HttpRequest, response: HttpResponse, credentials: object) -> HttpResponse:
    """Answer who is locked out with the login page, which says so."""
    del request, credentials
    return response
