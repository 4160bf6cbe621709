"""What the assistant may know of a complaint, what it answered, and what it cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from huiyin.core.access import Thing, may
from huiyin.core.assistant import KINDS, CaseFacts, Known, Said
from huiyin.core.because import Reason
from huiyin.core.masking import mask_text
from huiyin.store import models, past
from huiyin.store.read import labels, office
from huiyin.store.read.complaint import sees_all
from huiyin.store.read.remedies import KIND_NAMES as REMEDY_NAMES
from huiyin.store.read.viewer import Viewer, visible

_BY = {"in": "customer", "out": "agent", "note": "colleague"}
_READS = {
    "summary": ("in", "out", "note"),
    "draft": ("in", "out"),
    "translation": ("in",),
    "opinion": ("in",),
}
"""Kind → the directions of messages that are sent for it."""
_LATEST = 24
_SLOW_SECONDS = 120


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """The latest request of one kind. ``cost`` in hundredths of a 分."""

    id: str
    kind: str
    label: str
    state: str
    text: str
    because: Reason | None
    category_label: str
    our_category_label: str
    same_category: bool
    urgency_label: str
    our_urgency_label: str
    same_urgency: bool
    who: str
    at: datetime
    model: str
    tokens: int
    ms: int
    cost: int
    slow: bool
    """It waits longer than usual."""


@dataclass(frozen=True, slots=True)
class AssistantCard:
    """The assistant beside a complaint; ``kinds`` are code, name and whether it is being asked."""

    id: str
    kinds: tuple[tuple[str, str, bool], ...]
    answers: tuple[AnswerRow, ...]
    waiting: bool
    can_reply: bool
    exhausted: bool


@dataclass(frozen=True, slots=True)
class AssistantUsage:
    """What the assistant was used for today. ``cost`` in hundredths of a 分."""

    requests: int
    by_kind: tuple[tuple[str, int], ...]
    waiting: int
    done: int
    refused: int
    failed: int
    tokens: int
    most_tokens: int
    cost: int
    median_ms: int
    model: str
    last_error: Reason | None


def switched_on() -> bool:
    """Tell whether there is an assistant."""
    return bool(settings.HUIYIN.assistant_url)


def spent(*, now: datetime) -> int:
    """Return the tokens used on the present day of the installation's zone."""
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    found = models.AssistantRequest.objects.filter(asked_at__gte=midnight).aggregate(
        read=Sum("tokens_in"), written=Sum("tokens_out")
    )
    return (found["read"] or 0) + (found["written"] or 0)


def exhausted(*, now: datetime) -> bool:
    """Tell whether today's tokens are used up."""
    return spent(now=now) >= settings.HUIYIN.assistant_daily_tokens


def running(*, complaint_id: UUID, kind: str) -> bool:
    """Tell whether the same was asked of a complaint and not yet answered."""
    return models.AssistantRequest.objects.filter(
        complaint_id=complaint_id, kind=kind, state="pending"
    ).exists()


def facts(*, complaint_id: UUID, kind: str, asked_by: int) -> CaseFacts:
    """Return what one kind of question may tell of a complaint, and what must be hidden in it."""
    row = models.Complaint.objects.select_related("customer").get(id=complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    messages: list[Mapping[str, Any]] = list(
        models.Message.objects.filter(complaint_id=row.id, direction__in=_READS[kind])
        .order_by("at", "id")
        .values("direction", "subject", "text", "sender", "sender_name", "author__name")
    )
    said = tuple(
        Said(by=_BY[m["direction"]], text=f"{m['subject']}\n{m['text']}".strip()) for m in messages
    )
    decided = {}
    if kind == "draft":
        decided = _decided(row=row)
    return CaseFacts(
        said=said,
        known=_known(row=row, messages=messages, asked_by=asked_by),
        decided=decided,
        categories={c.code: c.name.zh for c in playbook.categories},
        urgencies={code: zh for code, (zh, _en) in labels.URGENCY_NAMES.items()},
        at=timezone.localtime(row.opened_at),
    )


def _decided(*, row: models.Complaint) -> dict[str, str]:
    granted = models.Remedy.objects.filter(complaint_id=row.id, state__in=past.GRANTED).values_list(
        "kind", "amount"
    )
    out = {"company": office.company().name}
    if row.verdict:
        out["verdict"] = labels.VERDICT_NAMES[row.verdict][0]
    if granted:
        out["remedy"] = "；".join(
            REMEDY_NAMES.get(kind, (kind, kind))[0] + (f"{amount / 100:g}元" if amount else "")
            for kind, amount in granted
        )
    return out


def _known(*, row: models.Complaint, messages: Sequence[Mapping[str, Any]], asked_by: int) -> Known:
    who = row.customer
    names = {m["sender_name"] for m in messages} | {m["author__name"] for m in messages}
    names |= set(models.User.objects.filter(id=asked_by).values_list("name", flat=True))
    known: dict[str, set[str | None]] = {"phone": set(), "email": set(), "other": {row.number}}
    for sender in {row.reply_to, *(m["sender"] for m in messages)}:
        known["email" if "@" in sender else "other"].add(sender)
    addresses = set()
    if who is not None:
        names.add(who.name)
        known["phone"].add(who.phone)
        known["email"].add(who.email)
        addresses.add(who.address)
        for kind, value in models.Identity.objects.filter(customer_id=who.id).values_list(
            "kind", "value"
        ):
            known[kind if kind in known else "other"].add(value)
    for entity in row.triage.get("entities", ()):
        if entity.get("type") == "person":
            names.add(str(entity["text"]))
    return Known(
        names=_filled(names),
        phones=_filled(known["phone"]),
        waybills=_filled([row.waybill]),
        numbers=_filled(known["other"] - known["phone"]),
        mails=_filled(known["email"]),
        addresses=_filled(addresses),
    )


def _filled(values: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted(v for v in values if v))


def card(*, viewer: Viewer, complaint_id: UUID, now: datetime) -> AssistantCard | None:
    """Return the assistant beside a complaint; None when it is off or not for this viewer."""
    if not switched_on():
        return None
    row = models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).first()
    if row is None:
        return None
    thing = Thing(assignee=row.assignee_id, department=row.department_id)
    if not may(actor=viewer.actor, action="assistant.use", thing=thing):
        return None
    latest: dict[str, models.AssistantRequest] = {}
    for request in (
        models.AssistantRequest.objects.filter(complaint_id=complaint_id)
        .select_related("asked_by")
        .order_by("-id")[:_LATEST]
    ):
        latest.setdefault(request.kind, request)
    revealed = sees_all(complaint_id=complaint_id, viewer=viewer)
    waiting = {k for k, r in latest.items() if r.state == "pending"}
    return AssistantCard(
        id=complaint_id.hex,
        kinds=tuple((k, labels.pick(labels.ASSISTANT_NAMES, k), k in waiting) for k in KINDS),
        answers=tuple(
            _answer(request=r, case=row, revealed=revealed, now=now) for r in latest.values()
        ),
        waiting=bool(waiting),
        can_reply=bool(may(actor=viewer.actor, action="reply", thing=thing)),
        exhausted=exhausted(now=now),
    )


