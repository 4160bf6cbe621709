"""Receive: a new complaint, more of an open one, a reopening, a repeat, or none at all?

Every contact from any door comes through :func:`decide`, one or hundreds at a time.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.channels import contact as contact_channel
from huiyin.channels.email import message_ids
from huiyin.channels.inbound import CannotRead, Inbound
from huiyin.core.because import Reason
from huiyin.core.matching import (
    ComplaintFacts,
    ContactFacts,
    MatchDecision,
    absorb,
    choose,
    customer_keys,
    ended,
    index_keys,
    lookup_keys,
    open_complaint,
    owner_keys,
    reopened,
)
from huiyin.core.matching import (
    decide as match,
)
from huiyin.core.matching.grievance import nothing_more
from huiyin.flows.again import open_again
from huiyin.flows.reading import Words, contact_of, read_words
from huiyin.store import files
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen, inbox
from huiyin.store.ledger.inbox import RawContact
from huiyin.store.read import history, office
from huiyin.store.read import matching as lookups

log = logging.getLogger(__name__)


WRITTEN_BY_US = frozenset({"phone", "desk", "history"})
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


@dataclass(slots=True)
class ReadContact:
    """A contact with its words read and its match facts gathered."""

    raw: RawContact
    inbound: Inbound
    words: Words
    facts: ContactFacts
    message_id: UUID


def _inbound(*, raw: RawContact) -> Inbound:
    if raw.kind == "email":
        from huiyin.channels.email.read import read as read_mail

        return read_mail(
            raw=raw.raw, own_addresses=office.own_addresses(), received_at=raw.received_at
        )
    return contact_channel.read(raw=raw.raw)


def read_all(
    *, claimed: Sequence[RawContact], now: datetime
) -> tuple[list[ReadContact], list[Decided]]:
    """Read claimed contacts; those that cannot be read go to quarantine, whole."""
    good: list[tuple[RawContact, Inbound]] = []
    bad: dict[UUID, Reason] = {}
    for raw in claimed:
        try:
            good.append((raw, _inbound(raw=raw)))
        except CannotRead as error:
            bad[raw.id] = Reason(rule="receive.unreadable", zh=error.zh, en=error.en)
        except Exception as error:
            log.exception("contact %s cannot be read", raw.id)
            bad[raw.id] = Reason(
                rule="receive.unreadable",
                zh=f"无法读取：{type(error).__name__}",
                en=f"cannot be read: {type(error).__name__}",
            )
    if bad:
        inbox.quarantine(now=now, claimed=claimed, why=bad)
    out = [Decided(k, "quarantined", None, "", (r,)) for k, r in bad.items()]
    if not good:
        return [], out
    zone = ZoneInfo(office.current_playbook().timezone)
    moments = [(inbound.at or raw.received_at).astimezone(zone) for raw, inbound in good]
    texts = [_said(inbound) for _, inbound in good]
    read = []
    for (raw, inbound), words, moment in zip(
        good, read_words(texts=texts, at=moments), moments, strict=True
    ):
        read.append(
            ReadContact(
                raw=raw,
                inbound=inbound,
                words=words,
                facts=_facts(raw=raw, inbound=inbound, words=words, at=moment),
                message_id=new_id(now=moment),
            )
        )
    return read, out


def _said(inbound: Inbound) -> str:
    subject = inbound.subject.strip()
    if subject and subject not in inbound.text:
        return f"{subject}\n{inbound.text}"
    return inbound.text


def _facts(*, raw: RawContact, inbound: Inbound, words: Words, at: datetime) -> ContactFacts:
    parts = [_said(inbound)]
    if inbound.waybill and inbound.waybill not in parts[0]:
        parts.append(f"运单号{inbound.waybill}")
    if inbound.phone and inbound.phone not in parts[0]:
        parts.append(f"电话{inbound.phone}")
    asked = inbound.branch == "complaint" or inbound.channel == "portal"
    return contact_of(
        id=raw.id.hex,
        at=at,
        channel=inbound.channel,
        sender=inbound.sender,
        text="\n".join(parts),
        thread=None if inbound.channel == "email" else inbound.thread or None,
        filed=asked,
        entities=words.entities if len(parts) == 1 else None,
    )


def _silent(one: ReadContact) -> bool:
    """Whether a contact is so old that nobody waits for an answer by itself."""
    if one.inbound.channel != "email":
        return one.inbound.channel == "history"
    old = timedelta(days=settings.HUIYIN.mail_old_days)
    return one.raw.received_at - one.facts.at > old


_ASIDE = {
    "auto_reply": ("自动回复，不作为投诉，也不回复", "an automatic reply: no complaint, no answer"),
    "bounce": (
        "退信，不作为投诉，也不回复",
        "mail of ours that came back: no complaint, no answer",
    ),
    "delivery_notice": ("投递状态通知，不作为投诉", "a notice about delivery: no complaint"),
    "mailing_list": ("群发邮件，不作为投诉，也不回复", "mail to a list: no complaint, no answer"),
    "own_echo": ("本系统自己发出的邮件，不作为投诉", "mail that we sent ourselves: no complaint"),
}
"""Why mail that no person wrote to us is set aside."""


_AS_IT_STOOD = Reason(
    rule="receive.past", zh="历史投诉，一行一件照原样收录", en="a past complaint, taken as it stood"
)


def match_all(*, pen: Pen, contacts: Sequence[ReadContact]) -> list[Decided]:
    """Decide read contacts inside the pen's transaction, each aware of those before it."""
    return _Batch(pen=pen, contacts=contacts, now=pen.now).run()


