"""Chats as they are read: by the visitor with his secret, by people at the desk, by the worker."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Count, OuterRef, Q, Subquery
from django.utils.translation import gettext as _

from huiyin.core.wording import fill_in
from huiyin.store import models
from huiyin.store.ids import tracking_token
from huiyin.store.ledger.chats import PRESENT
from huiyin.store.read import cases, labels, office
from huiyin.store.read.complaint import may_see
from huiyin.store.read.viewer import Viewer

LEADERS = frozenset({"supervisor", "manager", "administrator"})
"""Roles that see every chat."""
_TYPING = timedelta(seconds=6)
_OVERLAP = 20
"""Lines told again before the last one known: two may be stored out of their order."""
_MOST = 500


class CannotSee(LookupError):
    """There is no such chat for whoever asks."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing said."""

    id: str
    side: str
    text: str
    who: str
    at: datetime
    files: tuple[Mapping[str, Any], ...]
    client_id: str


@dataclass(frozen=True, slots=True)
class Chat:
    """One session."""

    id: UUID
    account_id: int
    state: str
    name: str
    phone: str
    email: str
    page: str
    assignee_id: int | None
    assignee: str
    complaint_id: UUID | None
    fallback_channel: str
    fallback_to: str
    opened_at: datetime
    visitor_seen_at: datetime
    visitor_read: UUID | None
    agent_read: UUID | None
    visitor_types: bool
    agent_types: bool
    visitor_there: bool


def token(*, id: UUID) -> str:
    """Return the visitor's secret of a session; derived like that of a tracking link."""
    return tracking_token(secret=settings.SECRET_KEY, complaint_id=id, purpose="chat")


def _recent(moment: datetime | None, now: datetime, within: timedelta) -> bool:
    return moment is not None and now - moment < within


def _chat(row: models.ChatSession, now: datetime) -> Chat:
    return Chat(
        id=row.id,
        account_id=row.account_id,
        state=row.state,
        name=row.name,
        phone=row.phone,
        email=row.email,
        page=row.page,
        assignee_id=row.assignee_id,
        assignee=row.assignee.name if row.assignee else "",
        complaint_id=row.complaint_id,
        fallback_channel=row.fallback_channel,
        fallback_to=row.fallback_to,
        opened_at=row.opened_at,
        visitor_seen_at=row.visitor_seen_at,
        visitor_read=row.visitor_read,
        agent_read=row.agent_read,
        visitor_types=_recent(row.visitor_typing_at, now, _TYPING),
        agent_types=_recent(row.agent_typing_at, now, _TYPING),
        visitor_there=_recent(row.visitor_seen_at, now, PRESENT),
    )


def one(*, id: UUID, now: datetime) -> Chat:
    """Return a session. Raises CannotSee."""
    row = models.ChatSession.objects.select_related("assignee").filter(id=id).first()
    if row is None:
        raise CannotSee(str(id))
    return _chat(row, now)


def of_visitor(*, id: str, secret: str, now: datetime) -> Chat:
    """Return the session that a visitor's secret opens. Raises CannotSee."""
    try:
        known = UUID(id)
    except ValueError as error:
        raise CannotSee(id) from error
    if not hmac.compare_digest(token(id=known).encode(), secret.encode()):
        raise CannotSee(id)
    return one(id=known, now=now)


def lines(*, id: UUID, after: UUID | None = None) -> tuple[Line, ...]:
    """Return what was said after a line, the oldest first, with some lines before it."""
    rows = models.ChatLine.objects.filter(session_id=id).select_related("author")
    last = list(rows.order_by("-id")[: _MOST if after is None else _OVERLAP])
    if after is not None and len(last) == _OVERLAP and last[-1].id > after:
        last = list(rows.filter(id__gt=after).order_by("-id")[:_MOST])
    return tuple(
        Line(
            id=r.id.hex,
            side=r.side,
            text=r.text,
            who=r.author.name if r.author else "",
            at=r.at,
            files=tuple(r.files),
            client_id=r.client_id,
        )
        for r in reversed(last)
    )


