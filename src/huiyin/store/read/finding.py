"""What a search finds: complaints by their words and numbers, as this viewer may see them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from huiyin.core.access import scope
from huiyin.core.lifecycle import ENDED, LIVE, STATUS_NAMES
from huiyin.core.masking import mask_text
from huiyin.core.search import Asked, Piece, asked, marked
from huiyin.store import models, search
from huiyin.store.fitting import Wanted
from huiyin.store.read import history, labels, office
from huiyin.store.read.pages import Choice, QueueRow
from huiyin.store.read.queue import ROW, row_of
from huiyin.store.read.viewer import Viewer, visible

PAGE = 20
MOST = 200
FILTERS = ("category", "department", "status", "channel", "since", "until")
_LONGEST = 200
_NUMBER = re.compile(r"HY\d{8}-\d{6,}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A complaint with the passage that was found."""

    row: QueueRow
    title: tuple[Piece, ...]
    where: str
    """Whose words they are: the customer's, ours or a note."""
    at: datetime
    pieces: tuple[Piece, ...]
    """The passage, empty where the title says it all."""
    by: str
    """Number, waybill or phone that was found although the passage does not show it."""


@dataclass(frozen=True, slots=True)
class FoundPage:
    """One page of what was found."""

    text: str
    words: tuple[str, ...]
    filters: dict[str, str]
    wrong: tuple[str, ...]
    """Filters that cannot be read."""
    rows: tuple[FoundRow, ...]
    total: int
    capped: bool
    """There are, or may be, more than ``total``."""
    most: int
    """So many are found at most."""
    loose: bool
    """Nothing holds all of the words; these hold some."""
    page: int
    pages: int
    categories: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    statuses: tuple[Choice, ...]
    channels: tuple[Choice, ...]


def found(
    *, viewer: Viewer, text: str, filters: Mapping[str, str] | None = None, page: int = 1
) -> FoundPage:
    """Return the complaints whose messages hold all words of ``text``, newest first.

    A part of a number of four characters is a word. Operators and signs mean nothing. Costs a
    fixed number of queries.
    """
    text = text.replace("\x00", "").strip()[:_LONGEST]
    chosen = {k: v for k, v in (filters or {}).items() if k in FILTERS and v}
    words = asked(text=text)
    wanted, wrong = _wanted(viewer=viewer, chosen=chosen)
    enough = PAGE * max(1, page) + 1
    answer = search.find(words=words, wanted=wanted, limit=MOST, enough=enough)
    loose = not answer.hits and len(words) > 1
    if loose:
        answer = search.find(words=words, wanted=wanted, limit=MOST, enough=enough, any_word=True)
        loose = bool(answer.hits)
    hits = _named_first(text=text, hits=answer.hits)
    pages = max(1, -(-len(hits) // PAGE))
    page = min(max(1, page), pages)
    shown = hits[(page - 1) * PAGE : page * PAGE]
    playbook = office.current_playbook()
    return FoundPage(
        text=text,
        words=tuple(w.text for w in words),
        filters=chosen,
        wrong=wrong,
        rows=_rows(viewer=viewer, hits=shown, words=words),
        total=len(hits),
        capped=not answer.whole,
        most=MOST,
        loose=loose,
        page=page,
        pages=pages,
        categories=_choices(
            ((c.code, labels.said(c.name)) for c in playbook.categories), chosen.get("category")
        ),
        departments=_choices(
            ((d.code, labels.said(d.name)) for d in playbook.departments), chosen.get("department")
        ),
        statuses=_choices(
            (
                ("live", _("在办")),
                ("ended", _("已结束")),
                *((s, labels.status(s)) for s in STATUS_NAMES),
            ),
            chosen.get("status"),
        ),
        channels=_choices(labels.channels(), chosen.get("channel")),
    )


def _choices(pairs: Any, chosen: str | None) -> tuple[Choice, ...]:
    return tuple(Choice(code=c, label=n, selected=c == chosen) for c, n in pairs)


def _wanted(*, viewer: Viewer, chosen: Mapping[str, str]) -> tuple[Wanted, tuple[str, ...]]:
    zone = ZoneInfo(office.current_playbook().timezone)
    wrong = []
    ends: dict[str, int | None] = {"since": None, "until": None}
    for name in ends:
        if not chosen.get(name):
            continue
        try:
            day = date.fromisoformat(chosen[name]) + timedelta(days=name == "until")
            ends[name] = int(datetime.combine(day, time(), tzinfo=zone).timestamp())
        except (ValueError, OverflowError):
            wrong.append(name)
    status = chosen.get("status", "")
    statuses = {"live": tuple(sorted(LIVE)), "ended": tuple(sorted(ENDED))}.get(
        status, (status,) if status else ()
    )
    reach = scope(actor=viewer.actor)
    return (
        Wanted(
            category=chosen.get("category", ""),
            department=chosen.get("department", ""),
            channel=chosen.get("channel", ""),
            statuses=statuses,
            since=ends["since"],
            until=ends["until"],
            person=None if reach.everything else reach.person,
            home=reach.department,
        ),
        tuple(wrong),
    )


def _named_first(*, text: str, hits: list[search.Hit]) -> list[search.Hit]:
    """Put the complaint whose number is the whole question in front of those that mention it."""
    if not _NUMBER.match(text):
        return hits
    named = history.by_number(number=text)
    return sorted(hits, key=lambda h: h.complaint_id != named)


def _rows(
    *, viewer: Viewer, hits: Sequence[search.Hit], words: Sequence[Asked]
) -> tuple[FoundRow, ...]:
    if not hits:
        return ()
    cases = {
        row["id"]: row
        for row in models.Complaint.objects.filter(
            visible(viewer=viewer), id__in=[h.complaint_id for h in hits]
        ).values(*ROW)
    }
    messages = {
        m["id"]: m
        for m in models.Message.objects.filter(id__in=[h.message_id for h in hits]).values(
            "id", "direction", "channel", "at", "subject", "text"
        )
    }
    texts = [w.text for w in words]
    return tuple(
        _row(row=cases[h.complaint_id], message=messages[h.message_id], words=texts)
        for h in hits
        if h.complaint_id in cases and h.message_id in messages
    )


def _row(*, row: Mapping[str, Any], message: Mapping[str, Any], words: list[str]) -> FoundRow:
    shown = row_of(row=row)
    title = marked(text=shown.title, words=words, length=_LONGEST)
    said = mask_text(text=f"{message['subject']} {message['text']}".strip())
    pieces = marked(text=said, words=words)
    hit = any(p.hit for p in pieces)
    if said in shown.title:
        pieces = ()
    where = {
        "in": _("客户评价") if message["channel"] == "survey" else _("客户的话"),
        "out": _("我们的答复"),
        "note": _("内部备注"),
    }[message["direction"]]
    return FoundRow(
        row=shown,
        title=title,
        where=where,
        at=message["at"],
        pieces=pieces,
        by="" if hit else _known_by(row=row, words=words),
    )


def _known_by(*, row: Mapping[str, Any], words: Sequence[str]) -> str:
    number, waybill = str(row["number"]).lower(), str(row["waybill"]).lower()
    if any(w in number for w in words):
        return _("投诉编号相符")
    if any(w in waybill for w in words):
        return _("运单号相符")
    if any(w.isdigit() for w in words):
        return _("电话相符")
    return _("姓名相符")
