"""What lies inside a mail and can be read: invitations to the calendar, whole mails, seals."""

from __future__ import annotations

import re
from datetime import date, datetime
from email.message import Message

from icalendar import Calendar
from icalendar.cal import Component

from huiyin.channels.email import headers
from huiyin.channels.email.charsets import decode, storable
from huiyin.channels.inbound import Enclosed

MOST_ENCLOSED = 20
MOST_WORDS = 20_000
"""Characters of one enclosed text; what is longer is in the file itself."""
_MOST_CALENDAR = 300_000
"""Bytes of an invitation that are read; a calendar of thousands of dates is a file to keep."""
_MOST_EVENTS = 5
_ARMOURED = re.compile(
    r"^-----BEGIN PGP (MESSAGE|SIGNED MESSAGE)-----\s*$.*?(?:^-----END PGP [A-Z ]+-----\s*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SIGNED_TEXT = re.compile(
    r"^-----BEGIN PGP SIGNED MESSAGE-----\s*\n(?:Hash:[^\n]*\n)*\n?(.*?)"
    r"^-----BEGIN PGP SIGNATURE-----\s*$.*?(?:^-----END PGP SIGNATURE-----\s*$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_SIGNED_AS_A_WHOLE = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02"
"""The object id of PKCS #7 signed data (RFC 5652), as it stands near the beginning."""


def invitations(*, raw: bytes, charset: str | None) -> list[Enclosed]:
    """Return the dates of an iCalendar file; empty where it cannot be read."""
    if len(raw) > _MOST_CALENDAR:
        return []
    text = storable(text=decode(raw=raw, charset=charset or "utf-8")[0])
    try:
        calendar = Calendar.from_ical(text)
        method = _said(calendar.get("METHOD")).upper()
        return [_date(event, method) for event in calendar.walk("VEVENT")[:_MOST_EVENTS]]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return []


def _date(event: Component, method: str) -> Enclosed:
    facts = {
        "method": "CANCEL" if _said(event.get("STATUS")).upper() == "CANCELLED" else method,
        "starts": _moment(event, "DTSTART"),
        "ends": _moment(event, "DTEND"),
        "repeats": _repeats(event),
        "where": _said(event.get("LOCATION")),
        "organizer": _person(event.get("ORGANIZER")),
    }
    return Enclosed(
        kind="calendar",
        title=_said(event.get("SUMMARY"))[:200],
        text=_said(event.get("DESCRIPTION"), lines=True)[:MOST_WORDS],
        facts=tuple((name, value[:300]) for name, value in facts.items() if value),
    )


def _said(value: object, *, lines: bool = False) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return ""
    text = storable(text=str(value)).strip()
    return text if lines else " ".join(text.split())


def _moment(event: Component, name: str) -> str:
    """Return a time as the invitation tells it, its zone beside it."""
    value = getattr(event.get(name), "dt", None)
    if isinstance(value, datetime):
        zone = value.strftime("%z")
        return value.strftime("%Y-%m-%d %H:%M") + (f" {zone[:3]}:{zone[3:5]}" if zone else "")
    return value.isoformat() if isinstance(value, date) else ""


def _repeats(event: Component) -> str:
    rule = event.get("RRULE")
    return rule.to_ical().decode("utf-8", "replace") if rule is not None else ""


def _person(value: object) -> str:
    if isinstance(value, list):
        value = value[0] if value else None
    if value is None:
        return ""
    address = _said(value).removeprefix("mailto:").removeprefix("MAILTO:")
    name = _said(getattr(value, "params", {}).get("CN"))
    return f"{name} <{address}>" if name and name != address else address


def whole_mail(*, message: Message, text: str, files: int) -> Enclosed:
    """Return a mail that is attached to another as it can be read."""

    def said(name: str) -> str:
        return headers.text(value=headers.first(message=message, name=name))[:300]

    facts = {"from": said("From"), "to": said("To"), "date": said("Date")}
    if files:
        facts["files"] = str(files)
    return Enclosed(
        kind="mail",
        title=said("Subject")[:200],
        text=text[:MOST_WORDS],
        facts=tuple((name, value) for name, value in facts.items() if value),
    )


def smime(*, kind: str, name: str, content: bytes) -> str:
    """Return smime_signed or smime_encrypted for a mail that S/MIME wraps whole."""
    signed = kind == "signed-data" or name.lower().endswith(".p7s")
    return "smime_signed" if signed or _SIGNED_AS_A_WHOLE in content[:64] else "smime_encrypted"


def unarmoured(*, text: str) -> tuple[str, str, str]:
    """Return (words, seal, armoured) of a text with PGP blocks in it.

    What is only signed is read without its signature; what is encrypted is taken out of the words,
    to be kept as a file.
    """
    if "-----BEGIN PGP" not in text:
        return text, "", ""
    seal = ""
    signed = _SIGNED_TEXT.sub(lambda m: re.sub(r"^- ", "", m.group(1), flags=re.M), text)
    if signed != text:
        seal = "pgp_signed"
    armoured = "\n".join(m.group(0) for m in _ARMOURED.finditer(signed) if m.group(1) == "MESSAGE")
    if armoured:
        seal = "pgp_encrypted"
        signed = _ARMOURED.sub("", signed)
    return signed.strip(), seal, armoured
