"""Contacts in Huiyin's own JSON: from the portal, the desk, the API and imported history."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from huiyin.channels.inbound import Appeal, CannotRead, Inbound, InboundAttachment, Past

Short = Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)]
_HEX64 = re.compile(r"^[0-9a-f]{64}$")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ContactFile(BaseModel):
    """A file already kept under its hash."""

    model_config = ConfigDict(extra="forbid")
    name: Short
    content_type: Short
    sha256: Annotated[str, StringConstraints(pattern=_HEX64.pattern)]
    size: Annotated[int, Field(ge=0)]


class Contact(BaseModel):
    """One contact as programs and our own doors post it. Times carry an offset."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)
    id: Short = ""
    channel: Literal[
        "portal", "phone", "desk", "wechat", "web", "email", "sms", "chat", "app",
        "social", "regulator", "api", "marketplace", "history", "care",
    ] = "api"  # fmt: skip
    sender: Short = ""
    sender_name: Annotated[str, StringConstraints(max_length=120)] = ""
    phone: Annotated[str, StringConstraints(max_length=40)] = ""
    email: Short = ""
    text: Annotated[str, StringConstraints(min_length=1, max_length=20000)]
    subject: Annotated[str, StringConstraints(max_length=300)] = ""
    at: datetime | None = None
    waybill: Annotated[str, StringConstraints(max_length=40)] = ""
    thread: Annotated[str, StringConstraints(max_length=250)] = ""
    category: Annotated[str, StringConstraints(max_length=20)] = ""
    branch: Literal["", "consultation", "business_request", "complaint"] = ""
    number: Annotated[str, StringConstraints(max_length=24)] = ""
    files: list[ContactFile] = []
    came_by: Annotated[str, StringConstraints(max_length=20)] = ""
    reply: Annotated[str, StringConstraints(max_length=20000)] = ""
    replied_at: datetime | None = None
    reference: Annotated[str, StringConstraints(max_length=120)] = ""
    until: datetime | None = None

    @model_validator(mode="after")
    def _past_only(self) -> Contact:
        if self.channel != "history" and (self.came_by or self.reply or self.replied_at):
            raise ValueError("came_by, reply and replied_at belong to channel history")
        if self.channel != "regulator" and (self.reference or self.until):
            raise ValueError("reference and until belong to channel regulator")
        return self

    @field_validator("at", "replied_at", "until")
    @classmethod
    def _aware(cls, value: datetime | None) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise ValueError("time without offset; write 2026-11-03T09:15:00+08:00")
        return value

    @field_validator("text", "subject", "sender", "sender_name", "reply")
    @classmethod
    def _storable(cls, value: str) -> str:
        return _UNSTORABLE.sub("\ufffd", value)


def read(*, raw: bytes) -> Inbound:
    """Read a contact from our JSON. Raises CannotRead naming the field that is wrong."""
    try:
        contact = Contact.model_validate_json(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "body"
        raise CannotRead(
            zh=f"内容无法读取：{where}：{first['msg']}", en=f"cannot read: {where}: {first['msg']}"
        ) from error
    return Inbound(
        channel=contact.channel,
        external_id=contact.id,
        sender=contact.sender or contact.phone or contact.email,
        sender_name=contact.sender_name,
        subject=contact.subject,
        text=contact.text,
        at=contact.at,
        thread=contact.thread,
        phone=contact.phone,
        email=contact.email,
        waybill=contact.waybill,
        category=contact.category,
        branch=contact.branch,
        number=contact.number,
        past=_past(contact=contact),
        appeal=Appeal(reference=contact.reference, until=contact.until)
        if contact.channel == "regulator"
        else None,
        attachments=tuple(
            InboundAttachment(
                name=f.name, content_type=f.content_type, sha256=f.sha256, size=f.size
            )
            for f in contact.files
        ),
    )


def _past(*, contact: Contact) -> Past | None:
    if contact.channel != "history":
        return None
    return Past(came_by=contact.came_by, reply=contact.reply, replied_at=contact.replied_at)
