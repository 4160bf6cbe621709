"""A complaint's page: everything on it, in a fixed number of queries, as this viewer may see it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from huiyin.core import masking
from huiyin.core.access import Thing, may
from huiyin.core.because import Reason
from huiyin.core.lifecycle import ENDED, MOVES
from huiyin.core.playbook import Playbook
from huiyin.core.rehandling import GROUND_NAMES
from huiyin.core.wording import fill_in, next_due, time_said
from huiyin.store import models
from huiyin.store.case import ANSWERED_BEFORE, CLOCK_FIELDS, Ticking
from huiyin.store.ids import tracking_token
from huiyin.store.read import (
    accounts,
    care,
    causes,
    collaborations,
    conduct,
    evidence,
    labels,
    mails,
    office,
    pairing,
    procedure,
)
from huiyin.store.read.actors import actor_name, names_of_people
from huiyin.store.read.call_backs import OUTCOME_NAMES
from huiyin.store.read.holding import holding
from huiyin.store.read.offers import DeskOffer, desk_offers
from huiyin.store.read.pages import (
    Action,
    AttachmentView,
    Choice,
    ClockView,
    ComplaintPage,
    CustomerView,
    RelatedRow,
    ScriptView,
    TimelineItem,
    TriageView,
    WaybillView,
)
from huiyin.store.read.there import There
from huiyin.store.read.there import there as what_is_there
from huiyin.store.read.viewer import Viewer, visible

QUIET = frozenset(
    {
        "ClocksStarted",
        "NoteAdded",
        "ReplySent",
        "Acknowledged",
        "SatisfactionShown",
        "AssistantAnswered",
        "DoubtReviewed",
    }
)
"""Events that the timeline shows by the message beside them, or not at all."""
CARE_EVENTS = frozenset({"PromiseKept", "PromiseBroken", "PromiseWithdrawn", "CallBackDue"})
"""Events that carry the name of what they are about."""
UNDOING = frozenset({"JoinUndone", "MergeUndone", "SaidDifferentUndone", "WriterVouchedUndone"})
"""Events that undo the one that they name."""
RELATED = 8


class CannotSee(LookupError):
    """There is no such complaint, or it is not this viewer's to see."""


def _reasons(rows: Sequence[Mapping[str, Any]], *, revealed: bool = False) -> tuple[Reason, ...]:
    reasons = tuple(Reason.from_json(data=dict(r)) for r in rows)
    if revealed:
        return reasons
    return tuple(
        replace(
            r,
            zh=masking.mask_text(text=r.zh),
            en=masking.mask_text(text=r.en),
            words=tuple(masking.mask_text(text=str(w)) for w in r.words),
        )
        for r in reasons
    )


_COVER: Mapping[str, Callable[[str], str]] = {
    "phone": lambda text: masking.mask_phone(phone=text),
    "person": lambda text: masking.mask_name(name=text),
    "address": lambda text: masking.mask_address(address=text),
}


def _entities(*, row: models.Complaint, revealed: bool) -> tuple[dict[str, Any], ...]:
    """Return what was found in the words; personal data covered in text and value alike."""
    found = tuple(row.triage.get("entities", ()))
    if revealed:
        return found
    out = []
    for entity in found:
        covered = masking.mask_text(text=str(entity["text"]))
        if cover := _COVER.get(entity["type"]):
            covered = cover(str(entity["text"]))
        changed = covered != entity["text"]
        out.append({**entity, "text": covered, **({"value": covered} if changed else {})})
    return tuple(out)