def file_of(*, id: UUID, line: str, number: int) -> Mapping[str, Any]:
    """Return a file that came with a line of a session. Raises CannotSee."""
    try:
        row = models.ChatLine.objects.filter(session_id=id, id=UUID(line)).first()
        found = row.files[number] if row else None
    except (ValueError, IndexError) as error:
        raise CannotSee(line) from error
    if found is None:
        raise CannotSee(line)
    return dict(found)


def anybody_there(*, now: datetime) -> bool:
    """Whether somebody takes chats just now."""
    return models.ChatDuty.objects.filter(
        accepting=True, seen_at__gte=now - PRESENT, person__is_active=True
    ).exists()


def accepting(*, person: int) -> bool:
    """Whether somebody said that he takes chats; so by default."""
    row = models.ChatDuty.objects.filter(person_id=person).values_list("accepting", flat=True)
    return row.first() is not False


def live_at(*, address: str) -> UUID | None:
    """Return the live session that an answer's address names."""
    try:
        id = UUID(address)
    except ValueError:
        return None
    rows = models.ChatSession.objects.filter(id=id).exclude(state="ended")
    return rows.values_list("id", flat=True).first()


def changed(*, since: datetime) -> dict[UUID, datetime]:
    """Return which sessions changed since a moment, and when."""
    rows = models.ChatSession.objects.filter(changed_at__gte=since)
    return dict(rows.values_list("id", "changed_at"))


def complaint_told(*, id: UUID) -> UUID | None:
    """Return the complaint to which words of a session led, the latest of them."""
    ids = models.ChatLine.objects.filter(session_id=id, side="visitor").values_list(
        "inbox_id", flat=True
    )
    found = models.InboxItem.objects.filter(id__in=list(ids)).exclude(complaint_id=None)
    return found.order_by("-id").values_list("complaint_id", flat=True).first()


def opened_here(*, id: UUID, complaint_id: UUID) -> bool:
    """Tell whether the words of a session opened a complaint, rather than joined another's."""
    opened = cases.opened_by(complaint_id=complaint_id)
    if opened is None:
        return False
    return models.InboxItem.objects.filter(
        id=opened, channel="chat", external_id__startswith=f"{id.hex}:"
    ).exists()


@dataclass(frozen=True, slots=True)
class Earlier:
    """A line as the complaint needs it."""

    id: UUID
    side: str
    text: str
    at: datetime
    author_id: int | None
    files: tuple[Mapping[str, Any], ...]
    on_complaint: bool


def earlier(*, id: UUID, complaint_id: UUID) -> tuple[Earlier, ...]:
    """Return what was said in a session, with what the complaint has of it by intake already."""
    rows = list(models.ChatLine.objects.filter(session_id=id).exclude(side="system").order_by("id"))
    there = set(
        models.Message.objects.filter(
            complaint_id=complaint_id, inbox_id__in=[r.inbox_id for r in rows if r.inbox_id]
        ).values_list("inbox_id", flat=True)
    )
    return tuple(
        Earlier(
            id=r.id,
            side=r.side,
            text=r.text,
            at=r.at,
            author_id=r.author_id,
            files=tuple(r.files),
            on_complaint=r.on_complaint or r.inbox_id in there,
        )
        for r in rows
    )


def unread_of_visitor(*, id: UUID) -> tuple[Earlier, ...]:
    """Return what was said to a visitor that his page has not shown and that went out nowhere."""
    row = models.ChatSession.objects.get(id=id)
    found = models.ChatLine.objects.filter(session=row, side__in=("agent", "system"))
    found = found.filter(sent_after=False)
    if row.visitor_read is not None:
        found = found.filter(id__gt=row.visitor_read)
    return tuple(
        Earlier(r.id, r.side, r.text, r.at, r.author_id, (), r.on_complaint)
        for r in found.order_by("id")
    )


