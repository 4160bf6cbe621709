"""Who really sent a mail, found out by ourselves: SPF, DKIM and DMARC, with the DNS asked."""

from __future__ import annotations

import ipaddress
import re
import threading
import time
from collections.abc import Callable
from email.message import Message
from typing import Any

import dkim
import dns.exception
import dns.resolver
import spf
from django.conf import settings

from huiyin.channels.email import alignment, headers
from huiyin.channels.email.parse import parse

BY = "huiyin"
BUDGET = 6.0
"""Seconds for one mail; what the DNS has not answered by then is a temporary error."""
MOST_SIGNATURES = 4
MOST_BYTES = 30 * 1024 * 1024
_FROM = re.compile(r"^\s*from\s+([^\s();]{1,255})", re.IGNORECASE)
_ADDRESS = re.compile(r"\[(?:IPv6:)?([0-9A-Fa-f.:]{3,45})\]")
_one_at_a_time = threading.Lock()
"""pyspf asks by a function of its module."""


class _CannotAsk(Exception):
    """The DNS does not answer."""


def verified(*, raw: bytes) -> dict[str, Any]:
    """Return {"by", "spf", "dkim", "dmarc", "domains"} of a mail. Never raises."""
    message, _repairs = parse(raw=raw)
    dns_ = _Dns()
    said: dict[str, Any] = {"by": BY}
    domains: dict[str, str] = {}
    if len(raw) <= MOST_BYTES:
        said["dkim"], signed = _dkim(raw=raw, message=message, ask=dns_)
        if signed:
            domains["dkim"] = signed[0]
    else:
        signed = []
    spf_said, envelope = _spf(message=message, ask=dns_)
    if spf_said:
        said["spf"] = spf_said
        domains["spf"] = envelope
    author = headers.addresses(message=message, name="From")
    if len(author) == 1:
        domain = author[0][1].rpartition("@")[2]
        said["dmarc"] = _dmarc(
            domain=domain,
            signed=signed if said.get("dkim") == "pass" else [],
            envelope=envelope if spf_said == "pass" else "",
            ask=dns_,
        )
        domains["dmarc"] = domain
    return {**said, "domains": {method: name[:120] for method, name in domains.items()}}


class _Dns:
    """Questions to the DNS of one mail, together within the budget."""

    def __init__(self) -> None:
        self._ends = time.monotonic() + BUDGET
        self.failed = False
        self._resolver = _resolver()

    def ask(self, name: str, kind: str) -> list[Any]:
        """Return the records of a name. Raises _CannotAsk."""
        left = self._ends - time.monotonic()
        if left <= 0:
            self.failed = True
            raise _CannotAsk("no time left")
        try:
            return list(self._resolver.resolve(name, kind, lifetime=min(left, 3.0), search=False))
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except (dns.exception.DNSException, OSError, ValueError, UnicodeError) as error:
            if isinstance(error, dns.exception.Timeout | dns.resolver.NoNameservers | OSError):
                self.failed = True
            raise _CannotAsk(type(error).__name__) from error

    def texts(self, name: str) -> list[str]:
        """Return the TXT records of a name. Raises _CannotAsk."""
        return [
            b"".join(record.strings).decode("utf-8", "replace") for record in self.ask(name, "TXT")
        ]


def _resolver() -> dns.resolver.Resolver:
    given = settings.HUIYIN.mail_dns_server
    if not given:
        try:
            return dns.resolver.Resolver()
        except (dns.exception.DNSException, OSError):
            return dns.resolver.Resolver(configure=False)
    resolver = dns.resolver.Resolver(configure=False)
    host, colon, port = given.rpartition(":")
    if colon and port.isdecimal() and host.count(":") == 0:
        resolver.nameservers, resolver.port = [host], int(port)
    else:
        resolver.nameservers = [given]
    return resolver


def _dkim(*, raw: bytes, message: Message, ask: _Dns) -> tuple[str, list[str]]:
    """Return (result, domains whose signature holds)."""
    count = len(message.get_all("DKIM-Signature", []))
    if not count:
        return "none", []
    # A mail is signed with the line ends of SMTP.
    lines = raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    good: list[str] = []
    worst = "fail"
    for number in range(min(count, MOST_SIGNATURES)):
        ask.failed = False
        try:
            check = dkim.DKIM(lines, timeout=3)
            if check.verify(idx=number, dnsfunc=_for_dkim(ask)):
                good.append(check.domain.decode("ascii", "replace").lower())
        except dkim.ValidationError:
            # The body is not the one that was signed, or the signature has lapsed.
            pass
        except dkim.DKIMException:
            worst = "permerror"
        except Exception:  # a signature is whatever a stranger wrote
            worst = "permerror"
        if ask.failed:
            worst = "temperror"
    return ("pass" if good else worst), good


def _for_dkim(ask: _Dns) -> Callable[..., bytes | None]:
    def one(name: bytes, timeout: float = 3) -> bytes | None:
        try:
            found = ask.texts(name.decode("ascii", "replace").rstrip("."))
        except _CannotAsk:
            return None
        return found[0].encode() if found else None

    return one


def _spf(*, message: Message, ask: _Dns) -> tuple[str, str]:
    """Return (result, domain) for the server that handed the mail to us; ("", "") for none known.

    That is the first one with a public address, from the top: our own servers speak to each other
    under private ones.
    """
    for value in message.get_all("Received", [])[:10]:
        line = headers.text(value=str(value))
        hello, address = _FROM.match(line), _ADDRESS.search(line)
        if hello is None or address is None or not _public(address.group(1)):
            continue
        sender = headers.addresses(message=message, name="Return-Path")
        helo = hello.group(1)
        envelope = sender[0][1] if sender else f"postmaster@{helo}"
        with _one_at_a_time:
            spf.DNSLookup = _for_spf(ask)
            try:
                result, _told = spf.check2(
                    i=address.group(1), s=envelope, h=helo, timeout=3, querytime=BUDGET
                )
            except Exception:  # the records are whatever a stranger wrote
                return "permerror", ""
        return str(result), envelope.rpartition("@")[2]
    return "", ""


def _public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_global
    except ValueError:
        return False


def _for_spf(ask: _Dns) -> Callable[..., list[tuple[tuple[str, str], Any]]]:
    def look(
        name: str, kind: str, tcp: bool = True, timeout: float = 3
    ) -> list[tuple[tuple[str, str], Any]]:
        try:
            records = ask.ask(name, kind)
        except _CannotAsk as error:
            raise spf.TempError(f"DNS {error}") from error
        return [((name, kind), _told(record, kind)) for record in records]

    return look


def _told(record: Any, kind: str) -> Any:
    if kind in {"A", "AAAA"}:
        return record.address
    if kind == "MX":
        return record.preference, record.exchange.to_text(True)
    return record.target.to_text(True) if kind == "PTR" else record.strings


def _dmarc(*, domain: str, signed: list[str], envelope: str, ask: _Dns) -> str:
    known: dict[str, list[alignment.Policy]] = {}

    def records(of: str) -> list[alignment.Policy]:
        if of not in known:
            known[of] = alignment.walk(domain=of, ask=ask.texts)
        return known[of]

    def same(of: str) -> str:
        return alignment.organization(domain=of, found=records(of))

    try:
        found = records(domain)
        if not found:
            return "none"
        policy = found[0]
        if any(
            alignment.agree(one=d, other=domain, strict=policy.strict_dkim, same=same)
            for d in signed
        ) or alignment.agree(one=envelope, other=domain, strict=policy.strict_spf, same=same):
            return "pass"
    except _CannotAsk:
        return "temperror"
    return "fail"
