"""Write an answer as a mail."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from huiyin.channels.email.automatic import LOOP_HEADER

_LINK = re.compile(r"https?://[^\s<>\"，。；、）】]+")
_ID = re.compile(r"<[!-;=?-~]{3,900}>")
_LOCAL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}")
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
MOST_SUBJECT = 200


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file that goes with a mail."""

    name: str
    content_type: str
    content: bytes


class CannotWriteMail(ValueError):
    """The mail cannot be written: an address or a Message-ID is unusable."""


def write(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    sender_name: str = "",
    reply_to: str = "",
    number: str = "",
    answers: Sequence[str] = (),
    automatic: bool = False,
    files: Sequence[MailFile] = (),
) -> bytes:
    """Return the bytes of a mail with a text and an HTML part; the same for the same input.

    ``sender`` may carry a display name, else ``sender_name`` is shown. ``answers`` are the
    Message-IDs that the mail answers, the oldest first; ``files`` are attached. Line breaks and
    controls in headers become blanks. Raises CannotWriteMail for an unusable address or
    Message-ID.
    """
    shown, own = parseaddr(_line(sender))
    mail = EmailMessage(policy=SMTP)
    mail["From"] = Address(display_name=shown or _line(sender_name), addr_spec=address(value=own))
    mail["To"] = Address(addr_spec=address(value=recipient))
    if reply_to and reply_to.lower() != own.lower():
        mail["Reply-To"] = Address(addr_spec=address(value=reply_to))
    mail["Subject"] = _line(subject)[:MOST_SUBJECT] or "回音"
    mail["Date"] = format_datetime(at)
    if not _ID.fullmatch(message_id):
        raise CannotWriteMail(f"not a Message-ID: {message_id!r}")
    mail["Message-ID"] = message_id
    known = [i for i in dict.fromkeys(answers) if _ID.fullmatch(i)][-20:]
    if known:
        mail["In-Reply-To"] = known[-1]
        mail["References"] = " ".join(known)
    if number:
        mail["X-Huiyin-Complaint"] = _line(number)
    mail[LOOP_HEADER] = own.lower()
    if automatic:
        # RFC 3834: no machine answers what says this, and Exchange listens to the second.
        mail["Auto-Submitted"] = "auto-replied" if known else "auto-generated"
        mail["X-Auto-Response-Suppress"] = "All"
    text = _UNSTORABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    mail.set_content(text, charset="utf-8", cte="base64")
    mail.add_alternative(_rich(text), subtype="html", charset="utf-8", cte="base64")
    boundary = "huiyin-" + hashlib.sha256(message_id.encode()).hexdigest()[:24]
    mail.set_boundary(boundary)
    for file in files:
        main, _, sub = file.content_type.partition("/")
        mail.add_attachment(
            file.content, maintype=main, subtype=sub, filename=_line(file.name)[:MOST_SUBJECT]
        )
    if files:
        mail.set_boundary(boundary + "-files")
    return mail.as_bytes()


def address(*, value: str) -> str:
    """Return an address as mail servers take it, its domain in ASCII. Raises CannotWriteMail."""
    local, at, domain = value.strip().rpartition("@")
    try:
        plain = domain.encode("idna").decode("ascii") if domain else ""
    except UnicodeError as error:
        raise CannotWriteMail(f"not an address: {value!r}") from error
    if not at or not _LOCAL.fullmatch(local) or not re.fullmatch(r"[A-Za-z0-9.-]{1,253}", plain):
        raise CannotWriteMail(f"not an address: {value!r}")
    if local.startswith(".") or local.endswith(".") or ".." in value:
        raise CannotWriteMail(f"not an address: {value!r}")
    return f"{local}@{plain}"


def _line(value: str) -> str:
    """Return a value on one line. Python would decode an encoded word and write what is in it."""
    return " ".join(_UNSTORABLE.sub(" ", value).split()).replace("=?", "= ?")


def _rich(text: str) -> str:
    out: list[str] = []
    last = 0
    for found in _LINK.finditer(text):
        link = html.escape(found.group())
        out += [html.escape(text[last : found.start()]), f'<a href="{link}">{link}</a>']
        last = found.end()
    body = "".join([*out, html.escape(text[last:])]).replace("\n", "<br>\n")
    return (
        '<!doctype html>\n<html lang="zh-CN"><head><meta charset="utf-8"></head>'
        f'<body style="font-size:15px;line-height:1.7;color:#222">{body}</body></html>\n'
    )
