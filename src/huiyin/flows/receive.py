"""Receive: a new complaint, more of an open one, a reopening, a repeat, or none at all?

Every contact from any door comes through :func:`match_all`, one or hundreds at a time: first each
contact's verdict, aware of those before it, then the writing.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from huiyin.channels.inbound import Inbound, InboundAttachment
from huiyin.core.because import Reason
from huiyin.core.matching import ComplaintFacts, ended, reopened
from huiyin.flows.again import open_again
from huiyin.flows.contact import ReadContact
from huiyin.flows.owning import Owning
from huiyin.flows.recall import OVER
from huiyin.flows.verdict import Judge, Verdict
from huiyin.store import files
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, inbox
from huiyin.store.ledger.inbox import RawContact
from huiyin.store.read import cases, office

log = logging.getLogger(__name__)

WRITTEN_BY_US = frozenset({"phone", "desk", "history", "care"})
"""Channels whose words are our own notes of what the customer said."""


@dataclass(frozen=True, slots=True)
class Decided:
    """What became of one contact."""

    inbox_id: UUID
    outcome: str
    """opened, joined, reopened, set_aside or quarantined."""
    complaint_id: UUID | None
    number: str
    because: tuple[Reason, ...]
    stars: int | None = None
    """What it answers to the survey of that complaint."""


def keep_readable(
    *, claimed: Sequence[RawContact], read: Sequence[ReadContact | Reason], now: datetime
) -> tuple[list[ReadContact], list[Decided]]:
    """Put claimed contacts that could not be read into quarantine, whole; return the others."""
    bad = {raw.id: one for raw, one in zip(claimed, read, strict=True) if isinstance(one, Reason)}
    if bad:
        inbox.quarantine(now=now, claimed=claimed, why=bad)
    return (
        [one for one in read if isinstance(one, ReadContact)],
        [Decided(id, "quarantined", None, "", (reason,)) for id, reason in bad.items()],
    )


def match_all(*, pen: Pen, contacts: Sequence[ReadContact]) -> list[Decided]:
    """Decide read contacts inside the pen's transaction, each aware of those before it.

    The caller holds :func:`inbox.lock_intake`.
    """
    return _Batch(pen=pen).run(contacts=contacts) if contacts else []


class _Batch:
    """Writes what the verdicts on a batch of contacts say."""

    def __init__(self, *, pen: Pen) -> None:
        self.pen = pen
        self.playbook = office.current_playbook()
        self.categories = {c.code for c in self.playbook.categories}
        self.owning = Owning(pen=pen)

    def run(self, *, contacts: Sequence[ReadContact]) -> list[Decided]:
        judge = Judge(pen=self.pen, contacts=contacts, now=self.pen.now)
        verdicts = [judge.verdict(one=one) for one in contacts]
        self._fetch(contacts, verdicts)
        done = [
            self._act(one=one, verdict=verdict)
            for one, verdict in zip(contacts, verdicts, strict=True)
        ]
        for id, facts in judge.recall.changed.items():
            self.pen.set(case=self.pen.case(id=UUID(id)), match_facts=facts.as_json())
        counted = inbox.settle(
            now=self.pen.now,
            outcomes={
                one.raw.id: (
                    end.outcome,
                    verdict.complaint,
                    None if end.outcome == "set_aside" else one.message_id,
                    verdict.because,
                )
                for one, verdict, end in zip(contacts, verdicts, done, strict=True)
            },
        )
        for name, by in counted.items():
            self.pen.count(name=name, by=by)
        return done

    def _fetch(self, contacts: Sequence[ReadContact], verdicts: Sequence[Verdict]) -> None:
        """Take in hand, at once, what the verdicts will touch."""
        opened = {v.complaint for v in verdicts if v.kind == "opened"}
        found = self.pen.cases(
            ids=[v.complaint for v in verdicts if v.complaint and v.complaint not in opened]
        )
        self.pen.learn(known=cases.addressees(ids=[c.customer_id for c in found]))
        self.owning.fetch(contacts=contacts)

    def _act(self, *, one: ReadContact, verdict: Verdict) -> Decided:
        if verdict.complaint is None or verdict.kind == "set_aside":
            if verdict.complaint is not None:
                self._set_aside(one=one, verdict=verdict, case=self.pen.case(id=verdict.complaint))
            about = verdict.complaint if verdict.stars else None
            return Decided(one.raw.id, "set_aside", about, "", verdict.because, verdict.stars)
        if verdict.kind == "opened":
            case, outcome = self._open(one=one, verdict=verdict, id=verdict.complaint), "opened"
        else:
            case = self.pen.case(id=verdict.complaint)
            outcome = self._join(one=one, verdict=verdict, case=case)
        self.pen.find_by(case=case, keys=verdict.keys, message_id=one.message_id)
        self._message(case=case, one=one)
        return Decided(one.raw.id, outcome, case.id, case.number, verdict.because)

    def _set_aside(self, *, one: ReadContact, verdict: Verdict, case: Case) -> None:
        """Show mail that came back on its complaint."""
        if one.inbound.auto != "bounce":
            return
        self.pen.change(
            case=case,
            kind="MailBounced",
            data={
                "inbox": one.raw.id.hex,
                "outbox": [sent.hex for sent in verdict.bounced],
            },
            because=verdict.because[1:],
            unread=True,
        )
        for sent in verdict.bounced:
            self.pen.alter(table="outbox", key=sent, error=one.inbound.text[:300])

    def _customer(self, *, one: ReadContact) -> UUID | None:
        known = self.owning.customer(one=one)
        if known is None:
            if not one.identities and not one.inbound.sender_name:
                return None
            known = new_id(now=self.pen.now)
            self.pen.add(
                table="customer",
                row={
                    "id": known,
                    "name": one.name,
                    "phone": one.phone,
                    "email": one.mail,
                    "address": one.address,
                    "created_at": self.pen.now,
                },
            )
            self.pen.learn(known={known: cases.Addressee(one.name)})
        self.owning.keep(one=one, customer=known)
        return known

    def _open(self, *, one: ReadContact, verdict: Verdict, id: UUID) -> Case:
        inbound, triage = one.inbound, {**one.triage}
        if inbound.channel in WRITTEN_BY_US:
            triage["language"] = ""
        triage["text"] = one.said[:2000]
        triage["photos"] = sum(1 for f in inbound.attachments if f.content_type[:6] == "image/")
        triage["has_phone"] = bool(one.phone)
        if one.silent:
            triage["silent"] = True
        if told := str(one.raw.headers.get("told_at_desk") or ""):
            triage["told_at_desk"] = told[:2000]
        if inbound.category in self.categories:
            triage["asked_category"] = inbound.category
        if verdict.maybe:
            triage["maybe"] = [
                [m.complaint_id, round(m.score, 3), [r.as_json() for r in m.because]]
                for m in verdict.maybe[:3]
            ]
        branch = inbound.branch or "complaint"
        mail = one.answer_mail
        past = inbound.past
        if past and one.past_answer_at:
            triage["ended_at"] = one.past_answer_at.isoformat()
        channel = past.came_by if past and past.came_by else inbound.channel
        return self.pen.open(
            id=id,
            number=verdict.number,
            fields={
                "title": one.title,
                "customer_id": self._customer(one=one),
                "channel": channel,
                "reply_channel": "email" if mail else channel,
                "reply_to": mail or inbound.sender,
                "waybill": one.waybill,
                "carrier": one.carrier,
                "amount": one.amount,
                "region": one.region,
                "branch": branch,
                "triage": triage,
                "contacts": 1,
                "repeat_of": verdict.repeat_of,
                "flags": ["repeat"] if verdict.repeat_of else [],
            },
            data={
                "channel": inbound.channel,
                "branch": branch,
                "inbox": one.raw.id.hex,
                "decision": "repeat" if verdict.repeat_of else "new",
                **_appeal(one),
            },
            because=verdict.because,
            playbook_version=self.playbook.version_id,
            at=one.facts.at if past else self.pen.now,
        )

    def _join(self, *, one: ReadContact, verdict: Verdict, case: Case) -> str:
        """Put a contact to a complaint; returns joined or reopened."""
        self._customer(one=one)
        answer_there = bool(one.mail) and self._proven(one=one, verdict=verdict, case=case)
        data = {
            "message": one.message_id.hex,
            "inbox": one.raw.id.hex,
            "channel": one.inbound.channel,
            "urgency": one.triage["urgency"],
            "before": self._before(case=case),
            "silent": one.silent,
            **_appeal(one),
        }
        changes: dict[str, Any] = {
            "contacts": case.contacts + 1,
            "last_contact_at": max(case.last_contact_at, one.facts.at),
        }
        if one.waybill and not case.waybill:
            changes.update(waybill=one.waybill, carrier=one.carrier)
        spoken = "" if one.inbound.channel in WRITTEN_BY_US else one.triage["language"]
        # An English "OK, thanks" does not make a customer who writes Chinese English.
        if spoken == "zh" or (spoken and not case.triage.get("language")):
            changes["triage"] = {**case.triage, "language": spoken}
        if answer_there and case.reply_channel != "email":
            changes.update(reply_channel="email", reply_to=one.mail)
        if case.status in OVER:
            self.pen.set(case=case, **changes)
            open_again(
                pen=self.pen,
                case=case,
                because=verdict.because[0],
                silent=bool(data["silent"]),
                data=data,
            )
            return "reopened"
        self.pen.change(
            case=case,
            kind="ContactJoined",
            data=data,
            because=verdict.because,
            unread=True,
            status="working" if case.status == "waiting_customer" else case.status,
            **changes,
        )
        return "joined"

    def _proven(self, *, one: ReadContact, verdict: Verdict, case: Case) -> bool:
        """Tell whether answers may go to the mail address of a contact that joined a complaint.

        Others can know the numbers of a complaint, a parcel or a telephone: who only names one is
        not told what is answered. Proof is an answer to a mail, an address proven to be the
        customer's, or one that somebody else than the writer vouches for.
        """
        anybody = one.inbound.channel == "email" or one.speaks_for_himself
        if not anybody or verdict.because[0].rule == "receive.thread":
            return True
        owner = self.owning.proven(address=("email", one.mail))
        return owner is not None and owner == case.customer_id

    def _before(self, *, case: Case) -> dict[str, Any]:
        """Return what a join changes, so that it can be undone."""
        return {
            "status": case.status,
            "last_contact_at": case.last_contact_at.isoformat(),
            "unread": case.unread,
            "urgency": case.urgency,
            "clocks": [
                {
                    "id": c.id.hex, "state": c.state, "pauses": c.pauses,
                    "due_at": c.due_at.isoformat() if c.due_at else None,
                    "fire_at": c.fire_at.isoformat() if c.fire_at else None,
                }
                for c in self.pen.clocks(case=case) if c.running
            ],
        }  # fmt: skip

    def _message(self, *, case: Case, one: ReadContact) -> None:
        inbound = one.inbound
        self.pen.message(
            case=case,
            direction="in",
            channel=inbound.channel,
            text=inbound.text,
            at=one.facts.at,
            id=one.message_id,
            keys=one.search_keys,
            index=case.number if case.waybill == one.waybill else f"{case.number} {case.waybill}",
            sender=inbound.sender[:200],
            sender_name=inbound.sender_name[:120],
            subject=inbound.subject[:300],
            quoted=inbound.quoted,
            html=inbound.html,
            thread=inbound.thread[:250],
            inbox_id=one.raw.id,
            to_customer=inbound.channel in {"portal", "web", "chat"},
            mail=_of_mail(inbound=inbound),
        )
        if inbound.past and inbound.past.reply:
            self.pen.message(
                case=case,
                direction="out",
                channel=case.channel,
                text=inbound.past.reply,
                at=one.past_answer_at,
                to_customer=True,
            )
        for file in inbound.attachments:
            if file.remote and not (file.content or file.sha256) and one.account_id is not None:
                self._fetch_later(one=one, file=file)
                continue
            sha256 = file.sha256 or files.keep(content=file.content)
            self.pen.add(
                table="attachment",
                row={
                    "id": new_id(now=self.pen.now),
                    "message_id": one.message_id,
                    "name": file.name[:200] or "附件",
                    "content_type": file.content_type[:100],
                    "size": file.size or len(file.content),
                    "sha256": sha256,
                    "is_image": file.content_type[:6] == "image/",
                },
            )

    def _fetch_later(self, *, one: ReadContact, file: InboundAttachment) -> None:
        """Let the worker get a file that its provider keeps."""
        self.pen.add(
            table="remote_file",
            row={
                "id": new_id(now=self.pen.now),
                "account_id": one.account_id,
                "message_id": one.message_id,
                "name": file.name[:200] or "附件",
                "content_type": file.content_type[:100],
                "remote": file.remote[:2000],
                "next_try_at": self.pen.now,
                "created_at": self.pen.now,
            },
        )


def _of_mail(*, inbound: Inbound) -> dict[str, Any]:
    """Return what is kept of a mail beside its words; pictures by the name its HTML calls them."""
    told: dict[str, Any] = {
        "proof": list(inbound.proof),
        "seals": list(inbound.seals),
        "enclosed": [
            {"kind": e.kind, "title": e.title, "text": e.text, "facts": dict(e.facts)}
            for e in inbound.enclosed
        ],
        "pictures": {
            file.cid: files.keep(content=file.content)
            for file in inbound.attachments
            if file.cid and file.content_type[:6] == "image/" and inbound.html
        },
    }
    return {name: value for name, value in told.items() if value}


def _appeal(one: ReadContact) -> dict[str, Any]:
    """Return what the regulator's notice says, for the event that tells of its coming."""
    appeal = one.inbound.appeal
    if appeal is None:
        return {}
    told = {"since": one.inbound.at, "until": appeal.until}
    moments = {name: moment.isoformat() for name, moment in told.items() if moment}
    return {"appeal": {"reference": appeal.reference, **moments}}


def remember_end(pen: Pen, events: Sequence[Happening]) -> None:
    """Tell the matcher's memory of a complaint that it ended or goes on."""
    for event in events:
        case = event.case
        if not case.match_facts:
            continue
        known = ComplaintFacts.from_json(data=case.match_facts)
        if event.kind == "ComplaintResolved":
            known = ended(complaint=known, state="resolved", at=pen.now)
        elif event.kind in {"ComplaintClosed", "ComplaintArchived", "PastTakenOver"}:
            known = ended(complaint=known, state="closed", at=case.closed_at or pen.now)
        else:
            known = reopened(complaint=known)
        pen.set(case=case, match_facts=known.as_json())