def page(*, viewer: Viewer, complaint_id: UUID, now: datetime) -> ComplaintPage:
    """Return the page of a complaint. Raises CannotSee."""
    row = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .select_related("customer", "assignee", "team")
        .first()
    )
    if row is None:
        raise CannotSee(complaint_id)
    playbook = office.playbook(version_id=row.playbook_version)
    thing = Thing(
        assignee=row.assignee_id,
        department=row.department_id,
        least=office.rank_at(level=row.level, playbook_version=row.playbook_version),
    )
    there = what_is_there(complaint_id=row.id)
    events = list(models.Event.objects.filter(complaint_id=row.id).order_by("seq"))
    kinds = {e.kind for e in events}
    revealed = _revealed(events=events, viewer=viewer)
    remedies: tuple[DeskOffer, ...] = ()
    if there.remedies or "ComplaintAbsorbed" in kinds:
        remedies = desk_offers(
            viewer=viewer,
            complaint_id=row.id,
            thing=thing,
            today=now.astimezone(ZoneInfo(playbook.timezone)).date(),
        )
    ticking = list(models.Clock.objects.filter(complaint_id=row.id, collaboration_id=None))
    clocks = _clocks(rows=ticking, now=now)
    return ComplaintPage(
        id=row.id.hex,
        number=row.number,
        title=row.title if revealed else masking.mask_text(text=row.title),
        status=row.status,
        status_label=labels.status(row.status),
        handling_level=row.level,
        opened_at=row.opened_at,
        department=row.department_id or "",
        department_label=labels.department(playbook, row.department_id),
        team_label=row.team.name_zh if row.team else "",
        assignee=str(row.assignee_id or ""),
        assignee_label=row.assignee.name if row.assignee else "",
        channel=row.channel,
        channel_label=labels.pick(labels.CHANNEL_NAMES, row.channel),
        reply_channel=row.reply_channel,
        reply_channel_label=labels.pick(labels.CHANNEL_NAMES, row.reply_channel),
        can_reply_by_channel=accounts.sends_to(channel=row.reply_channel, address=row.reply_to),
        vouched_address=_vouched(row=row, revealed=revealed),
        tracking_url=f"{settings.HUIYIN.site_url}/t/{row.number}/"
        f"{tracking_token(secret=settings.SECRET_KEY, complaint_id=row.id)}/",
        branch=row.branch,
        told_at_desk=_told(row.triage, revealed),
        triage=_triage(row=row, playbook=playbook, events=events, revealed=revealed),
        clocks=clocks,
        timeline=_timeline(row=row, events=events, there=there, revealed=revealed),
        procedure=procedure.panel(
            row=row,
            viewer=viewer,
            thing=thing,
            playbook=playbook,
            events=events,
            current=office.company().playbook.version_id,
            clocks=clocks,
        ),
        scripts=_scripts(row=row, playbook=playbook, viewer=viewer),
        customer=_customer(row=row, revealed=revealed, viewer=viewer, thing=thing),
        waybill=_waybill(row=row),
        related=_related(row=row, viewer=viewer, playbook=playbook),
        maybe_same=pairing.maybe_same(row=row, viewer=viewer) if there.pairs else (),
        remedies=remedies,
        verdict=row.verdict,
        verdict_label=labels.pick(labels.VERDICT_NAMES, row.verdict),
        cause=row.cause,
        cause_label=causes.path(playbook=playbook, code=row.cause) if row.cause else "",
        cause_tree=causes.tree(playbook=playbook, category=row.category, chosen=row.cause),
        departments=tuple(
            Choice(code=d.code, label=labels.said(d.name), selected=d.code == row.department_id)
            for d in playbook.departments
        ),
        people=tuple(
            Choice(
                code=str(id),
                label=f"{name} · {labels.department(playbook, department)}",
                selected=id == row.assignee_id,
                group=department or "",
            )
            for id, name, department in names_of_people()
        ),
        categories=tuple(
            Choice(code=c.code, label=labels.said(c.name), selected=c.code == row.category)
            for c in playbook.categories
        ),
        urgencies=tuple(
            Choice(code=u, label=labels.pick(labels.URGENCY_NAMES, u), selected=u == row.urgency)
            for u in labels.URGENCY_NAMES
        ),
        actions=_actions(row=row, viewer=viewer, thing=thing, kinds=kinds, remedies=remedies),
        merged_into=row.merged_into.hex if row.merged_into else "",
        satisfaction=row.stars,
        stamp=f"{row.last_seq}",
        collaboration=collaborations.panel(
            row=row, viewer=viewer, thing=thing, playbook=playbook, revealed=revealed, there=there
        ),
        conduct=conduct.of_complaint(viewer=viewer, row=row, there=there),
        evidence=evidence.panel(
            row=row,
            viewer=viewer,
            thing=thing,
            playbook=playbook,
            revealed=revealed,
            now=now,
            there=there,
        ),
        holding=holding(row=row, events=events, playbook=playbook, now=now),
        care=care.panel(
            row=row,
            viewer=viewer,
            thing=thing,
            playbook=playbook,
            revealed=revealed,
            now=now,
            there=there,
            clocks=ticking,
        ),
        assign_because=_assigned_because(events),
    )


