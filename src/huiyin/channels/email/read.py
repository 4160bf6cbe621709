"""Read a mail, whatever it is worth: bytes to one contact."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from email.message import Message
from typing import Any

from huiyin.channels.email import (
    automatic,
    enclosed,
    headers,
    message_ids,
    proof,
    quotes,
    rich_text,
)
from huiyin.channels.email.bounces import read_bounce
from huiyin.channels.email.dates import written_at
from huiyin.channels.email.parse import parse
from huiyin.channels.email.parts import Contents, contents, payload
from huiyin.channels.inbound import CannotRead, Enclosed, Inbound, InboundAttachment

MOST_BYTES = 30 * 1024 * 1024
MOST_WORDS = 100_000
"""Characters of the new words and of the quoted rest; what is longer stays in the raw mail."""
MOST_HTML = 500_000
_NUMBER = re.compile(r"(?<![0-9A-Za-z])HY[0-9]{8}-[0-9]{6}(?![0-9])", re.IGNORECASE)
_NARROW = {wide: wide - 0xFEE0 for wide in range(0xFF01, 0xFF5F)}
_PASSED_ON = re.compile(r"^\s*(?:fwd?|轉寄|转发)\s*[:：]", re.IGNORECASE)


def read(
    *,
    raw: bytes,
    own_addresses: frozenset[str],
    received_at: datetime,
    trusted: frozenset[str] = frozenset(),
    verified: Mapping[str, Any] | None = None,
) -> Inbound:
    """Read one mail. Raises CannotRead, and nothing else, for what must be quarantined whole.

    ``trusted`` names the servers whose results of authentication are believed, ``verified`` is
    what we found out ourselves when the mail came.
    """
    if len(raw) > MOST_BYTES:
        raise CannotRead(zh="邮件超过 30 MB", en="the mail is larger than 30 MB")
    try:
        return _read(raw, own_addresses, received_at, trusted, verified or {})
    except CannotRead:
        raise
    except Exception as error:
        raise CannotRead(
            zh=f"邮件格式无法解析：{type(error).__name__}",
            en=f"cannot parse the mail: {type(error).__name__}: {error}"[:200],
        ) from error


def _read(
    raw: bytes,
    own_addresses: frozenset[str],
    received_at: datetime,
    trusted: frozenset[str],
    verified: Mapping[str, Any],
) -> Inbound:
    message, repairs = parse(raw=raw)
    name, sender = _sender(message=message)
    subject = headers.text(value=headers.first(message=message, name="Subject"))[:300]
    auto = automatic.kind(
        message=message, sender=sender, subject=subject, own_addresses=own_addresses
    )
    if not sender and auto != "bounce":
        raise CannotRead(zh="没有发件人地址", en="the mail has no sender address")
    found = contents(message=message)
    for repair in repairs:
        found.note(repair)
    at, repair = written_at(message=message, received_at=received_at)
    found.note(repair)
    parted = _parted(found=found, subject=subject)
    inside = _enclosed(found=found)
    references = message_ids.chain(
        references=headers.first(message=message, name="References"),
        in_reply_to=headers.first(message=message, name="In-Reply-To"),
    )
    came_back = message_ids.returned(message=message, own_addresses=own_addresses)
    number = _number(texts=(subject, parted.new, parted.quoted))
    new = parted.new
    if auto == "bounce":
        bounce = read_bounce(message=message, found=found)
        references = bounce.message_ids or references
        number = bounce.number or number
        new = bounce.in_words()
        auto = "bounce" if bounce.action == "failed" else "delivery_notice"
    own_id = next(
        iter(message_ids.named(value=headers.first(message=message, name="Message-ID"))), ""
    )
    return Inbound(
        channel="email",
        external_id=external_id(raw=raw),
        sender=sender,
        sender_name=name[:120],
        email=_answer_to(message=message, sender=sender, own_addresses=own_addresses),
        subject=subject,
        text=(new or subject or _no_words(found=found))[:MOST_WORDS],
        quoted=parted.quoted[:MOST_WORDS],
        html=rich_text.safe(source="\n".join(found.rich)[: MOST_HTML + 1]) if found.rich else "",
        at=at,
        thread=own_id,
        references=tuple(dict.fromkeys((*came_back, *references))),
        attachments=tuple(found.files),
        auto=auto,
        recipients=tuple(
            address
            for header in ("To", "Cc")
            for _name, address in headers.addresses(message=message, name=header)
        ),
        notes=tuple(found.notes),
        number=number,
        enclosed=tuple(inside),
        seals=tuple(found.seals),
        proof=tuple(
            proof.kept(server=proof.found_by_server(message=message, trusted=trusted), own=verified)
        ),
    )


def _enclosed(*, found: Contents) -> list[Enclosed]:
    """Return what lies inside and can be read: invitations, then whole mails."""
    out = list(found.enclosed)
    waiting = list(found.passed_on)
    while waiting and len(out) < enclosed.MOST_ENCLOSED:
        inner = waiting.pop(0)
        its = contents(message=inner)
        out.append(enclosed.whole_mail(message=inner, text=its.text, files=len(its.files)))
        out.extend(its.enclosed)
        waiting[:0] = its.passed_on
    return out


def _sender(*, message: Message) -> tuple[str, str]:
    """Return (name, address) of who wrote; where From names nobody, of who sent."""
    for header in ("From", "Sender", "Reply-To", "Return-Path"):
        for name, address in headers.addresses(message=message, name=header):
            return name, address[:200]
    return headers.text(value=headers.first(message=message, name="From"))[:120], ""


def _answer_to(*, message: Message, sender: str, own_addresses: frozenset[str]) -> str:
    """Return where an answer goes: the address the writer asks for, if it is not ours."""
    for _name, address in headers.addresses(message=message, name="Reply-To"):
        if address not in own_addresses:
            return address[:200]
    return sender


def _parted(*, found: Contents, subject: str) -> quotes.Parted:
    """Part a mail's words; what somebody passes on without own words is what he wants to say."""
    text, seal, armoured = enclosed.unarmoured(text=found.text[: 2 * MOST_WORDS])
    found.seal(seal)
    if armoured:
        content = armoured.encode()
        found.files.append(
            InboundAttachment(
                name="encrypted.asc",
                content_type="application/pgp-encrypted",
                content=content,
                size=len(content),
            )
        )
    if not text and found.passed_on:
        inner = contents(message=found.passed_on[0])
        title = headers.text(value=headers.first(message=found.passed_on[0], name="Subject"))
        found.note("no words of its own, those of the attached mail read")
        text = f"{title}\n{inner.text}".strip()[: 2 * MOST_WORDS]
        return quotes.Parted(new=text, quoted="")
    parted = quotes.part(text=text)
    if parted.quoted and (parted.forwarded or _PASSED_ON.match(subject)):
        return quotes.Parted(new=text.strip(), quoted="", forwarded=True)
    return parted


