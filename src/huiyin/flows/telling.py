"""Telling the customer: playbook messages filled with facts, on the page and by his channel."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.core.outgoing import Choice
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.schema import Message as MessageText
from huiyin.core.wording import fill_in, next_due, time_said
from huiyin.flows.reaching import LONG_CHANNELS, TALKING, way_of
from huiyin.store.case import Case
from huiyin.store.ids import new_id, tracking_token
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, chats, office
from huiyin.store.read.labels import VERDICT_NAMES


def tracking_url(*, case_id: UUID, number: str, purpose: str = "track") -> str:
    """Return the customer's secret link."""
    token = tracking_token(secret=settings.SECRET_KEY, complaint_id=case_id)
    page = {"track": "t", "survey": "s"}[purpose]
    return f"{settings.HUIYIN.site_url}/{page}/{number}/{token}/"


def language_of(*, case: Case) -> str:
    """Return the language in which a customer is told things: "en" when he writes English."""
    return "en" if case.triage.get("language") == "en" else "zh"


def values_of(*, pen: Pen, case: Case, agent: str = "") -> dict[str, str]:
    """Return what messages may be filled with, for one complaint, in the customer's language."""
    english = language_of(case=case) == "en"
    dues = [c.due_at for c in pen.clocks(case=case) if c.running and c.state != "paused"]
    due = next_due(dues=dues, now=pen.now)
    verdict = VERDICT_NAMES.get(case.verdict, ("", ""))
    return {
        **_common(case.playbook_version, case.department_id, case.category, english),
        "customer": pen.addressee(case=case).name or ("customer" if english else "尊敬的客户"),
        "number": case.number,
        "waybill": case.waybill or ("(not given)" if english else "（未提供）"),
        "due": _due_said(case.playbook_version, due, english),
        "company": cases.company_name(),
        "link": tracking_url(case_id=case.id, number=case.number),
        "agent": agent or ("customer service" if english else "客服"),
        "verdict": verdict[1].lower() if english else verdict[0],
    }


@lru_cache(maxsize=1024)
def _common(
    playbook_version: str, department: str | None, category: str, english: bool
) -> Mapping[str, str]:
    """Return what is said alike in the messages of many complaints."""
    playbook = office.playbook(version_id=playbook_version)
    language = "en" if english else "zh"
    try:
        of_department = playbook.department(code=department or "").name.said(language=language)
    except KeyError:
        of_department = "Customer service" if english else "客服"
    return {
        "department": of_department,
        "category": playbook.category(code=category).name.said(language=language),
        "hotline": playbook.hotline or ("our hotline" if english else "客服热线"),
    }


@lru_cache(maxsize=1024)
def _due_said(playbook_version: str, due: datetime | None, english: bool) -> str:
    zone = ZoneInfo(office.playbook(version_id=playbook_version).timezone)
    return time_said(moment=due, zone=zone, english=english)


def tell(
    *,
    pen: Pen,
    case: Case,
    message: MessageText,
    extra: Mapping[str, str] | None = None,
    also: Callable[[Choice], str] | None = None,
    author: int | None = None,
    automatic: bool = True,
) -> UUID:
    """Say a playbook message to the customer: on the tracking page and by his channel.

    ``also`` gives what the message adds on the way that was chosen.
    """
    values = {**values_of(pen=pen, case=case), **(extra or {})}
    language = language_of(case=case)
    choice = way_of(pen=pen, case=case, automatic=automatic)
    long = choice.channel in LONG_CHANNELS
    subject = ""
    if long:
        subject = fill_in(text=message.long.subject.said(language=language), values=values)
    body = (message.long.body if long else message.short).said(language=language)
    more = also(choice) if also else ""
    return out(
        pen=pen,
        case=case,
        subject=subject,
        text=fill_in(text=f"{body} {more}" if more else body, values=values),
        author=author,
        automatic=automatic,
        choice=choice,
    )


def out(
    *,
    pen: Pen,
    case: Case,
    subject: str,
    text: str,
    author: int | None,
    automatic: bool,
    choice: Choice,
    files: Sequence[Mapping[str, Any]] = (),
) -> UUID:
    """Put words out to the customer: on the tracking page and by the channel chosen.

    ``files`` are {name, content_type, sha256} of kept files that go with a mail.
    """
    way = choice.way
    message_id = pen.message(
        case=case,
        direction="out",
        channel=choice.channel,
        text=text,
        subject=subject,
        author_id=author,
        to_customer=True,
    )
    if case.reply_channel == TALKING:
        _into_chat(pen=pen, case=case, text=text, author=author)
    elif way is not None and way.configured:
        pen.send(
            case=case,
            channel=way.channel,
            recipient=way.address,
            payload={
                "subject": subject,
                "text": text,
                "number": case.number,
                "automatic": automatic,
                **({"because": [r.as_json() for r in choice.because]} if choice.because else {}),
                **({"files": [dict(f) for f in files]} if files else {}),
            },
            message_id=message_id,
            not_before=choice.not_before,
        )
    return message_id


def _into_chat(*, pen: Pen, case: Case, text: str, author: int | None) -> None:
    """Say words in the chat that a complaint is answered in, as long as it lives."""
    session = chats.live_at(address=case.reply_to)
    if session is None:
        return
    line = new_id(now=pen.now)
    pen.add(
        table="chat_line",
        row={
            "id": line,
            "session_id": session,
            "side": "agent" if author else "system",
            "text": text,
            "files": [],
            "client_id": line.hex,
            "author_id": author,
            "at": pen.now,
            "inbox_id": None,
            "on_complaint": True,
            "sent_after": False,
        },
    )
    changes: dict[str, Any] = {"agent_typing_at": None, "agent_read": line} if author else {}
    pen.alter(table="chat_session", key=session, changed_at=pen.now, **changes)


def texts_of(*, case: Case) -> Playbook:
    """Return the playbook whose messages a complaint is answered with."""
    return office.playbook(version_id=case.playbook_version)