def sees_all(*, complaint_id: UUID, viewer: Viewer) -> bool:
    """Tell whether the viewer asked within the hour to see personal data unmasked."""
    last = (
        models.Event.objects.filter(
            complaint_id=complaint_id, kind="Revealed", actor=f"user:{viewer.id}"
        )
        .order_by("-seq")
        .values_list("at", flat=True)
        .first()
    )
    return last is not None and _within_the_hour(last)


def _within_the_hour(moment: datetime) -> bool:
    return (timezone.now() - moment).total_seconds() < 3600


def _revealed(*, events: Sequence[models.Event], viewer: Viewer) -> bool:
    """Tell the same as :func:`sees_all` from the complaint's events, oldest first."""
    actor = f"user:{viewer.id}"
    asked = [e.at for e in events if e.kind == "Revealed" and e.actor == actor]
    return bool(asked) and _within_the_hour(asked[-1])


def _assigned_because(events: Sequence[models.Event]) -> tuple[Reason, ...]:
    for event in reversed(events):
        if event.kind in {"ComplaintAssigned", "HandedOver"}:
            return _reasons(json.loads(event.because))
    return ()


def _triage(
    *,
    row: models.Complaint,
    playbook: Playbook,
    events: Sequence[models.Event],
    revealed: bool,
) -> TriageView:
    corrected = ""
    because: tuple[Reason, ...] = ()
    for event in events:
        if event.kind == "CategoryCorrected":
            corrected = actor_name(event.actor)
        if event.kind in {"ComplaintSorted", "CategoryCorrected", "UrgencyRaised"}:
            because = (*because, *_reasons(json.loads(event.because), revealed=revealed))
    return TriageView(
        category=row.category,
        category_label=labels.category(playbook, row.category),
        secondary_labels=tuple(labels.category(playbook, c) for c in row.secondary),
        urgency=row.urgency,
        urgency_label=labels.pick(labels.URGENCY_NAMES, row.urgency),
        emotion=row.emotion,
        confidence=row.confidence,
        unsure="unsure" in row.flags and row.status != "archived",
        corrected_by=corrected,
        entities=_entities(row=row, revealed=revealed),
        because=because,
    )


def _clocks(*, rows: Sequence[models.Clock], now: datetime) -> tuple[ClockView, ...]:
    out = []
    for clock in sorted(rows, key=lambda c: (c.due_at is None, c.due_at or now, c.id.int)):
        # a limit that began in the past may be over before the watch has looked at it
        over = clock.state == "running" and clock.due_at is not None and clock.due_at <= now
        level = "breached" if clock.breached_at or over else "soon" if clock.warned_at else "ok"
        share = 0.0
        if clock.due_at:
            whole = (clock.due_at - clock.started_at).total_seconds()
            gone = ((clock.stopped_at or now) - clock.started_at).total_seconds()
            share = gone / whole if whole else 1.0
        name = clock.name or {}
        out.append(
            ClockView(
                id=clock.id.hex,
                rule=clock.rule,
                label=str(name.get("en" if labels.english() else "zh") or clock.rule),
                state=clock.state,
                started_at=clock.started_at,
                due_at=clock.due_at,
                stopped_at=clock.stopped_at,
                level=level,
                legal=clock.legal,
                share=share,
                escalation=clock.escalation,
            )
        )
    return tuple(out)


def attachments_of(
    *, message_ids: Sequence[UUID], url: str, arguments: Sequence[str] = ()
) -> dict[UUID, list[AttachmentView]]:
    """Return the files of messages; ``url`` names the page that serves one by its id."""
    out: dict[UUID, list[AttachmentView]] = {}
    for file in models.Attachment.objects.filter(message_id__in=list(message_ids)):
        out.setdefault(file.message_id, []).append(
            AttachmentView(
                id=file.id.hex,
                name=file.name,
                content_type=file.content_type,
                size=file.size,
                is_image=file.is_image,
                url=reverse(url, args=[*arguments, file.id.hex]),
            )
        )
    return out