def _no_words(*, found: Contents) -> str:
    if any(seal.endswith("encrypted") for seal in found.seals):
        return "（邮件已加密，内容见附件）"
    if found.enclosed:
        first = found.enclosed[0]
        starts = dict(first.facts).get("starts", "")
        return f"（日历邀请：{first.title}{'，' if starts else ''}{starts}）"
    return "（无正文，见附件）" if found.files else "（无正文）"


def _number(*, texts: tuple[str, ...]) -> str:
    """Return the number of the complaint that the first of the texts to name any names.

    A text that names several says nothing about which one it belongs to.
    """
    for text in texts:
        found = {n.upper() for n in _NUMBER.findall(text.translate(_NARROW))}
        if found:
            return found.pop() if len(found) == 1 else ""
    return ""


def external_id(*, raw: bytes) -> str:
    """Return by what a mail is recognised when it comes again: a hash of what was written.

    Two deliveries of one mail differ in their Received lines and sometimes in their transfer
    encoding, and some programs use one Message-ID for different mails; so neither the bytes nor
    the Message-ID alone tell. Hashed are Message-ID, From, Date, Subject and the parts' contents.
    Never raises.
    """
    try:
        return "mail:" + _written(raw=raw)
    except Exception:
        return "mail:" + hashlib.sha256(raw).hexdigest()


def _written(*, raw: bytes) -> str:
    digest = hashlib.sha256()
    message, _repairs = parse(raw=raw)
    for name in ("Message-ID", "From", "Date", "Subject"):
        value = headers.text(value=headers.first(message=message, name=name))
        digest.update(" ".join(value.split()).encode("utf-8", "replace") + b"\0")
    for part in message.walk():
        if not part.is_multipart():
            content = payload(part=part).replace(b"\r\n", b"\n").strip()
            digest.update(hashlib.sha256(content).digest())
    return digest.hexdigest()
