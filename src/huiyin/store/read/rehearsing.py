"""Past complaints through a draft playbook: what would have been otherwise."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import OuterRef, Subquery, Sum
from django.utils.translation import gettext as _
from openpyxl import Workbook

from huiyin.core.because import Reason
from huiyin.core.playbook import Playbook
from huiyin.core.playbook.lengths import length_words
from huiyin.core.playbook.rehearse import FIELD_NAMES, Difference, Past, differences, outcome
from huiyin.store import models
from huiyin.store.facts import facts_of
from huiyin.store.ledger.rehearsals import PREFIX
from huiyin.store.read import labels
from huiyin.store.read.workbook import cells, content

_CHUNK = 500
_GRANTED = ("approved", "accepted", "paid")


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """One past complaint: what would have been otherwise, nothing where all stays."""

    id: str
    number: str
    category: str
    opened_at: datetime
    differences: tuple[Difference, ...]
    error: str = ""
    """Why it cannot be worked under the draft at all."""


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """The result over many: how many, how many differ, by what; the first of those that do."""

    total: int
    changed: int
    impossible: int
    by_field: tuple[tuple[str, int], ...]
    rows: tuple[Rehearsed, ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """A rehearsal that was asked for: asked, running, done or failed, and how far it is."""

    phase: str
    limit: int
    revision: int
    done: int
    total: int
    asked_at: datetime
    ended_at: datetime | None
    rows: str
    """Under which hash the file store keeps what came of it."""

    @property
    def share(self) -> int:
        """How much is done, percent."""
        return 100 * self.done // self.total if self.total else 0


def progress(*, draft_id: UUID) -> Progress | None:
    """Return the last rehearsal of a draft, None where there was none."""
    row = models.Job.objects.filter(name=PREFIX + draft_id.hex).first()
    if row is None:
        return None
    state, ended = row.state, row.state.get("ended_at")
    return Progress(
        phase=state["phase"], limit=state["limit"], revision=state["revision"],
        done=state["done"], total=state["total"],
        asked_at=datetime.fromisoformat(state["asked_at"]),
        ended_at=datetime.fromisoformat(ended) if ended else None, rows=state.get("rows", ""),
    )  # fmt: skip


def how_many(*, limit: int) -> int:
    """Return how many complaints a rehearsal of so many would lead through."""
    ids = models.Complaint.objects.exclude(status="merged").order_by().values_list("id", flat=True)
    return len(ids[:limit])


def written_down(*, rows: Iterable[Rehearsed]) -> bytes:
    """Return the complaints that differ as a file, one JSON object a line."""
    lines = (
        {
            "id": r.id, "number": r.number, "category": r.category,
            "at": r.opened_at.isoformat(), "error": r.error,
            "differences": [
                [d.field, d.before, d.after, d.because.as_json() if d.because else None]
                for d in r.differences
            ],
        }
        for r in rows
    )  # fmt: skip
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()


def read_back(*, content: bytes) -> Iterator[Rehearsed]:
    """Yield the complaints that :func:`written_down` kept."""
    for line in content.decode().splitlines():
        row = json.loads(line)
        yield Rehearsed(
            id=row["id"], number=row["number"], category=row["category"],
            opened_at=datetime.fromisoformat(row["at"]), error=row["error"],
            differences=tuple(
                Difference(field, before, after, Reason.from_json(data=why) if why else None)
                for field, before, after, why in row["differences"]
            ),
        )  # fmt: skip


def rehearse(*, current: Playbook, draft: Playbook, limit: int) -> Iterator[Rehearsed]:
    """Yield the latest complaints through both versions, newest first.

    For who may write or approve playbooks, who see all. Costs one query in chunks of 500.
    """
    zone = ZoneInfo(current.timezone)
    granted = (
        models.Remedy.objects.filter(complaint=OuterRef("pk"), state__in=_GRANTED)
        .order_by()
        .values("complaint")
        .annotate(sum=Sum("amount"))
        .values("sum")
    )
    rows = models.Complaint.objects.exclude(status="merged").annotate(granted=Subquery(granted))
    found = rows.order_by("-opened_at").iterator(chunk_size=_CHUNK)
    for row in islice(found, limit):
        facts = facts_of(case=row)
        # As it was when it came: before anybody had worked on it.
        for later in ("verdict", "cause"):
            facts.pop(later, None)
        read = str(row.triage.get("urgency") or row.urgency)
        facts |= {"rehandling": 0, "reopened": 0, "contacts": 1, "urgency": read}
        past = Past(
            facts=facts,
            on=row.opened_at.astimezone(zone).date(),
            granted=int(row.granted or 0),
        )
        try:
            found_out = differences(
                before=outcome(playbook=current, past=past),
                after=outcome(playbook=draft, past=past),
            )
            error = ""
        except KeyError as problem:
            found_out, error = (), str(problem)
        yield Rehearsed(
            id=row.id.hex, number=row.number, category=row.category, opened_at=row.opened_at,
            differences=found_out, error=error,
        )  # fmt: skip


def summary(*, rows: Iterator[Rehearsed], total: int | None = None, most: int = 100) -> Rehearsal:
    """Sum a rehearsal up; ``most`` rows that differ are kept to be shown.

    ``total`` is how many were led through where ``rows`` are only those that differ.
    """
    looked_at = changed = impossible = 0
    fields: Counter[str] = Counter()
    kept: list[Rehearsed] = []
    for row in rows:
        looked_at += 1
        impossible += bool(row.error)
        if row.differences or row.error:
            changed += bool(row.differences)
            fields.update({d.field for d in row.differences})
            if len(kept) < most:
                kept.append(row)
    return Rehearsal(
        total=looked_at if total is None else total,
        changed=changed,
        impossible=impossible,
        by_field=tuple((f, fields[f]) for f in FIELD_NAMES if fields[f]),
        rows=tuple(kept),
    )


def said(*, difference: Difference, playbook: Playbook, draft: Playbook) -> tuple[str, str, str]:
    """Return (what, before, after) of a difference in the language of the page."""
    what = labels.pick(FIELD_NAMES, difference.field)
    values = []
    for value, book in ((difference.before, playbook), (difference.after, draft)):
        if difference.field == "urgency":
            value = labels.pick(labels.URGENCY_NAMES, value)
        elif difference.field == "department":
            value = labels.department(book, value)
        elif difference.field == "authority":
            value = labels.role(value) if value else ""
        elif difference.field == "steps":
            value = "、".join(labels.step(book, s) for s in value.split())
        elif value:
            id, length, calendar = value.split(" ")
            words = length_words(length=length, english=labels.english())
            value = f"{labels.clock(book, id)} {words} ({calendar})"
        values.append(value or "—")
    return what, values[0], values[1]


def lines(
    *, row: Rehearsed, playbook: Playbook, draft: Playbook
) -> list[tuple[str, str, str, str]]:
    """Return (what, before, after, why) of everything that differs on one complaint."""
    out = []
    for one in row.differences:
        why = one.because
        because = labels.said(why) if why else ""
        out.append((*said(difference=one, playbook=playbook, draft=draft), because))
    if row.error:
        out.append((_("办不了"), "", row.error, ""))
    return out


def workbook(
    *, rows: Iterator[Rehearsed], playbook: Playbook, draft: Playbook
) -> tuple[bytes, int]:
    """Return a rehearsal as xlsx with every difference, and how many complaints differ."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("试跑"))
    heads = (_("投诉"), _("受理时间"), _("类别"), _("哪里"), _("原来"), _("改为"), _("为什么"))
    sheet.append(cells(values=heads))
    many = 0
    for row in rows:
        told = lines(row=row, playbook=playbook, draft=draft)
        many += bool(told)
        for line in told:
            at = row.opened_at.astimezone(ZoneInfo(playbook.timezone)).strftime("%Y-%m-%d %H:%M")
            values = (row.number, at, labels.category(playbook, row.category), *line)
            sheet.append(cells(values=values))
    return content(book=book), many