@dataclass(frozen=True, slots=True)
class Case:
    """The complaint beside a chat, in a few words."""

    id: str
    number: str
    status: str
    category: str
    due_at: datetime | None
    may_see: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One chat in the list of the desk."""

    chat: Chat
    unread: int
    last: str
    last_at: datetime
    case: Case | None
    mine: bool


def desk(*, viewer: Viewer, now: datetime) -> tuple[Row, ...]:
    """Return the live chats that a person may see: waiting, his own, for leaders all.

    Those that ended a few minutes ago are shown to him who had them.
    """
    rows = models.ChatSession.objects.select_related("assignee")
    ended = Q(state="ended", assignee_id=viewer.id, ended_at__gte=now - timedelta(minutes=10))
    wanted = Q(state="waiting") | Q(state="open", assignee_id=viewer.id) | ended
    if viewer.role in LEADERS:
        wanted |= Q(state="open")
    found = list(rows.filter(wanted).order_by("opened_at")[:200])
    ids = [r.id for r in found]
    # who waits is known by his own words, not by what was sent to him by itself
    told = models.ChatLine.objects.exclude(~Q(side="visitor"), session__state="waiting")
    newest = told.filter(session_id=OuterRef("id")).order_by("-id").values("id")[:1]
    latest = rows.filter(id__in=ids).values_list(Subquery(newest), flat=True)
    texts = {r.session_id: r for r in models.ChatLine.objects.filter(id__in=list(latest))}
    unread = _unread(rows=found)
    cases = {
        c.id: c
        for c in models.Complaint.objects.filter(
            id__in=[r.complaint_id for r in found if r.complaint_id]
        )
    }
    return tuple(
        Row(
            chat=_chat(r, now),
            unread=unread.get(r.id, 0),
            last=(texts[r.id].text or _("（图片或文件）"))[:60] if r.id in texts else "",
            last_at=texts[r.id].at if r.id in texts else r.opened_at,
            case=_case(cases.get(r.complaint_id), viewer) if r.complaint_id else None,
            mine=r.assignee_id == viewer.id,
        )
        for r in found
    )


def _unread(*, rows: Sequence[models.ChatSession]) -> dict[UUID, int]:
    wanted = Q(pk__in=[])
    for row in rows:
        one_session = Q(session_id=row.id, side="visitor")
        wanted |= one_session & Q(id__gt=row.agent_read) if row.agent_read else one_session
    found = models.ChatLine.objects.filter(wanted).values_list("session_id")
    return dict(found.annotate(n=Count("id")))


def _case(row: models.Complaint | None, viewer: Viewer) -> Case | None:
    if row is None:
        return None
    playbook = office.playbook(version_id=row.playbook_version)
    return Case(
        id=row.id.hex,
        number=row.number,
        status=labels.status(row.status),
        category=labels.category(playbook, row.category),
        due_at=row.due_at,
        may_see=may_see(viewer=viewer, complaint_id=row.id),
    )


def scripts(*, viewer: Viewer) -> tuple[tuple[str, str], ...]:
    """Return what may be said by a click: (name, text), in the language of the page."""
    playbook = office.current_playbook()
    values = {
        "agent": viewer.name,
        "company": office.company().name,
        "customer": _("您"),
        "hotline": playbook.hotline or _("客服热线"),
        "department": _("客服部"),
        "due": "",
        "waybill": _("（运单号）"),
        "number": _("（编号）"),
    }
    return tuple(
        (labels.said(s.name), fill_in(text=labels.said(s.body), values=values))
        for s in playbook.scripts
    )


def colleagues(*, viewer: Viewer, now: datetime) -> tuple[tuple[int, str], ...]:
    """Return who else takes chats just now: (id, name)."""
    rows = models.ChatDuty.objects.filter(accepting=True, seen_at__gte=now - PRESENT).exclude(
        person_id=viewer.id
    )
    return tuple(rows.order_by("person__name").values_list("person_id", "person__name"))