def _answer(
    *, request: models.AssistantRequest, case: models.Complaint, revealed: bool, now: datetime
) -> AnswerRow:
    playbook = office.current_playbook()
    found = request.result
    category, urgency = str(found.get("category", "")), str(found.get("urgency", ""))
    return AnswerRow(
        id=request.id.hex,
        kind=request.kind,
        label=labels.pick(labels.ASSISTANT_NAMES, request.kind),
        state=request.state,
        text=_shown(str(found.get("text", "")), revealed),
        because=Reason.from_json(data=request.because) if request.because else None,
        category_label=labels.category(playbook, category) if category else "",
        our_category_label=labels.category(playbook, case.category),
        same_category=category == case.category,
        urgency_label=labels.pick(labels.URGENCY_NAMES, urgency),
        our_urgency_label=labels.pick(labels.URGENCY_NAMES, case.urgency),
        same_urgency=urgency == case.urgency,
        who=request.asked_by.name,
        at=request.asked_at,
        model=request.model,
        tokens=request.tokens_in + request.tokens_out,
        ms=request.ms,
        cost=request.cost,
        slow=request.state == "pending"
        and (now - request.asked_at).total_seconds() > _SLOW_SECONDS,
    )


def _shown(text: str, revealed: bool) -> str:
    return text if revealed else mask_text(text=text)


def draft(*, viewer: Viewer, complaint_id: UUID, request_id: UUID) -> str | None:
    """Return a draft for the composer, masked as on the page; None when there is none for him."""
    found = card(viewer=viewer, complaint_id=complaint_id, now=timezone.now())
    if found is None or not found.can_reply:
        return None
    row = models.AssistantRequest.objects.filter(
        id=request_id, complaint_id=complaint_id, kind="draft", state="done"
    ).first()
    if row is None:
        return None
    revealed = sees_all(complaint_id=complaint_id, viewer=viewer)
    return _shown(str(row.result.get("text", "")), revealed)


def usage(*, now: datetime) -> AssistantUsage | None:
    """Return today's use of the assistant; None when it is off."""
    if not switched_on():
        return None
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = list(
        models.AssistantRequest.objects.filter(asked_at__gte=midnight)
        .order_by("id")
        .values_list("kind", "state", "tokens_in", "tokens_out", "cost", "ms", "because")
    )
    states = [state for _kind, state, *_rest in rows]
    times = [ms for _kind, state, _in, _out, _cost, ms, _why in rows if state == "done"]
    errors = [why for *_rest, why in rows if why]
    kinds = [kind for kind, *_rest in rows]
    return AssistantUsage(
        requests=len(rows),
        by_kind=tuple((labels.pick(labels.ASSISTANT_NAMES, k), kinds.count(k)) for k in KINDS),
        waiting=states.count("pending"),
        done=states.count("done"),
        refused=states.count("refused"),
        failed=states.count("failed"),
        tokens=sum(r[2] + r[3] for r in rows),
        most_tokens=settings.HUIYIN.assistant_daily_tokens,
        cost=sum(r[4] for r in rows),
        median_ms=round(median(times)) if times else 0,
        model=settings.HUIYIN.assistant_model,
        last_error=Reason.from_json(data=errors[-1]) if errors else None,
    )
