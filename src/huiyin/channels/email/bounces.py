"""What a bounce says: which of our mails, to whom, and why (RFC 3464 and its imitations)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from email.message import Message

from huiyin.channels.email import headers, message_ids
from huiyin.channels.email.charsets import decode, storable
from huiyin.channels.email.parts import Contents

_MESSAGE_ID = re.compile(r"^\s*(?:message-id|x-message-id)\s*:\s*(<[^<>\s]{3,300}>)", re.I | re.M)
_NUMBER = re.compile(r"^\s*x-huiyin-complaint\s*:\s*(HY\d{8}-\d{6})", re.I | re.M)
_FIELD = re.compile(
    r"^(final-recipient|original-recipient|action|status|diagnostic-code)[ \t]*:[ \t]*(.{1,400})$",
    re.I | re.M,
)
_SAID = re.compile(r"(?<![\d.])[45]\d\d[ -](?:[45]\.\d{1,3}\.\d{1,3})?[^\n]{3,200}")
_ACTIONS = {
    "delayed": "delayed", "delivered": "delivered", "relayed": "delivered", "expanded": "delivered",
}  # fmt: skip
_MOST_READ = 200_000


@dataclass(frozen=True, slots=True)
class Bounce:
    """A report on a mail of ours; ``action`` is failed, delayed or delivered."""

    recipient: str
    status: str
    said: str
    action: str
    message_ids: tuple[str, ...]
    number: str

    def in_words(self) -> str:
        """Return the bounce in one Chinese line, with the other server's own words."""
        what = {"delayed": "邮件尚未送达，仍在重试", "delivered": "邮件已送达"}.get(
            self.action, "邮件被退回"
        )
        parts = [what, self.recipient, self.status, self.said]
        return "：".join(dict.fromkeys(p for p in parts if p))


def read_bounce(*, message: Message, found: Contents) -> Bounce:
    """Return what can be told of a bounce; what it does not say is empty."""
    fields: dict[str, str] = {}
    enclosed: list[str] = []
    for part in found.passed_on:
        enclosed.append("\n".join(f"{n}: {v}" for n, v in part.items())[:_MOST_READ])
    for file in found.files:
        if file.content_type.startswith(("message/", "text/")):
            text = storable(text=decode(raw=file.content[:_MOST_READ], charset=None)[0])
            enclosed.append(text)
            if file.content_type == "message/delivery-status":
                for name, value in _FIELD.findall(re.sub(r"\n[ \t]+", " ", text)):
                    fields.setdefault(name.lower(), value.strip())
    body = found.text[:_MOST_READ]
    places = [*enclosed, body]
    ids = [i for text in places for i in _MESSAGE_ID.findall(text)]
    for name in ("In-Reply-To", "References"):
        ids += message_ids.named(value=headers.first(message=message, name=name))
    number = next((m.group(1).upper() for text in places for m in [_NUMBER.search(text)] if m), "")
    recipient = fields.get("final-recipient", fields.get("original-recipient", ""))
    recipient = recipient.partition(";")[2].strip() or headers.first(
        message=message, name="X-Failed-Recipients"
    )
    said = fields.get("diagnostic-code", "").partition(";")[2].strip()
    if not said:
        line = _SAID.search(body)
        said = line.group(0).strip() if line else ""
    return Bounce(
        recipient=recipient.strip("<> ")[:200],
        status=fields.get("status", "")[:20],
        said=" ".join(said.split())[:200],
        action=_ACTIONS.get(fields.get("action", "").lower(), "failed"),
        message_ids=tuple(dict.fromkeys(ids))[: message_ids.MOST_REFERENCES],
        number=number,
    )