class _Batch:
    """One transaction's worth of contacts and what is known to match them against."""

    def __init__(self, *, pen: Pen, contacts: Sequence[ReadContact], now: datetime) -> None:
        self.pen = pen
        self.contacts = contacts
        self.now = now
        self.playbook = office.current_playbook()
        self.keys: dict[str, list[UUID]] = {}
        self.memory: dict[UUID, ComplaintFacts] = {}
        self.outcomes: dict[UUID, tuple[str, UUID | None, UUID | None, Sequence[Reason]]] = {}
        self.customers: dict[tuple[str, str], UUID] = {}
        self.sent: dict[UUID, UUID] = {}
        self.own_domains = frozenset(a.partition("@")[2] for a in office.own_addresses())

    def run(self) -> list[Decided]:
        wanted: list[str] = []
        lookups_of: list[tuple[str, ...]] = []
        for one in self.contacts:
            keys = lookup_keys(contact=one.facts)
            lookups_of.append(keys)
            wanted.extend(keys)
            wanted.extend(_thread_keys(one))
        self._look_up(wanted, lookups_of)
        # Who chats, and telephones about another matter, is one customer: a second look.
        followed = [
            (*owner_keys(contact=one.facts, complaints=self._known(keys=keys)), *keys)
            for one, keys in zip(self.contacts, lookups_of, strict=True)
        ]
        self._look_up([key for keys in followed for key in keys], followed)
        self.sent = lookups.sent_about(
            ids=(i for one in self.contacts for _ref, i in self._ours(one=one))
        )
        self.customers = lookups.identities(
            values=[v for one in self.contacts for v in _identities(one)]
        )
        out = []
        for one, keys in zip(self.contacts, lookups_of, strict=True):
            out.append(self._one(one=one, keys=keys))
        inbox.settle(now=self.now, outcomes=self.outcomes)
        return out

    def _look_up(self, wanted: Sequence[str], keys_of: Sequence[Sequence[str]]) -> None:
        """Find what keys lead to; read the facts of the complaints worth weighing by them."""
        new = [key for key in wanted if key not in self.keys]
        if not new:
            return
        found = lookups.candidates(keys=new, now=self.now)
        self.keys.update({key: found.get(key, []) for key in new})
        ids = dict.fromkeys(i for keys in keys_of for i in choose(keys=keys, found=self.keys))
        stored = lookups.facts(ids=[i for i in ids if i not in self.memory])
        for complaint_id, facts in stored.items():
            if facts:
                self.memory[complaint_id] = ComplaintFacts.from_json(data=facts)

    def _known(self, *, keys: Sequence[str]) -> list[ComplaintFacts]:
        """Return the complaints worth weighing among those the keys lead to."""
        chosen = choose(keys=keys, found=self.keys)
        return [self.memory[i] for i in chosen if i in self.memory]

    def _one(self, *, one: ReadContact, keys: Sequence[str]) -> Decided:
        if one.inbound.auto:
            return self._automatic(one=one, kind=one.inbound.auto)
        named = self._named(one=one) or self._threaded(one=one)
        if named is not None:
            case, reason = named
            ended = case.status in {"resolved", "closed", "archived"}
            said = nothing_more(contact=one.facts) if ended else None
            if said is not None and one.inbound.channel == "email":
                return self._aside(one=one, because=(said, reason), about=case.id)
            return self._join(one=one, case=case, because=(reason,))
        if one.inbound.branch in {"consultation", "business_request"}:
            reason = Reason(
                rule="receive.branch",
                zh="受理时归为" + self.playbook.branch(code=one.inbound.branch).name.zh,
                en="sorted at reception: " + one.inbound.branch,
            )
            return self._open(one=one, because=(reason,), repeat_of=None)
        if one.inbound.past is not None:
            return self._open(one=one, because=(_AS_IT_STOOD,), repeat_of=None)
        known = self._known(keys=keys)
        known = self._known(keys=(*owner_keys(contact=one.facts, complaints=known), *keys))
        decision = match(contact=one.facts, candidates=known, now=self.now)
        because = tuple(decision.because)
        target = UUID(decision.complaint_id) if decision.complaint_id else None
        if decision.decision == "not_complaint":
            return self._aside(one=one, because=because)
        if decision.decision in {"join", "reopen"} and target is not None:
            return self._join(one=one, case=self._living(id=target), because=because)
        return self._open(
            one=one,
            because=because,
            repeat_of=UUID(decision.repeat_of) if decision.repeat_of else None,
            decision=decision,
        )

    def _named(self, *, one: ReadContact) -> tuple[Case, Reason] | None:
        """Find the complaint that the contact names by its number (reply, tracking page)."""
        if not one.inbound.number:
            return None
        complaint_id = history.by_number(number=one.inbound.number)
        if complaint_id is None:
            return None
        case = self._living(id=complaint_id)
        reason = Reason(
            rule="receive.named",
            zh=f"来件注明投诉编号 {case.number}",
            en=f"names complaint {case.number}",
            words=(case.number,),
        )
        return case, reason

    def _ours(self, *, one: ReadContact) -> list[tuple[str, UUID]]:
        """Return which of the messages that a mail answers have ids of ours, the latest first."""
        found = (
            (r, message_ids.sent_as(message_id=r, domains=self.own_domains))
            for r in reversed(one.inbound.references)
        )
        return [(r, i) for r, i in found if i is not None]

    def _answered(self, *, one: ReadContact) -> tuple[UUID, str] | None:
        """Find the complaint whose messages a mail answers, and the message that says so."""
        for reference, sent in self._ours(one=one):
            if sent in self.sent:
                return self.sent[sent], reference
        for key in _thread_keys(one):
            for found in self.keys.get(key, ())[:1]:
                return found, key[2:]
        return None

    def _threaded(self, *, one: ReadContact) -> tuple[Case, Reason] | None:
        """Find the complaint that a mail belongs to by what it answers.

        Who writes about another parcel in an old thread is left to the matcher.
        """
        answered = self._answered(one=one)
        if answered is None:
            return None
        case = self._living(id=answered[0])
        known = self.memory.get(case.id) or (
            ComplaintFacts.from_json(data=case.match_facts) if case.match_facts else None
        )
        theirs = set(one.facts.waybills)
        if known and theirs and known.waybills and not theirs & known.waybills:
            return None
        reason = Reason(
            rule="receive.thread",
            zh=f"回复了投诉 {case.number} 的邮件",
            en=f"answers a mail of complaint {case.number}",
            words=(answered[1],),
        )
        return case, reason

    def _automatic(self, *, one: ReadContact, kind: str) -> Decided:
        """Set aside what no person wrote; mail of ours that came back is shown where it belongs."""
        zh, en = _ASIDE[kind]
        because = [Reason(rule="receive.automatic", zh=zh, en=en, words=(kind,))]
        answered = self._answered(one=one) if kind == "bounce" else None
        if answered is None:
            return self._aside(one=one, because=tuple(because))
        case = self._living(id=answered[0])
        told = one.inbound.text[:400]
        because.append(
            Reason(rule="receive.bounced", zh=told, en="mail came back: " + told.partition("：")[2])
        )
        self.pen.change(
            case=case,
            kind="MailBounced",
            data={"inbox": one.raw.id.hex},
            because=because[1:],
            unread=True,
        )
        for _reference, sent in self._ours(one=one):
            if sent in self.sent:
                self.pen.alter(table="outbox", key=sent, state="dead", error=told[:300])
        return self._aside(one=one, because=tuple(because), about=case.id)

    def _living(self, *, id: UUID) -> Case:
        """Take a complaint in hand, or the one that it was merged into, however often."""
        case = self.pen.case(id=id)
        while case.merged_into is not None:
            case = self.pen.case(id=case.merged_into)
        return case

    def _aside(
        self, *, one: ReadContact, because: tuple[Reason, ...], about: UUID | None = None
    ) -> Decided:
        self.outcomes[one.raw.id] = ("set_aside", about, None, because)
        return Decided(one.raw.id, "set_aside", None, "", because)

    def _customer(self, *, one: ReadContact) -> UUID | None:
        identities = _identities(one)
        known = next((self.customers[i] for i in identities if i in self.customers), None)
        if known is None:
            if not identities and not one.inbound.sender_name:
                return None
            known = new_id(now=self.now)
            self.pen.add(
                table="customer",
                row={
                    "id": known,
                    "name": one.inbound.sender_name or _name(one),
                    "phone": _phone(one),
                    "email": _mail(one),
                    "address": _address(one),
                    "created_at": self.now,
                },
            )
        for kind, value in identities:
            if (kind, value) not in self.customers:
                self.customers[(kind, value)] = known
                self.pen.add(
                    table="identity",
                    row={
                        "kind": kind, "value": value, "customer_id": known, "since": self.now,
                    },
                )  # fmt: skip
        return known

    def _open(
        self,
        *,
        one: ReadContact,
        because: tuple[Reason, ...],
        repeat_of: UUID | None,
        decision: MatchDecision | None = None,
    ) -> Decided:
        inbound, words = one.inbound, one.words
        triage = words.as_json()
        if inbound.channel in WRITTEN_BY_US:
            triage["language"] = ""
        triage["text"] = _said(inbound)[:2000]
        triage["photos"] = sum(1 for f in inbound.attachments if f.content_type[:6] == "image/")
        triage["has_phone"] = bool(_phone(one))
        if _silent(one):
            triage["silent"] = True
        codes = {c.code for c in self.playbook.categories}
        if inbound.category in codes:
            triage["asked_category"] = inbound.category
        if decision is not None and decision.maybe:
            triage["maybe"] = [
                [m.complaint_id, round(m.score, 3), [r.as_json() for r in m.because]]
                for m in decision.maybe[:3]
            ]
        waybill, carrier = _waybill(one)
        money = words.first(type="money")
        branch = inbound.branch or "complaint"
        past = inbound.past
        ended_at = None
        if past and (past.reply or past.replied_at):
            ended_at = past.replied_at or one.facts.at
            triage["ended_at"] = ended_at.isoformat()
        channel = past.came_by if past and past.came_by else inbound.channel
        flags = ["repeat"] if repeat_of else []
        mail = _mail(one) if inbound.channel in {"email", "portal", "api", "web"} else ""
        case = self.pen.open(
            fields={
                "title": _title(inbound),
                "customer_id": self._customer(one=one),
                "channel": channel,
                "reply_channel": "email" if mail else channel,
                "reply_to": mail or inbound.sender,
                "waybill": waybill,
                "carrier": carrier,
                "amount": money.value if money and isinstance(money.value, int) else None,
                "region": _region(one),
                "branch": branch,
                "triage": triage,
                "contacts": 1,
                "repeat_of": repeat_of,
                "flags": flags,
            },
            data={
                "channel": inbound.channel,
                "branch": branch,
                "inbox": one.raw.id.hex,
                "decision": "repeat" if repeat_of else "new",
            },
            because=because,
            playbook_version=self.playbook.version_id,
            at=one.facts.at if past else self.now,
        )
        of = decision.customer_of if decision is not None else None
        customer = self.memory.get(UUID(of)) if of else None
        facts = open_complaint(
            id=case.id.hex,
            number=case.number,
            contact=one.facts,
            customer=customer,
            repeat=repeat_of is not None,
        )
        self._remember(
            case=case,
            facts=facts,
            one=one,
            more=customer_keys(complaint=facts) if customer else (),
        )
        self._message(case=case, one=one)
        if past and past.reply:
            self.pen.message(
                case=case,
                direction="out",
                channel=channel,
                text=past.reply,
                at=ended_at,
                to_customer=True,
            )
        self.outcomes[one.raw.id] = ("opened", case.id, one.message_id, because)
        return Decided(one.raw.id, "opened", case.id, case.number, because)

    def _join(self, *, one: ReadContact, case: Case, because: tuple[Reason, ...]) -> Decided:
        stored = case.match_facts
        facts = self.memory.get(case.id) or (
            ComplaintFacts.from_json(data=stored) if stored else None
        )
        before = {
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
        again = case.status in {"resolved", "closed", "archived"}
        if facts is not None:
            if again and facts.state != "open":
                facts = reopened(complaint=facts)
            facts = absorb(complaint=facts, contact=one.facts)
            self._remember(case=case, facts=facts, one=one)
        self._customer(one=one)
        self._message(case=case, one=one)
        changes: dict[str, Any] = {}
        waybill, carrier = _waybill(one)
        if waybill and not case.waybill:
            changes.update(waybill=waybill, carrier=carrier)
        spoken = "" if one.inbound.channel in WRITTEN_BY_US else one.words.language
        # An English "OK, thanks" does not make a customer who writes Chinese English.
        if spoken == "zh" or (spoken and not case.triage.get("language")):
            changes["triage"] = {**case.triage, "language": spoken}
        mail = _mail(one)
        # A number can be guessed: whoever only names one is not told what is answered.
        stranger = (
            because[0].rule == "receive.named"
            and one.inbound.channel == "email"
            and case.customer_id != self.customers.get(("email", mail))
        )
        if mail and case.reply_channel != "email" and not stranger:
            changes.update(reply_channel="email", reply_to=mail)
        data = {
            "message": one.message_id.hex,
            "inbox": one.raw.id.hex,
            "channel": one.inbound.channel,
            "urgency": one.words.triage.urgency,
            "before": before,
            "silent": _silent(one),
        }
        if again:
            self.pen.set(
                case=case,
                contacts=case.contacts + 1,
                last_contact_at=max(case.last_contact_at, one.facts.at),
                **changes,
            )
            open_again(
                pen=self.pen,
                case=case,
                because=because[0],
                silent=bool(data["silent"]),
                data=data,
            )
            outcome = "reopened"
        else:
            status = "working" if case.status == "waiting_customer" else case.status
            self.pen.change(
                case=case,
                kind="ContactJoined",
                data=data,
                because=because,
                contacts=case.contacts + 1,
                last_contact_at=max(case.last_contact_at, one.facts.at),
                unread=True,
                status=status,
                **changes,
            )
            outcome = "joined"
        self.outcomes[one.raw.id] = (outcome, case.id, one.message_id, because)
        return Decided(one.raw.id, outcome, case.id, case.number, because)

    def _remember(
        self, *, case: Case, facts: ComplaintFacts, one: ReadContact, more: Sequence[str] = ()
    ) -> None:
        self.memory[case.id] = facts
        self.pen.set(case=case, match_facts=facts.as_json())
        for key in dict.fromkeys((*index_keys(contact=one.facts), *more, *_mail_keys(one))):
            self.keys.setdefault(key, [])
            if case.id not in self.keys[key]:
                self.keys[key].insert(0, case.id)
            self.pen.add(
                table="match_key",
                row={
                    "key": key[:120],
                    "complaint_id": case.id,
                    "at": self.now,
                    "message_id": one.message_id,
                },
            )

    def _message(self, *, case: Case, one: ReadContact) -> None:
        inbound = one.inbound
        self.pen.message(
            case=case,
            direction="in",
            channel=inbound.channel,
            text=inbound.text,
            at=one.facts.at,
            id=one.message_id,
            index=f"{case.number} {case.waybill} {_phone(one)} {inbound.sender_name}",
            sender=inbound.sender[:200],
            sender_name=inbound.sender_name[:120],
            subject=inbound.subject[:300],
            quoted=inbound.quoted,
            html=inbound.html,
            thread=inbound.thread[:250],
            inbox_id=one.raw.id,
            to_customer=inbound.channel in {"portal", "web", "chat"},
        )
        for file in inbound.attachments:
            sha256 = file.sha256 or files.keep(content=file.content)
            self.pen.add(
                table="attachment",
                row={
                    "id": new_id(now=self.now),
                    "message_id": one.message_id,
                    "name": file.name[:200] or "附件",
                    "content_type": file.content_type[:100],
                    "size": file.size or len(file.content),
                    "sha256": sha256,
                    "is_image": file.content_type[:6] == "image/",
                },
            )


def _thread_keys(one: ReadContact) -> list[str]:
    """Return the keys of the mails that a mail answers, the latest first; last, of its answers."""
    if one.inbound.channel != "email":
        return []
    keys = [f"t:{message_ids.key(message_id=r)}" for r in reversed(one.inbound.references)]
    own = one.inbound.thread
    return [*keys, f"q:{message_ids.key(message_id=own)}"] if own else keys


def _mail_keys(one: ReadContact) -> list[str]:
    """Return the keys by which answers to a mail find it, and mails that it answers find it.

    What a mail answers may come after it.
    """
    if one.inbound.channel != "email":
        return []
    own = one.inbound.thread
    keys = [f"t:{message_ids.key(message_id=own)}"] if own else []
    return keys + [f"q:{message_ids.key(message_id=r)}" for r in one.inbound.references[-3:]]


def _identities(one: ReadContact) -> list[tuple[str, str]]:
    inbound = one.inbound
    out = []
    phone = _phone(one)
    if phone:
        out.append(("phone", phone))
    mail = _mail(one)
    if mail:
        out.append(("email", mail))
    if inbound.sender and inbound.channel not in {"phone", "desk", "email", "sms", "portal"}:
        out.append((inbound.channel, inbound.sender))
    return out


def _phone(one: ReadContact) -> str:
    if one.inbound.phone:
        return one.inbound.phone
    sender = one.inbound.sender
    if one.inbound.channel in {"phone", "sms"} and sender.isdigit():
        return sender
    entity = one.words.first(type="phone")
    return str(entity.value) if entity else ""


def _mail(one: ReadContact) -> str:
    if one.inbound.email:
        return one.inbound.email.lower()
    sender = one.inbound.sender
    return sender.lower() if one.inbound.channel == "email" and "@" in sender else ""


def _name(one: ReadContact) -> str:
    entity = one.words.first(type="person")
    return str(entity.value)[:120] if entity else ""


def _address(one: ReadContact) -> str:
    entity = one.words.first(type="address")
    return str(entity.value).replace("/", "")[:300] if entity else ""


def _region(one: ReadContact) -> str:
    entity = one.words.first(type="address")
    parts = str(entity.value).split("/") if entity else []
    return next((p for p in parts if p.endswith(("市", "州", "盟"))), parts[0] if parts else "")[
        :60
    ]


def _waybill(one: ReadContact) -> tuple[str, str]:
    given = one.inbound.waybill.replace(" ", "").upper()[:40]
    entity = one.words.first(type="waybill")
    if given:
        same = entity is not None and entity.value == given
        return given, entity.candidates[0].carrier if same and entity and entity.candidates else ""
    if entity is None:
        return "", ""
    return str(entity.value)[:40], entity.candidates[0].carrier if entity.candidates else ""


def _title(inbound: Inbound) -> str:
    text = inbound.subject.strip() or inbound.text.strip().split("\n")[0]
    return text[:60] or "（无内容）"


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
