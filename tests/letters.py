"""The captured mails of the tests: raw bytes, and what they are read as."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path
from typing import Any

from huiyin.channels.email.read import read
from huiyin.channels.inbound import CannotRead

MAILS = Path(__file__).parent / "channels" / "email" / "mails"
NAMES = sorted(path.stem for path in MAILS.glob("*.eml"))
RECEIVED = datetime.fromisoformat("2026-11-03T10:30:00+08:00")
OWN = frozenset({"care@care.example"})
TRUSTED = frozenset({"mx.care.example"})


def reading(raw: bytes) -> dict[str, Any]:
    """Return what a mail is read as, without what is empty."""
    try:
        mail = read(raw=raw, own_addresses=OWN, received_at=RECEIVED, trusted=TRUSTED)
    except CannotRead as error:
        return {"cannot_read": error.en, "zh": error.zh}
    assert mail.at is not None
    told = {
        "auto": mail.auto,
        "sender": mail.sender,
        "sender_name": mail.sender_name,
        "answer_to": mail.email,
        "recipients": list(mail.recipients),
        "subject": mail.subject,
        "text": mail.text,
        "quoted": mail.quoted,
        "html": mail.html,
        "at": mail.at.isoformat(),
        "thread": mail.thread,
        "references": list(mail.references),
        "number": mail.number,
        "files": [
            {
                "name": file.name,
                "type": file.content_type,
                "size": file.size,
                "sha256": hashlib.sha256(file.content).hexdigest()[:12],
                **({"inline": file.cid} if file.inline else {}),
            }
            for file in mail.attachments
        ],
        "enclosed": [
            {"kind": one.kind, "title": one.title, "text": one.text, **dict(one.facts)}
            for one in mail.enclosed
        ],
        "seals": list(mail.seals),
        "proof": list(mail.proof),
        "notes": list(mail.notes),
    }
    return {name: value for name, value in told.items() if value not in ("", None, [])}