def _timeline(
    *, row: models.Complaint, events: Sequence[models.Event], there: There, revealed: bool
) -> tuple[TimelineItem, ...]:
    messages = list(
        models.Message.objects.filter(complaint_id=row.id).select_related("author").order_by("at")
    )
    files = (
        attachments_of(message_ids=[m.id for m in messages], url="desk:attachment")
        if there.attachments
        else {}
    )
    carried = {
        one.message_id: one
        for one in models.Outbox.objects.filter(complaint_id=row.id).order_by("id")
    }
    deliveries = {
        message: _delivery(state=one.state, sent=one.sent_at is not None, told=one.delivery)
        for message, one in carried.items()
    }
    by = _account_names(ids={a for one in carried.values() if (a := one.account_id) is not None})
    undone = {json.loads(e.data).get("event") for e in events if e.kind in UNDOING}
    goes = (row.reply_channel, row.reply_to)
    prefers = row.customer.prefers if row.customer else ""

    def shown(text: str) -> str:
        return text if revealed else masking.mask_text(text=text)

    items: list[TimelineItem] = []
    for m in messages:
        who = m.author.name if m.author else ""
        if m.direction == "in":
            who = m.sender_name if revealed else masking.mask_name(name=m.sender_name)
            who = who or _("客户")
        elif not who:
            who = _("自动消息")
        items.append(
            TimelineItem(
                id=m.id.hex,
                kind=m.direction,
                at=m.at,
                who=who,
                channel=m.channel,
                channel_label=labels.pick(labels.CHANNEL_NAMES, m.channel),
                title=shown(m.subject),
                text=shown(m.text),
                quoted=shown(m.quoted),
                html="",
                attachments=tuple(files.get(m.id, ())),
                delivery=deliveries.get(m.id, ""),
                carried=_carried(row=carried.get(m.id), names=by),
                mail=mails.view(message=m, revealed=revealed, shown=shown)
                if m.channel == "email" and m.direction == "in"
                else None,
                laid_out=bool(m.html),
                answers_could_go=m.direction == "in"
                and row.status != "merged"
                and accounts.elsewhere(there=(m.channel, m.sender), now=goes, prefers=prefers),
            )
        )
    for e in events:
        if e.kind in QUIET:
            continue
        data = json.loads(e.data)
        undoable = (
            (e.kind in {"ContactJoined", "ComplaintReopened"} and "message" in data)
            or e.kind in {"ComplaintMerged", "SaidDifferent", "WriterVouched"}
        ) and e.id.hex not in undone
        items.append(
            TimelineItem(
                id=e.id.hex,
                kind="event",
                at=e.at,
                who=actor_name(e.actor),
                channel="",
                channel_label="",
                title=labels.pick(labels.EVENT_NAMES, e.kind),
                text=_event_text(kind=e.kind, data=data),
                because=_reasons(json.loads(e.because), revealed=revealed),
                can_undo=undoable and (row.status != "merged" or e.kind == "ComplaintMerged"),
                event_kind=e.kind,
            )
        )
    items.sort(key=lambda i: (i.at, i.kind == "event"))
    return tuple(items)


def _delivery(*, state: str, sent: bool, told: str) -> str:
    """Return what became of an outgoing message, as :class:`TimelineItem` has it."""
    if state == "dead" or told == "failed":
        return "returned" if sent else "failed"
    return "delivered" if told == "delivered" else state


