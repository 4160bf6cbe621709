"""Chats' writing: sessions, what is said in them, who types, who is on duty."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from huiyin.store import models
from huiyin.store.ids import new_id
from huiyin.store.ledger import inbox
from huiyin.store.ledger.inbox import Arrival

PRESENT = timedelta(seconds=45)
"""How long somebody counts as there after his page was last heard of."""


class CannotChat(ValueError):
    """The session takes no words; ``zh`` and ``en`` say why, ``busy`` that too many came."""

    def __init__(self, *, zh: str, en: str, busy: bool = False) -> None:
        self.zh = zh
        self.en = en
        self.busy = busy
        super().__init__(en)


def begin(
    *, now: datetime, account_id: int, once: str, fields: Mapping[str, str], most_per_hour: int
) -> UUID:
    """Begin a session, or return the one begun with the same ``once``.

    ``fields`` are name, phone, email, page and address_hash. Raises CannotChat for too many from
    one address.
    """
    with transaction.atomic():
        known = models.ChatSession.objects.filter(once=once).values_list("id", flat=True).first()
        if known is not None:
            return known
        since = now - timedelta(hours=1)
        begun = models.ChatSession.objects.filter(
            address_hash=fields["address_hash"], opened_at__gte=since
        ).count()
        if begun >= most_per_hour:
            raise CannotChat(
                zh="会话太多，请稍后再来", en="too many sessions, come again later", busy=True
            )
        row, _made = models.ChatSession.objects.get_or_create(
            once=once,
            defaults={
                "id": new_id(now=now),
                "account_id": account_id,
                "opened_at": now,
                "visitor_seen_at": now,
                "changed_at": now,
                **fields,
            },
        )
        return row.id


def _locked(*, id: UUID) -> models.ChatSession:
    row = models.ChatSession.objects.select_for_update().filter(id=id).first()
    if row is None:
        raise CannotChat(zh="没有这个会话", en="no such session")
    return row


def visitor_says(
    *,
    now: datetime,
    id: UUID,
    client_id: str,
    text: str,
    files: Sequence[Mapping[str, Any]],
    arrival: Arrival,
    most_per_minute: int,
) -> tuple[UUID, UUID | None]:
    """Store a visitor's words and, in the same transaction, the contact that they are.

    Returns the line's id and the inbox id to be decided; None for what had come before. Raises
    CannotChat for an ended session or too many words.
    """
    with transaction.atomic():
        session = _locked(id=id)
        known = models.ChatLine.objects.filter(session=session, client_id=client_id).first()
        if known is not None:
            return known.id, None
        if session.state == "ended":
            raise CannotChat(zh="会话已结束，请重新开始", en="the session has ended, begin anew")
        lately = models.ChatLine.objects.filter(
            session=session, side="visitor", at__gte=now - timedelta(minutes=1)
        ).count()
        if lately >= most_per_minute:
            raise CannotChat(zh="发得太快，请过一会儿再发", en="too fast, wait a moment", busy=True)
        accepted = inbox.accept(now=now, arrivals=[arrival])[0]
        line_id = new_id(now=now)
        models.ChatLine.objects.create(
            id=line_id,
            session=session,
            side="visitor",
            text=text,
            files=[dict(f) for f in files],
            client_id=client_id,
            at=now,
            inbox_id=accepted.id,
        )
        session.changed_at = session.visitor_seen_at = now
        session.visitor_typing_at = None
        session.save(update_fields=["changed_at", "visitor_seen_at", "visitor_typing_at"])
        return line_id, accepted.id


def say(
    *, now: datetime, id: UUID, side: str, text: str, client_id: str, author: int | None
) -> UUID:
    """Store words of an agent or of the system; what was said before is not said twice.

    Raises CannotChat for an ended session.
    """
    with transaction.atomic():
        session = _locked(id=id)
        known = models.ChatLine.objects.filter(session=session, client_id=client_id).first()
        if known is not None:
            return known.id
        if session.state == "ended":
            raise CannotChat(zh="会话已结束", en="the session has ended")
        line_id = new_id(now=now)
        models.ChatLine.objects.create(
            id=line_id,
            session=session,
            side=side,
            text=text,
            client_id=client_id,
            author_id=author,
            at=now,
        )
        session.changed_at = now
        if side == "agent":
            session.agent_typing_at, session.agent_read = None, line_id
        session.save(update_fields=["changed_at", "agent_typing_at", "agent_read"])
        return line_id


def take(*, now: datetime, id: UUID, by: int, instead_of: int | None) -> bool:
    """Give a chat to somebody; False when another was quicker or it has ended."""
    return bool(
        models.ChatSession.objects.filter(id=id, assignee_id=instead_of)
        .exclude(state="ended")
        .update(assignee_id=by, state="open", changed_at=now)
    )


def typing(*, now: datetime, id: UUID, side: str) -> None:
    """Let the other side know that somebody is typing."""
    field = "visitor_typing_at" if side == "visitor" else "agent_typing_at"
    models.ChatSession.objects.filter(id=id).exclude(state="ended").update(
        **{field: now, "changed_at": now}
    )


def seen(*, now: datetime, id: UUID, side: str, line: UUID | None) -> None:
    """Remember that a side's page is there and which line it has shown."""
    rows = models.ChatSession.objects.filter(id=id)
    if side == "visitor":
        rows.filter(visitor_seen_at__lt=now - timedelta(seconds=5)).update(visitor_seen_at=now)
    if line is None:
        return
    field = "visitor_read" if side == "visitor" else "agent_read"
    unread = Q(**{field: None}) | Q(**{f"{field}__lt": line})
    rows.filter(unread).update(**{field: line, "changed_at": now})


def end(*, now: datetime, id: UUID) -> bool:
    """End a session; False when it had ended before."""
    return bool(
        models.ChatSession.objects.filter(id=id)
        .exclude(state="ended")
        .update(state="ended", ended_at=now, changed_at=now)
    )


def reach(*, id: UUID, email: str) -> None:
    """Keep the address to which a visitor wants what was said."""
    models.ChatSession.objects.filter(id=id).update(email=email)


def on_duty(*, now: datetime, person: int, accepting: bool | None = None) -> None:
    """Remember that somebody's chat desk is open, and whether he takes chats."""
    changes: dict[str, Any] = {"seen_at": now}
    if accepting is not None:
        changes["accepting"] = accepting
    if not models.ChatDuty.objects.filter(person_id=person).update(**changes):
        models.ChatDuty.objects.get_or_create(person_id=person, defaults=changes)


def gone(*, now: datetime, limit: int) -> list[UUID]:
    """Return live sessions whose visitor has left with words that he has not read."""
    away = models.ChatSession.objects.exclude(state="ended").filter(
        visitor_seen_at__lt=now - timedelta(minutes=2)
    )
    unread = Q(lines__side__in=("agent", "system"), lines__sent_after=False) & (
        Q(visitor_read=None) | Q(lines__id__gt=F("visitor_read"))
    )
    return list(away.filter(unread).values_list("id", flat=True).distinct()[:limit])


def forsaken(*, now: datetime, limit: int) -> list[UUID]:
    """Return live sessions whose visitor has not been there for half an hour."""
    rows = models.ChatSession.objects.exclude(state="ended").filter(
        visitor_seen_at__lt=now - timedelta(minutes=30)
    )
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])
