"""Write an answer as a mail."""

from __future__ import annotations

import html
import re
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

_LINK = re.compile(r"https?://[^\s<>\"，。]+")


class CannotWriteMail(ValueError):
    """A header of the mail would break it."""


def _line(value: str) -> str:
    return re.sub(r"[\r\n\x00]+", " ", value).strip()


def _rich(text: str) -> str:
    body = html.escape(text)
    body = _LINK.sub(lambda m: f'<a href="{m.group(0)}">{m.group(0)}</a>', body)
    return (
        '<!doctype html><html><body style="font-size:15px;line-height:1.7">'
        + body.replace("\n", "<br>\n")
        + "</body></html>"
    )


def write(
    *,
    sender: str,
    recipient: str,
    subject: str,
    text: str,
    message_id: str,
    at: datetime,
    number: str = "",
    in_reply_to: str = "",
    automatic: bool = False,
) -> bytes:
    """Return the bytes of a mail with a text and an HTML part; the same for the same input.

    Line breaks in headers are made blanks. Raises CannotWriteMail for an unusable address.
    """
    if "@" not in recipient or re.search(r"[\s<>,;]", recipient):
        raise CannotWriteMail(f"not an address: {recipient!r}")
    mail = EmailMessage(policy=SMTP)
    mail["From"] = _line(sender)
    mail["To"] = _line(recipient)
    mail["Subject"] = _line(subject) or "回音"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = _line(message_id)
    if in_reply_to:
        mail["In-Reply-To"] = _line(in_reply_to)
        mail["References"] = _line(in_reply_to)
    if number:
        mail["X-Huiyin-Complaint"] = _line(number)
    mail["X-Huiyin-Loop"] = "1"
    if automatic:
        mail["Auto-Submitted"] = "auto-replied"
        mail["X-Auto-Response-Suppress"] = "All"
    mail.set_content(text, charset="utf-8", cte="base64")
    mail.add_alternative(_rich(text), subtype="html", charset="utf-8", cte="base64")
    mail.set_boundary(f"huiyin-{abs(hash_of(message_id)):x}")
    return mail.as_bytes()


def hash_of(text: str) -> int:
    """Return a stable number of a text, for the boundary between parts."""
    value = 0
    for char in text:
        value = (value * 131 + ord(char)) % (1 << 61)
    return value
