"""Chat: a visitor's conversation and the complaint that comes of it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from huiyin.core.because import Reason
from huiyin.store.case import Case
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.ledger import chats as ledger
from huiyin.store.ledger.chats import CannotChat
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import accounts, cases, chats, office
from huiyin.store.read.chats import Chat

LONGEST = 4000
"""Characters of one chat message."""


def clean(*, text: str) -> str:
    """Return words as they are kept. Raises CannotChat for too many."""
    words = text.replace("\x00", "").strip()
    if len(words) > LONGEST:
        raise CannotChat(
            zh=f"一条消息最多 {LONGEST} 字，请分开发送",
            en=f"at most {LONGEST} characters a message, please split it",
        )
    return words


def hear(
    *,
    session: Chat,
    client_id: str,
    text: str,
    files: Sequence[Mapping[str, Any]],
    now: datetime,
    most_per_minute: int,
    branch: str = "",
) -> UUID | None:
    """Store a visitor's words as a line and as a contact of channel chat.

    Returns the inbox id that is to be decided, None for what had come before. Raises CannotChat.
    """
    words = clean(text=text)
    if not words and not files:
        raise CannotChat(zh="请写点什么，或选一张照片", en="write something, or choose a photo")
    arrival = _arrival(
        session=session,
        id=client_id,
        text=words or "（发来照片或文件）",
        files=files,
        branch=branch,
    )
    _line, inbox_id = ledger.visitor_says(
        now=now,
        id=session.id,
        client_id=client_id,
        text=words,
        files=files,
        arrival=arrival,
        most_per_minute=most_per_minute,
    )
    return inbox_id


def _arrival(
    *, session: Chat, id: str, text: str, files: Sequence[Mapping[str, Any]], branch: str = ""
) -> Arrival:
    number = cases.number_of(complaint_id=session.complaint_id) if session.complaint_id else ""
    body = {
        "channel": "chat",
        "sender": session.id.hex,
        "sender_name": session.name,
        "phone": session.phone,
        "email": session.email,
        "text": text,
        "thread": session.id.hex,
        "number": number,
        "branch": branch,
        "files": [dict(f) for f in files],
    }
    return Arrival(
        channel="chat",
        kind="contact",
        external_id=f"{session.id.hex}:{id}",
        raw=json.dumps(body, ensure_ascii=False).encode(),
        headers={},
    )


def whole(*, session: Chat, branch: str) -> Arrival:
    """Return all that a visitor said as one contact, for an agent who makes a complaint of it.

    Raises CannotChat when he has said nothing.
    """
    said = [one for one in chats.lines(id=session.id) if one.side == "visitor"]
    text = "\n".join(one.text for one in said if one.text)
    if not text:
        raise CannotChat(zh="访客还没有说什么", en="the visitor has said nothing yet")
    return _arrival(
        session=session, id=f"whole:{branch}", text=text[:20000], files=(), branch=branch
    )


def join(*, pen: Pen, session_id: UUID, complaint_id: UUID, proven: bool) -> None:
    """Tie a session to its complaint: what was said before goes along, answers go to the chat.

    Where it is not ``proven`` that the visitor is who complained, as he only names the parcel or
    the number, answers go where they went before; what an agent says in the chat he reads there.
    """
    session = chats.one(id=session_id, now=pen.now)
    if session.complaint_id is not None:
        return
    case = pen.case(id=complaint_id)
    before = chats.earlier(id=session_id, complaint_id=complaint_id)
    brought = 0
    for one in before:
        if one.on_complaint:
            continue
        message_id = pen.message(
            case=case,
            direction="in" if one.side == "visitor" else "out",
            channel="chat",
            text=one.text or "（发来照片或文件）",
            at=one.at,
            thread=session_id.hex,
            author_id=one.author_id,
            sender_name=session.name if one.side == "visitor" else "",
            to_customer=True,
        )
        for file in one.files:
            pen.add(
                table="attachment",
                row={
                    "id": new_id(now=pen.now),
                    "message_id": message_id,
                    "is_image": str(file["content_type"]).startswith("image/"),
                    **file,
                },
            )
        pen.alter(table="chat_line", key=one.id, on_complaint=True)
        brought += 1
    channel, to = _fallback(session=session, case=case)
    if proven and (case.reply_channel != "chat" or case.reply_to != session_id.hex):
        pen.set(case=case, reply_channel="chat", reply_to=session_id.hex)
    pen.alter(
        table="chat_session",
        key=session_id,
        complaint_id=complaint_id,
        fallback_channel=channel,
        fallback_to=to,
        changed_at=pen.now,
    )
    pen.record(
        case=case,
        kind="ChatJoined",
        data={"session": session_id.hex, "brought": brought},
        because=[
            Reason(
                rule="chat.joined",
                zh=f"在线会话接入，之前说过的 {brought} 句一并带来",
                en=f"the chat belongs here now, with {brought} earlier lines of it",
            )
        ],
    )


def _fallback(*, session: Chat, case: Case) -> tuple[str, str]:
    """Return how the customer is reached when he has left the chat."""
    if session.email:
        return "email", session.email
    if case.reply_channel not in {"", "chat"}:
        return case.reply_channel, case.reply_to
    if session.phone:
        return "sms", session.phone
    return "portal", ""


def end(*, pen: Pen, session_id: UUID, by: int | None, transcript: bool) -> bool:
    """End a session; answers take the other way from now on. False when it had ended.

    ``transcript``: what was said goes to the visitor by mail, where he left an address.
    """
    session = chats.one(id=session_id, now=pen.now)
    if not ledger.end(now=pen.now, id=session_id):
        return False
    case = pen.case(id=session.complaint_id) if session.complaint_id else None
    if transcript and session.email:
        _send_transcript(pen=pen, session=session, case=case)
    if case is None:
        return True
    if case.reply_channel == "chat" and case.reply_to == session_id.hex:
        pen.set(case=case, reply_channel=session.fallback_channel, reply_to=session.fallback_to)
    pen.record(
        case=case, kind="ChatEnded", data={"session": session_id.hex, "by": by, "mail": transcript}
    )
    return True


def _send_transcript(*, pen: Pen, session: Chat, case: Case | None) -> None:
    zone = ZoneInfo(office.current_playbook().timezone)
    company = cases.company_name()
    said = []
    for one in chats.lines(id=session.id):
        who = (session.name or "您") if one.side == "visitor" else one.who or company
        names = "".join(f" [{f['name']}]" for f in one.files)
        said.append(f"{one.at.astimezone(zone):%m-%d %H:%M} {who}：{one.text}{names}")
    pen.send(
        case=case,
        channel="email",
        recipient=session.email,
        payload={
            "subject": f"{company}：您的在线会话记录" + (f" [{case.number}]" if case else ""),
            "text": "\n".join(said),
            "number": case.number if case else "",
            "automatic": True,
        },
    )


def follow_gone(*, pen: Pen, limit: int) -> int:
    """Send after a visitor who has left what he has not read; end chats that nobody comes back to.

    Where he can be reached by no other channel it stands on his tracking page.
    """
    done = 0
    for id in ledger.gone(now=pen.now, limit=limit):
        session = chats.one(id=id, now=pen.now)
        unread = chats.unread_of_visitor(id=id)
        channel, to = session.fallback_channel, session.fallback_to
        if session.complaint_id is None and session.email:
            channel, to = "email", session.email
        for one in unread:
            pen.alter(table="chat_line", key=one.id, sent_after=True)
        if unread and accounts.sends_to(channel=channel, address=to):
            case = pen.case(id=session.complaint_id) if session.complaint_id else None
            mark = f" [{case.number}]" if case else ""
            pen.send(
                case=case,
                channel=channel,
                recipient=to,
                payload={
                    "subject": f"{cases.company_name()}：您离开后我们的答复{mark}",
                    "text": "\n\n".join(one.text for one in unread),
                    "number": case.number if case else "",
                    "automatic": False,
                },
            )
        done += 1
    for id in ledger.forsaken(now=pen.now, limit=limit):
        done += end(pen=pen, session_id=id, by=None, transcript=False)
    return done
