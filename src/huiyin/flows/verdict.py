"""The verdict on a contact: opens, joins, or is set aside; each aware of those before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huiyin.channels.email import message_ids
from huiyin.core.because import Reason
from huiyin.core.matching import MatchDecision, Maybe, decide
from huiyin.core.matching.grievance import nothing_more
from huiyin.core.rehandling.digit import stars_said, survey_meant
from huiyin.flows.contact import ReadContact
from huiyin.flows.recall import Recall
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, history, office
from huiyin.store.read import matching as lookups

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


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to become of one contact.

    ``kind`` is opened, joined (which may open again) or set_aside; ``complaint`` the one it opens,
    joins, or is set aside about; ``stars`` what it answers to that one's survey; ``bounced`` our
    mails that came back; ``keys`` lead from now on to the complaint.
    """

    kind: str
    because: tuple[Reason, ...]
    complaint: UUID | None = None
    number: str = ""
    repeat_of: UUID | None = None
    maybe: tuple[Maybe, ...] = ()
    bounced: tuple[UUID, ...] = ()
    keys: tuple[str, ...] = ()
    stars: int | None = None


class Judge:
    """Gives the verdicts of one batch; a fixed number of queries whatever its size."""

    def __init__(self, *, pen: Pen, contacts: Sequence[ReadContact], now: datetime) -> None:
        """Read all that the contacts may be about."""
        self._pen = pen
        self._now = now
        self._playbook = office.current_playbook()
        self._domains = frozenset(a.partition("@")[2] for a in office.own_addresses())
        self._sent = lookups.sent_about(
            ids=(id for one in contacts for _reference, id in self._ours(one))
        )
        self._named = history.by_numbers(numbers=[c.inbound.number for c in contacts])
        self._surveys = cases.surveys_by_number(
            numbers=[
                c.inbound.sender
                for c in contacts
                if c.inbound.channel == "sms" and stars_said(text=c.inbound.text)
            ],
            now=now,
        )
        self.recall = Recall(
            contacts=contacts,
            named=(id.hex for id in (*self._named.values(), *self._sent.values())),
            now=now,
        )

    def verdict(self, *, one: ReadContact) -> Verdict:
        """Decide what becomes of a contact."""
        inbound = one.inbound
        by = one.raw.headers.get("taken_up")
        if by:
            return self._taken_up(one, str(by))
        if inbound.auto:
            return self._automatic(one, inbound.auto)
        answered = self._digit(one)
        if answered is not None:
            return answered
        told = self._told(one) or self._threaded(one)
        if told is not None:
            id, reason = told
            if inbound.channel == "email" and self.recall.ended(id=id):
                said = nothing_more(contact=one.facts)
                if said is not None:
                    return Verdict("set_aside", (said, reason), complaint=UUID(id))
            return self._join(one, id, (reason,))
        if inbound.branch in {"consultation", "business_request"}:
            reason = Reason(
                rule="receive.branch",
                zh="受理时归为" + self._playbook.branch(code=inbound.branch).name.zh,
                en="sorted at reception: " + inbound.branch,
            )
            return self._open(one, (reason,))
        if inbound.past is not None:
            return self._open(one, (_AS_IT_STOOD,))
        decision = self._decide(one)
        because = tuple(decision.because)
        if decision.decision == "not_complaint":
            about = UUID(self.recall.living(id=decision.about)) if decision.about else None
            return Verdict("set_aside", because, complaint=about)
        if decision.decision in {"join", "reopen"} and decision.complaint_id is not None:
            return self._join(one, self.recall.living(id=decision.complaint_id), because)
        repeat_of = UUID(decision.repeat_of) if decision.repeat_of else None
        return self._open(
            one,
            because,
            repeat_of=repeat_of,
            maybe=decision.maybe,
            customer_of=decision.customer_of,
            asked=decision.maybe[0].complaint_id if decision.unsure and decision.maybe else "",
        )

    def _taken_up(self, one: ReadContact, by: str) -> Verdict:
        """Take for a complaint what was set aside: that which it is about, or one of its own."""
        said = Reason(
            rule="receive.taken_up",
            zh=f"{by}判断：这是投诉",
            en=f"{by} says that it is a complaint",
        )
        told = self._told(one) or self._threaded(one)
        if told is not None:
            return self._join(one, told[0], (said,))
        decision = self._decide(one)
        found = decision.complaint_id or decision.about
        if found is not None:
            return self._join(one, self.recall.living(id=found), (said,))
        return self._open(one, (said,), maybe=decision.maybe)

    def _decide(self, one: ReadContact) -> MatchDecision:
        candidates = self.recall.candidates(one=one)
        return decide(contact=one.facts, candidates=candidates, now=self._now)

    def _digit(self, one: ReadContact) -> Verdict | None:
        """Take a figure alone as the answer to its sender's one open survey, once."""
        waiting = self._surveys.get(one.inbound.sender)
        if not waiting or one.inbound.channel != "sms":
            return None
        stars = stars_said(text=one.inbound.text)
        if stars is None:
            return None
        why = survey_meant(stars=stars, waiting=list(waiting.values()))
        if why is None:
            return None
        (id,) = waiting
        del self._surveys[one.inbound.sender]
        return Verdict("set_aside", (why,), complaint=id, stars=stars)

    def _join(self, one: ReadContact, id: str, because: tuple[Reason, ...]) -> Verdict:
        keys = self.recall.joined(id=id, one=one)
        return Verdict("joined", because, complaint=UUID(id), keys=keys)

    def _open(
        self,
        one: ReadContact,
        because: tuple[Reason, ...],
        repeat_of: UUID | None = None,
        maybe: tuple[Maybe, ...] = (),
        customer_of: str | None = None,
        asked: str = "",
    ) -> Verdict:
        at = self._now if one.inbound.past is None else one.facts.at
        id, number = new_id(now=at), self._pen.next_number(at=at)
        return Verdict(
            "opened",
            because,
            complaint=id,
            number=number,
            repeat_of=repeat_of,
            maybe=maybe,
            keys=self.recall.opened(
                id=id.hex,
                number=number,
                one=one,
                customer_of=customer_of,
                repeat=repeat_of is not None,
                asked=asked,
            ),
        )

    def _told(self, one: ReadContact) -> tuple[str, Reason] | None:
        """Find the complaint that the contact names by its number (reply, tracking page)."""
        found = self._named.get(one.inbound.number)
        if found is None:
            return None
        id = self.recall.living(id=found.hex)
        number = self.recall.number(id=id)
        reason = Reason(
            rule="receive.named",
            zh=f"来件注明投诉编号 {number}",
            en=f"names complaint {number}",
            words=(number,),
        )
        return id, reason

    def _ours(self, one: ReadContact) -> list[tuple[str, UUID]]:
        """Return which of the messages that a mail answers have ids of ours, the latest first."""
        found = (
            (r, message_ids.sent_as(message_id=r, domains=self._domains))
            for r in reversed(one.inbound.references)
        )
        return [(r, i) for r, i in found if i is not None]

    def _answered(self, one: ReadContact) -> tuple[str, str] | None:
        """Find the complaint whose messages a mail answers, and the message that says so."""
        for reference, sent in self._ours(one):
            if sent in self._sent:
                return self.recall.living(id=self._sent[sent].hex), reference
        for key in one.thread_keys:
            found = self.recall.newest(key=key)
            if found is not None:
                return self.recall.living(id=found), key[2:]
        return None

    def _threaded(self, one: ReadContact) -> tuple[str, Reason] | None:
        """Find the complaint that a mail belongs to by what it answers.

        Who writes about another parcel in an old thread is left to the matcher.
        """
        answered = self._answered(one)
        if answered is None:
            return None
        id, reference = answered
        known = self.recall.facts(id=id)
        theirs = set(one.facts.waybills)
        if known and theirs and known.waybills and not theirs & known.waybills:
            return None
        number = self.recall.number(id=id)
        reason = Reason(
            rule="receive.thread",
            zh=f"回复了投诉 {number} 的邮件",
            en=f"answers a mail of complaint {number}",
            words=(reference,),
        )
        return id, reason

    def _automatic(self, one: ReadContact, kind: str) -> Verdict:
        """Set aside what no person wrote; mail of ours that came back is shown where it belongs."""
        zh, en = _ASIDE[kind]
        reason = Reason(rule="receive.automatic", zh=zh, en=en, words=(kind,))
        answered = self._answered(one) if kind == "bounce" else None
        if answered is None:
            return Verdict("set_aside", (reason,))
        told = one.inbound.text[:400]
        why = Reason(
            rule="receive.bounced", zh=told, en="mail came back: " + told.partition("：")[2]
        )
        return Verdict(
            "set_aside",
            (reason, why),
            complaint=UUID(answered[0]),
            bounced=tuple(sent for _reference, sent in self._ours(one) if sent in self._sent),
        )
