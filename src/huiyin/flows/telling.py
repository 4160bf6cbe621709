"""Telling the customer: playbook messages filled with facts, on the page and by his channel."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.core.playbook import Playbook
from huiyin.core.playbook.schema import Message as MessageText
from huiyin.core.wording import fill_in, next_due, time_said
from huiyin.store.case import Case
from huiyin.store.ids import tracking_token
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, office

LONG_CHANNELS = frozenset({"email"})
SENT_BY = frozenset({"email"})
"""Channels that the worker can deliver to; elsewhere the tracking page shows the answer."""


def tracking_url(*, case_id: UUID, number: str, purpose: str = "track") -> str:
    """Return the customer's secret link."""
    token = tracking_token(secret=settings.SECRET_KEY, complaint_id=case_id)
    page = {"track": "t", "survey": "s"}[purpose]
    return f"{settings.HUIYIN.site_url}/{page}/{number}/{token}/"


def values_of(*, pen: Pen, case: Case, agent: str = "") -> dict[str, str]:
    """Return what scripts and messages may be filled with, for one complaint."""
    playbook = office.playbook(version_id=case.playbook_version)
    zone = ZoneInfo(playbook.timezone)
    dues = [c.due_at for c in pen.clocks(case=case) if c.running and c.state != "paused"]
    department = case.department_id or ""
    try:
        department = playbook.department(code=department).name.zh
    except KeyError:
        department = "客服"
    return {
        "customer": pen.customer_name(case=case) or "尊敬的客户",
        "number": case.number,
        "waybill": case.waybill or "（未提供）",
        "department": department,
        "due": time_said(moment=next_due(dues=dues, now=pen.now), zone=zone),
        "company": cases.company_name(),
        "category": playbook.category(code=case.category).name.zh,
        "hotline": playbook.hotline or "客服热线",
        "link": tracking_url(case_id=case.id, number=case.number),
        "agent": agent or "客服",
        "verdict": {"upheld": "成立", "partly_upheld": "部分成立", "not_upheld": "不成立"}.get(
            case.verdict, ""
        ),
    }


def tell(
    *,
    pen: Pen,
    case: Case,
    message: MessageText,
    extra: Mapping[str, str] | None = None,
    author: int | None = None,
    automatic: bool = True,
) -> UUID:
    """Say a playbook message to the customer: on the tracking page and by his channel."""
    values = {**values_of(pen=pen, case=case), **(extra or {})}
    long = case.reply_channel in LONG_CHANNELS
    subject = fill_in(text=message.long.subject.zh, values=values) if long else ""
    body = message.long.body.zh if long else message.short.zh
    return out(
        pen=pen,
        case=case,
        subject=subject,
        text=fill_in(text=body, values=values),
        author=author,
        automatic=automatic,
    )


def out(
    *, pen: Pen, case: Case, subject: str, text: str, author: int | None, automatic: bool
) -> UUID:
    """Put words out to the customer: on the tracking page and by his channel."""
    message_id = pen.message(
        case=case,
        direction="out",
        channel=case.reply_channel or "portal",
        text=text,
        subject=subject,
        author_id=author,
        to_customer=True,
    )
    if case.reply_channel in SENT_BY and case.reply_to:
        pen.send(
            case=case,
            channel=case.reply_channel,
            recipient=case.reply_to,
            payload={
                "subject": subject,
                "text": text,
                "number": case.number,
                "automatic": automatic,
                "thread": cases.last_thread(complaint_id=case.id),
            },
            message_id=message_id,
        )
    return message_id


def texts_of(*, case: Case) -> Playbook:
    """Return the playbook whose messages a complaint is answered with."""
    return office.playbook(version_id=case.playbook_version)
