"""Ended complaints like one: how each was answered and ended, and its answer made to fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings

from huiyin.core.access import scope
from huiyin.core.because import Reason
from huiyin.core.masking import mask_text
from huiyin.core.similar import (
    Adapted,
    Parties,
    Present,
    adapt,
    lists,
    places_of,
    rank,
    terms_of,
)
from huiyin.store import models, past
from huiyin.store.read import labels, office
from huiyin.store.read.remedies import KIND_NAMES
from huiyin.store.read.viewer import Viewer, visible

SHOWN = 5
_READ = 4000


class CannotAdapt(LookupError):
    """There is no such complaint for this viewer, or the other one has no answer."""


@dataclass(frozen=True, slots=True)
class SimilarRow:
    """An ended complaint beside the one at hand; ``minutes`` from receipt to answer."""

    id: str
    number: str
    title: str
    category_label: str
    verdict: str
    verdict_label: str
    remedy_label: str
    amount: int
    minutes: int
    stars: int | None
    again: bool
    """It was handled again or opened again."""
    answer: str
    """The beginning of its final answer, masked."""
    because: tuple[Reason, ...]


def similar(*, viewer: Viewer, complaint_id: UUID) -> tuple[SimilarRow, ...]:
    """Return the ended complaints most like one that the viewer may see, the best first.

    Costs a fixed number of queries, each of a bounded number of rows.
    """
    case = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .values("id", "category", "triage", "amount")
        .first()
    )
    if case is None:
        return ()
    present = _present(case=case)
    common = past.commonness()
    reach = scope(actor=viewer.actor)
    found = rank(
        present=present,
        past=past.candidates(
            wanted=lists(present=present, common=common),
            among=common.total,
            without=complaint_id,
            person=None if reach.everything else reach.person,
            home=reach.department,
        ),
        common=common,
        most=2 * SHOWN,
    )
    ids = [UUID(s.case.id) for s in found]
    rows = {
        row[0]: row
        for row in models.Complaint.objects.filter(
            visible(viewer=viewer), id__in=ids, status__in=past.ENDED
        ).values_list("id", "number", "title", "category")
    }
    answers = _answers(ids=list(rows))
    playbook = office.current_playbook()
    out = []
    for one in found:
        row = rows.get(UUID(one.case.id))
        if row is None:
            continue
        row_id, number, title, category = row
        past_case = one.case
        out.append(
            SimilarRow(
                id=row_id.hex,
                number=number,
                title=mask_text(text=title),
                category_label=labels.category(playbook, category),
                verdict=past_case.verdict,
                verdict_label=labels.pick(labels.VERDICT_NAMES, past_case.verdict),
                remedy_label=labels.pick(KIND_NAMES, past_case.remedy),
                amount=past_case.amount,
                minutes=past_case.minutes,
                stars=past_case.stars,
                again=bool(past_case.level or past_case.reopened),
                answer=mask_text(text=answers.get(row_id, "")[:300]),
                because=one.because,
            )
        )
    return tuple(out[:SHOWN])


def _present(*, case: Mapping[str, Any]) -> Present:
    said = models.Message.objects.filter(complaint_id=case["id"], direction="in")
    texts = said.exclude(channel="survey").order_by("at", "id").values_list("subject", "text")[:8]
    entities = case["triage"].get("entities", ())
    return Present(
        terms=terms_of(text="\n".join(f"{s}\n{t}" for s, t in texts)[:_READ]),
        category=case["category"],
        places=places_of(entities=entities),
        goods=past.goods_of(entities=entities),
        band=past.band(amount=case["amount"]),
    )


def _answers(*, ids: list[UUID]) -> dict[UUID, str]:
    """Return the last answer that a person gave, by complaint."""
    rows = (
        models.Message.objects.filter(complaint_id__in=ids, direction="out")
        .exclude(author_id=None, channel__in=_OTHER_CHANNELS)
        .order_by("at", "id")
        .values_list("complaint_id", "text", "author_id", "channel")
    )
    return {c: text for c, text, author, channel in rows if author or channel == "history"}


_OTHER_CHANNELS = tuple(c for c in labels.CHANNEL_NAMES if c != "history")


def adapted(*, viewer: Viewer, complaint_id: UUID, like: UUID) -> Adapted:
    """Return the final answer of another complaint made to fit this one.

    Raises CannotAdapt when either may not be seen, or the other has no answer.
    """
    cases = {
        c.id: c
        for c in models.Complaint.objects.filter(
            visible(viewer=viewer), id__in=[complaint_id, like]
        ).select_related("customer")
    }
    if len(cases) < 2:
        raise CannotAdapt(like)
    last = final_answer(complaint_id=like)
    if last is None:
        raise CannotAdapt(like)
    theirs = parties(case=cases[like], agent=last.author.name if last.author else "")
    mine = parties(case=cases[complaint_id], agent=viewer.name)
    return adapt(answer=last.text, theirs=theirs, mine=mine)


def final_answer(*, complaint_id: UUID) -> models.Message | None:
    """Return the last answer that a person gave, with its author; None without one."""
    return (
        models.Message.objects.filter(complaint_id=complaint_id, direction="out")
        .exclude(author_id=None, channel__in=_OTHER_CHANNELS)
        .select_related("author")
        .order_by("-at", "-id")
        .first()
    )


def parties(*, case: models.Complaint, agent: str) -> Parties:
    """Return what an answer to a complaint may name."""
    entities = case.triage.get("entities", ())
    granted = (
        models.Remedy.objects.filter(complaint_id=case.id, state__in=past.GRANTED)
        .order_by("-amount")
        .values_list("amount", flat=True)
        .first()
    )
    who = case.customer
    senders = (
        models.Message.objects.filter(complaint_id=case.id, direction="in")
        .exclude(sender_name="", sender="")
        .values_list("sender_name", "sender")[:20]
    )
    playbook = office.current_playbook()
    own = (office.company().name, playbook.hotline, settings.HUIYIN.site_url)
    return Parties(
        number=case.number,
        waybill=case.waybill,
        customer=who.name if who else "",
        goods=past.goods_of(entities=entities),
        granted=granted,
        places=places_of(entities=entities),
        agent=agent,
        people=tuple(
            dict.fromkeys(
                [
                    *(name for name, _sender in senders if name),
                    *(str(e["text"]) for e in entities if e.get("type") == "person"),
                ]
            )
        ),
        secret=tuple(
            s
            for s in dict.fromkeys(
                [
                    *((who.phone, who.email, who.address) if who else ()),
                    case.reply_to,
                    *(sender for _name, sender in senders),
                ]
            )
            if len(s) > 3
        ),
        known=tuple(k for k in own if k),
    )