def _account_names(*, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    return dict(models.ChannelAccount.objects.filter(id__in=ids).values_list("id", "name"))


def _carried(*, row: models.Outbox | None, names: Mapping[int, str]) -> str:
    """Say by what a message goes, until when it waits, and why it failed."""
    if row is None:
        return ""
    said = [labels.pick(labels.CHANNEL_NAMES, row.channel)]
    if row.account_id is not None and row.account_id in names:
        said.append(names[row.account_id])
    why = [Reason.from_json(data=r) for r in row.payload.get("because", ())]
    said += [labels.said(r) for r in why]
    if row.error and (row.state != "sent" or row.delivery == "failed"):
        said.append(masking.mask_text(text=row.error))
    elif row.state == "pending" and row.next_try_at and row.next_try_at > row.created_at:
        said.append(_("等到 %s 再发") % timezone.localtime(row.next_try_at).strftime("%m-%d %H:%M"))
    return " · ".join(said)


def _event_text(*, kind: str, data: Mapping[str, Any]) -> str:
    playbook = office.current_playbook()
    if kind == "ComplaintSorted":
        urgency = labels.pick(labels.URGENCY_NAMES, str(data.get("urgency", "")))
        return f"{labels.category(playbook, str(data.get('category', '')))} · {urgency}"
    if kind == "MessagePassedOn":
        ways = [labels.pick(labels.CHANNEL_NAMES, str(data.get(w, ""))) for w in ("from", "to")]
        return masking.mask_text(text=f"{' → '.join(ways)}{labels.colon()}{data.get('told', '')}")
    if kind == "ChannelPreferred":
        pair = [str(data.get(w, "")) for w in ("from", "to")]
        return " → ".join(
            labels.pick(labels.CHANNEL_NAMES, c) if c else _("由我们选择") for c in pair
        )
    if kind in {"ComplaintAssigned", "HandedOver"}:
        person = data.get("assignee")
        name = actor_name(f"user:{person}") if person else _("部门队列")
        return f"{labels.department(playbook, data.get('department'))} → {name}"
    if kind in {"ClockWarned", "ClockBreached", "Escalated", *CARE_EVENTS}:
        names = data.get("name") or {}
        text = str(names.get("en" if labels.english() else "zh", data.get("clock", "")))
        return text + (f" → {labels.role(str(data['to']))}" if data.get("to") else "")
    if kind == "AssistantAsked":
        return labels.pick(labels.ASSISTANT_NAMES, str(data.get("kind", "")))
    if kind == "VerdictGiven":
        return labels.pick(labels.VERDICT_NAMES, str(data.get("verdict", "")))
    if kind.startswith(("Remedy", "Payout")) and data.get("amount"):
        asked = f" → ¥{int(data['asked']) / 100:,.2f}" if data.get("asked") else ""
        return f"¥{int(data['amount']) / 100:,.2f}{asked}"
    if kind.startswith("Collaboration"):
        said = labels.department(playbook, data.get("department"))
        if data.get("from"):
            said = f"{labels.department(playbook, data['from'])} → {said}"
        return f"{said}{labels.colon()}{_short(str(data['words']))}" if data.get("words") else said
    if kind == "PromiseMade":
        due = datetime.fromisoformat(str(data["due"]))
        said = time_said(moment=due, zone=ZoneInfo(playbook.timezone), english=labels.english())
        return f"{_short(str(data['words']))} → {said}"
    if kind in {"GroundMarked", "RehandlingStarted"} and data.get("ground"):
        return labels.pick(GROUND_NAMES, str(data["ground"])) + (
            f" · {data['reference']}" if data.get("reference") else ""
        )
    if kind == "CallBackDone":
        return labels.pick(OUTCOME_NAMES, str(data["outcome"]))
    if kind in {"StepDone", "StepUndone", "StepRun"}:
        return labels.step(playbook, str(data.get("step", "")))
    if kind == "FactLearned":
        return labels.listed(labels.fact(name) for name in data.get("facts", {}))
    if kind == "PlaybookChanged":
        return f"{data.get('from', '')} → {data.get('to', '')}"
    if kind in {"EvidenceRequested", "EvidenceWaived"}:
        names = labels.listed(
            str(i[2] if labels.english() else i[1]) for i in data.get("items", ())
        )
        asked = evidence.giver(playbook=playbook, code=str(data["of"])) if "of" in data else ""
        return f"{asked}{labels.colon()}{names}" if asked else names
    if kind in {"EvidenceAdded", "FileArrived", "FileLost"}:
        told = f"{labels.colon()}{data['told']}" if data.get("told") else ""
        return _short(f"{data.get('name', '')}{told}")
    if kind == "LetterWritten":
        return str(data.get("reference", ""))
    if kind == "SurveyAnswered":
        return "★" * int(data.get("stars", 0))
    if kind in {"ComplaintMerged", "ComplaintAbsorbed", "SaidDifferent", *UNDOING}:
        return str(data.get("number", ""))
    return ""


def _short(text: str) -> str:
    line = masking.mask_text(text=" ".join(text.split()))
    return line if len(line) <= 60 else f"{line[:60]}……"


def _scripts(
    *, row: models.Complaint, playbook: Playbook, viewer: Viewer
) -> tuple[ScriptView, ...]:
    """Return the scripts filled in the customer's language, whatever that of the page."""
    english = row.triage.get("language") == "en"
    language = "en" if english else "zh"

    def name_of(entry: Any, otherwise: str) -> str:
        return entry.name.said(language=language) if entry else otherwise

    departments = {d.code: d for d in playbook.departments}
    categories: dict[str, Any] = {c.code: c for c in playbook.categories}
    verdict = labels.VERDICT_NAMES.get(row.verdict, ("", ""))[english]
    due = next_due(dues=[row.due_at], now=timezone.now())
    values = {
        "customer": (row.customer.name if row.customer else "")
        or ("customer" if english else "尊敬的客户"),
        "number": row.number,
        "waybill": row.waybill or ("(waybill number, please)" if english else "（请提供运单号）"),
        "department": name_of(
            departments.get(row.department_id or ""), "customer service" if english else "客服部"
        ),
        "due": time_said(moment=due, zone=ZoneInfo(playbook.timezone), english=english),
        "company": office.company().name,
        "agent": viewer.name,
        "category": name_of(categories.get(row.category), row.category),
        "verdict": verdict.lower() if english else verdict,
        "hotline": playbook.hotline or ("our hotline" if english else "客服热线"),
    }
    out = []
    for script in playbook.scripts_for(category=row.category):
        text = fill_in(text=script.body.said(language=language), values=values)
        out.append(ScriptView(id=script.id, label=labels.said(script.name), text=text))
    return tuple(out)


def _vouched(*, row: models.Complaint, revealed: bool) -> str:
    if ANSWERED_BEFORE not in row.triage:
        return ""
    return (
        row.reply_to
        if revealed
        else masking.mask_identity(kind=row.reply_channel, value=row.reply_to)
    )


def _customer(
    *, row: models.Complaint, revealed: bool, viewer: Viewer, thing: Thing
) -> CustomerView:
    who = row.customer
    can = bool(may(actor=viewer.actor, action="reveal", thing=thing))
    if who is None:
        return CustomerView(
            id="", name=_("未留姓名"), phone="", email="", address="", identities=(),
            masked=False, complaints=1, can_reveal=False, prefers="",
        )  # fmt: skip
    known = models.Identity.objects.filter(customer_id=who.id).values_list("kind", "value")
    identities = tuple(
        f"{labels.pick(labels.CHANNEL_NAMES, k)} "
        + (v if revealed else masking.mask_identity(kind=k, value=v))
        for k, v in known
    )
    total = models.Complaint.objects.filter(customer_id=who.id).count()
    if revealed:
        shown = (who.name, who.phone, who.email, who.address)
    else:
        shown = (
            masking.mask_name(name=who.name),
            masking.mask_phone(phone=who.phone) if who.phone else "",
            masking.mask_mail(mail=who.email),
            masking.mask_address(address=who.address),
        )
    return CustomerView(
        id=who.id.hex,
        name=shown[0] or _("未留姓名"),
        phone=shown[1],
        email=shown[2],
        address=shown[3],
        identities=identities,
        masked=not revealed,
        complaints=total,
        can_reveal=can and not revealed,
        prefers=who.prefers,
    )


def _waybill(*, row: models.Complaint) -> WaybillView | None:
    if not row.waybill:
        return None
    entity = next(
        (
            e
            for e in row.triage.get("entities", ())
            if e["type"] == "waybill" and e["value"] == row.waybill
        ),
        None,
    )
    candidates = [c[1] for c in entity.get("candidates", ())] if entity else []
    return WaybillView(
        number=row.waybill,
        carrier=row.carrier,
        carrier_label=candidates[0] if candidates else row.carrier,
        candidates=tuple(candidates),
    )


def _told(triage: Mapping[str, Any], revealed: bool) -> str:
    told = str(triage.get("told_at_desk") or "")
    return told if revealed else masking.mask_text(text=told)


def _related(
    *, row: models.Complaint, viewer: Viewer, playbook: Playbook
) -> tuple[RelatedRow, ...]:
    same = []
    if row.waybill:
        same.append(Q(waybill=row.waybill))
    if row.customer_id:
        same.append(Q(customer_id=row.customer_id))
    found: dict[UUID, Any] = {}
    for one in same:
        # one index serves each; an "or" of both would read all complaints in order of time
        rows = models.Complaint.objects.filter(one, visible(viewer=viewer)).exclude(id=row.id)
        asked = rows.values_list(
            "id", "opened_at", "number", "title", "status", "category", "waybill", named=True
        )
        found.update((r.id, r) for r in asked.order_by("-opened_at")[:RELATED])
    newest = sorted(found.values(), key=lambda r: (r.opened_at, r.id), reverse=True)
    return tuple(
        RelatedRow(
            id=r.id.hex,
            number=r.number,
            title=masking.mask_text(text=r.title),
            status_label=labels.status(r.status),
            category_label=labels.category(playbook, r.category),
            opened_at=r.opened_at,
            why=_("同一运单") if row.waybill and r.waybill == row.waybill else _("同一客户"),
            ended=r.status in ENDED,
        )
        for r in newest[:RELATED]
    )


def _actions(
    *,
    row: models.Complaint,
    viewer: Viewer,
    thing: Thing,
    kinds: set[str],
    remedies: Sequence[DeskOffer],
) -> tuple[Action, ...]:
    """Return the moves of the status that this viewer may make; one of them is the next one."""
    names: tuple[tuple[str, str, str, str], ...] = (
        ("take", "take", _("受理"), ""),
        ("reply", "reply", _("回复客户"), "r"),
        ("ask_customer", "ask_customer", _("请客户补充"), ""),
        ("note", "note", _("内部备注"), "n"),
        ("hand_over", "assign", _("转交"), "a"),
        ("collaborate", "collaborate", _("请部门协办"), "x"),
        ("return", "return", _("退回队列"), ""),
        ("verdict", "verdict", _("给出结论"), "v"),
        ("propose", "propose", _("提出补偿"), ""),
        ("resolve", "resolve", _("答复办结"), "e"),
        ("call", "call", _("登记电话"), ""),
        ("rehandle", "mark_ground", _("登记申诉、起诉或曝光"), ""),
        ("merge", "merge", _("合并"), ""),
        ("close", "close", _("办结"), ""),
        ("reopen", "reopen", _("重新打开"), ""),
    )
    moves = MOVES.get(row.status, {})
    possible = []
    for code, right, label, key in names:
        if code not in moves or not may(actor=viewer.actor, action=right, thing=thing):
            continue
        if (
            code == "take"
            and row.assignee_id == viewer.id
            and row.status not in {"new", "assigned"}
        ):
            continue
        possible.append((code, label, key))
    codes = [c for c, _label, _key in possible]
    best = ""
    if any(r.can_decide for r in remedies):
        possible.append(("decide", _("审批补偿"), ""))
        best = "decide"
    elif "take" in codes and row.status in {"new", "assigned"}:
        best = "take"
    elif "reply" in codes and row.first_replied_at is None:
        best = "reply"
    elif "verdict" in codes and not row.verdict:
        best = "verdict"
    elif "resolve" in codes:
        best = "resolve"
    return tuple(Action(code=c, label=n, primary=c == best, key=k) for c, n, k in possible)


def stamp(*, viewer: Viewer, complaint_id: UUID) -> str | None:
    """Return a text that changes with the complaint, None when the viewer may not see it."""
    seq = (
        models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id)
        .values_list("last_seq", flat=True)
        .first()
    )
    return None if seq is None else str(seq)


