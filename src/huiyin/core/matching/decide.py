"""The decision: new, join, reopen, repeat, or not a complaint."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, Literal

from huiyin.core.because import Reason
from huiyin.core.matching.doubt import DOUBT, Doubt, against, likelihood, measure
from huiyin.core.matching.evidence import Weighed, weigh_all
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.grievance import PLEASED, enquiry, no_complaint, nothing_more, same_kind
from huiyin.core.matching.settings import SETTINGS, MatchSettings

Decision = Literal["new", "join", "reopen", "repeat", "not_complaint"]


@dataclass(frozen=True, slots=True)
class Maybe:
    """A complaint that may be the same: shown to an agent, never joined by itself."""

    complaint_id: str
    score: float
    because: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """What becomes of a contact.

    ``complaint_id`` is set for join and reopen. ``repeat_of`` is the earlier complaint of a
    repeat, ``customer_of`` another complaint of the same customer, ``about`` the ended
    complaint that thanks or a question refer to, or one that they may be about. ``score`` (0 to 1)
    is how sure the attachment is, or, where there is none, how sure that there is none.
    ``unsure`` asks for a person's look.
    """

    decision: Decision
    complaint_id: str | None
    score: float
    because: tuple[Reason, ...]
    maybe: tuple[Maybe, ...] = ()
    unsure: bool = False
    repeat_of: str | None = None
    about: str | None = None
    customer_of: str | None = None

    def as_json(self) -> dict[str, Any]:
        """Return the decision as a JSON object, empty parts left out."""
        out: dict[str, Any] = {
            "decision": self.decision,
            "complaint": self.complaint_id,
            "score": round(self.score, 3),
            "because": [reason.as_json() for reason in self.because],
        }
        if self.maybe:
            out["maybe"] = [
                {
                    "complaint": m.complaint_id,
                    "score": round(m.score, 3),
                    "because": [reason.as_json() for reason in m.because],
                }
                for m in self.maybe
            ]
        if self.unsure:
            out["unsure"] = True
        if self.repeat_of is not None:
            out["repeat_of"] = self.repeat_of
        if self.about is not None:
            out["about"] = self.about
        return out


def decide(
    *,
    contact: ContactFacts,
    candidates: Sequence[ComplaintFacts],
    now: datetime,
    settings: MatchSettings = SETTINGS,
    doubt: Doubt = DOUBT,
) -> MatchDecision:
    """Decide what a contact is among the complaints it may be about.

    ``candidates`` are those a store found by :func:`huiyin.core.matching.lookup_keys`; ``now`` is
    the moment of the contact (aware). Equal sums go to the complaint last spoken of. A join that
    ``doubt`` holds too likely to be wrong is left to a person.
    """
    weighed = weigh_all(contact=contact, candidates=candidates, now=now, settings=settings)
    best, rest = _best(contact, weighed, settings)
    if best is None:
        return _unattached(contact, weighed, settings)
    maybe = _maybe(rest, settings)
    unsure = bool(rest) and best[0] - rest[0][0] < settings.apart and not best[1].sure
    score = likelihood(odds=best[0])
    complaint = best[1].complaint
    because = best[1].because
    said = None if complaint.state == "open" else nothing_more(contact=contact)
    if said is not None:
        return MatchDecision(
            "not_complaint", None, score, (said, *because), maybe, unsure, about=complaint.id
        )
    if not best[1].sure:
        measured = measure(contact=contact, first=best[1], others=[w for _total, w in rest])
        score = doubt.sure(measured=measured)
        # thanks that came by a form open nothing, wherever they belong
        thanked = contact.filed and nothing_more(contact=contact) is not None
        if score < doubt.ask_below and not thanked:
            made = _unattached(contact, weighed, settings)
            return _doubted(made, complaint.id, score, against(measured=measured))
    if complaint.state == "open":
        reason = Reason("match.join", "并入未结的投诉", "joins the open complaint")
        return MatchDecision("join", complaint.id, score, (reason, *because), maybe, unsure)
    reason = Reason(
        "match.reopen",
        "结束后仍有不满，重新打开",
        "still aggrieved after the end: opened again",
    )
    return MatchDecision("reopen", complaint.id, score, (reason, *because), maybe, unsure)


def _best(
    contact: ContactFacts, weighed: Sequence[Weighed], settings: MatchSettings
) -> tuple[tuple[float, Weighed] | None, list[tuple[float, Weighed]]]:
    """Return the candidate to attach to, if any, and the others, the likeliest first."""
    able = [w for w in weighed if not w.another_parcel]
    if not able:
        return None, []
    settled = not contact.signals.isdisjoint(_SETTLED)
    pleased = not contact.signals.isdisjoint(PLEASED)
    focused = "focus" in contact.signals
    theirs: set[str] = set()
    if not settled:
        for w in able:
            if w.complaint.state == "open":
                theirs |= w.complaint.owners
    totals = [(w.total, w) for w in able]
    if settled or theirs:
        totals = [
            (total + _ended(w, theirs, pleased, focused, settings), w)
            if w.complaint.state != "open" and not w.sure
            else (total, w)
            for total, w in totals
        ]
    totals.sort(key=lambda t: (t[0], t[1].complaint.last_contact_at), reverse=True)
    _elder_first(totals)
    total, first = totals[0]
    if total < (settings.join_at if first.anchored else settings.join_story_at):
        return None, totals
    if _contradicted(first):
        return None, totals
    if enquiry(contact=contact, sure=first.sure):
        return None, totals
    if not first.anchored and len(totals) > 1:
        needed = settings.apart
        other = totals[1][1]
        if first.complaint.owners & other.complaint.owners:
            needed = 0.0
        elif totals[1][0] >= settings.join_story_at and _told_apart_by_nothing(first, other):
            return None, totals
        if total - totals[1][0] < needed:
            return None, totals
    return totals[0], totals[1:]


def _elder_first(totals: list[tuple[float, Weighed]]) -> None:
    """Put before the likeliest complaint the one that it may be, where that fits nearly as well."""
    total, first = totals[0]
    for place, (other, w) in enumerate(totals):
        if w.complaint.id == first.complaint.asked and other >= total - _ELDER:
            totals.insert(0, totals.pop(place))
            return


def _ended(
    w: Weighed, theirs: set[str], pleased: bool, focused: bool, settings: MatchSettings
) -> float:
    """Return what counts for an ended complaint, or against it beside an open one.

    Who is ``focused`` on one thing of several means the one that is open.
    ``theirs`` are the accounts of customers with an open complaint; empty where the contact
    speaks of a promise or a payment, which only an end has brought about.
    """
    if not theirs:
        return settings.ended_promised if w.same_customer else 0.0
    if theirs.isdisjoint(w.complaint.owners):
        return 0.0
    told = not focused and (pleased or any(rule in _FOR for rule, *_ in w.said))
    return settings.ended_beside_open if told else settings.ended_untold


def _contradicted(w: Weighed) -> bool:
    """Tell whether it is the same customer, but what is said of the parcel fits in nothing.

    Who names another city, other goods and another trouble, and no number, may speak of a parcel
    that was never complained of before: a person is asked.
    """
    rules = {rule for rule, *_ in w.said}
    return len(rules & _AGAINST) >= _ENOUGH and rules.isdisjoint(_FOR)


def _told_apart_by_nothing(first: Weighed, other: Weighed) -> bool:
    """Tell whether all that speaks for one complaint speaks for a stranger's as well.

    Then only how old they are ranks them.
    """
    if any(rule == "match.told_then" for rule, *_ in first.said):
        return False
    here = {(rule, words) for rule, _zh, _en, words in first.said if rule in _STORY}
    return here <= {(rule, words) for rule, _zh, _en, words in other.said if rule in _STORY}


_DOUBTFUL: Final = Reason(
    "match.doubtful",
    "可能是已有的投诉，把握不够，请人看",
    "may be a complaint already known, not surely enough: a person decides",
)
_STORY: Final = frozenset(
    {
        "match.surname", "match.kin", "match.organisation", "match.place", "match.place_likely",
        "match.city", "match.carrier", "match.goods", "match.goods_likely", "match.event",
        "match.money", "match.count", "match.content", "match.kind", "match.sender_shared",
        "match.tail", "match.head", "match.phone_tail", "match.today", "match.told_there",
    }
)  # fmt: skip
_ELDER: Final = 3.0
"""By how much less an elder complaint may fit than the one that may be the same, to go before."""
_ENOUGH: Final = 2
_SETTLED: Final = frozenset({"promise", "paid"})
_AGAINST: Final = frozenset(
    {
        "match.city_other", "match.goods_other", "match.carrier_other", "match.kind_other",
        "match.count_other", "match.new_parcel",
    }
)  # fmt: skip
_FOR: Final = frozenset(
    {
        "match.waybill", "match.waybill_mistaken", "match.waybill_mentioned", "match.thread",
        "match.tail", "match.head", "match.place", "match.city", "match.goods", "match.event",
        "match.money", "match.count", "match.content", "match.told_then", "match.same_parcel",
        "match.refers_back",
    }
)  # fmt: skip


def _maybe(rest: Sequence[tuple[float, Weighed]], settings: MatchSettings) -> tuple[Maybe, ...]:
    return tuple(
        Maybe(w.complaint.id, likelihood(odds=total), w.because)
        for total, w in rest[:3]
        if total >= settings.maybe_at
    )


def _doubted(made: MatchDecision, id: str, sure: float, why: tuple[Reason, ...]) -> MatchDecision:
    """Return the decision where one complaint fits, but not surely enough to join it unasked.

    ``made`` is what would be decided without it; no other is likelier the same.
    """
    if made.decision == "not_complaint":
        return replace(made, because=(*made.because, *why), about=id)
    maybe = tuple(
        replace(m, score=sure, because=(*m.because, *why))
        if m.complaint_id == id
        else replace(m, score=min(m.score, sure))
        for m in made.maybe
    )
    because = (_DOUBTFUL, *made.because[1:], *why)
    return replace(made, score=1.0 - sure, because=because, maybe=maybe, unsure=True)


def _unattached(
    contact: ContactFacts, weighed: Sequence[Weighed], settings: MatchSettings
) -> MatchDecision:
    others = sorted(
        ((w.total, w) for w in weighed if not w.another_parcel), key=lambda t: t[0], reverse=True
    )
    maybe = _maybe(others, settings)
    score = 1.0 - likelihood(odds=others[0][0]) if others else 1.0
    none = no_complaint(contact=contact)
    if none is not None:
        return MatchDecision("not_complaint", None, score, (none,), maybe)
    theirs = sorted(
        (w for w in weighed if w.same_customer),
        key=lambda w: (w.complaint.last_contact_at, w.total),
        reverse=True,
    )
    customer = theirs[0].complaint.id if theirs else None
    for w in theirs:
        if same_kind(contact=contact, complaint=w.complaint):
            reason = Reason(
                "match.repeat",
                "同一客户同类问题，另一个件",
                "the same customer and kind, another parcel",
            )
            return MatchDecision(
                "repeat",
                None,
                score,
                (reason, *w.because),
                maybe,
                repeat_of=w.complaint.id,
                customer_of=w.complaint.id,
            )
    reason = Reason("match.new", "没有相符的投诉", "no complaint fits")
    return MatchDecision(
        "new", None, score, (reason,), maybe, unsure=bool(maybe), customer_of=customer
    )