def may_see(*, viewer: Viewer, complaint_id: UUID) -> bool:
    """Tell whether the viewer may see a complaint."""
    return models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).exists()


def number_given(*, text: str) -> str:
    """Return the number of a complaint given by number or by id."""
    try:
        found = models.Complaint.objects.filter(id=UUID(text)).values_list("number", flat=True)
        return found.first() or text
    except ValueError:
        return text


def id_of(*, viewer: Viewer, number: str) -> UUID | None:
    """Return the id of a complaint that the viewer may see, by its number."""
    rows = models.Complaint.objects.filter(visible(viewer=viewer), number=number)
    return rows.values_list("id", flat=True).first()


def clock(
    *, viewer: Viewer, complaint_id: UUID, clock_id: UUID
) -> tuple[Ticking, str, str, str] | None:
    """Return a clock with its complaint's number, playbook version and time zone."""
    row = models.Complaint.objects.filter(visible(viewer=viewer), id=complaint_id).first()
    if row is None:
        return None
    values = (
        models.Clock.objects.filter(complaint_id=row.id, id=clock_id)
        .values_list(*CLOCK_FIELDS)
        .first()
    )
    if values is None:
        return None
    zone = office.playbook(version_id=row.playbook_version).timezone
    return Ticking(*values), row.number, row.playbook_version, zone


def attachment(*, viewer: Viewer, attachment_id: UUID) -> models.Attachment | None:
    """Return a file of a complaint that the viewer may see."""
    row = models.Attachment.objects.filter(id=attachment_id).select_related("message").first()
    if row is None or not may_see(viewer=viewer, complaint_id=row.message.complaint_id):
        return None
    return row
