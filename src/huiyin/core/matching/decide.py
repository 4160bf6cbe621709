"""The decision: new, join, reopen, repeat, or not a complaint."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from huiyin.core.because import Reason
from huiyin.core.matching.evidence import Weighed, weigh
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
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
    repeat, ``about`` the ended complaint that thanks or a question refer to. ``score`` (0 to 1)
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
) -> MatchDecision:
    """Decide what a contact is among the complaints it may be about.

    ``candidates`` are those a store found by :func:`huiyin.core.matching.lookup_keys`; ``now`` is
    the moment of the contact (aware). Equal sums go to the complaint last spoken of.
    """
    weighed = [weigh(contact=contact, complaint=c, now=now, settings=settings) for c in candidates]
    weighed.sort(key=lambda w: (w.total, w.complaint.last_contact_at), reverse=True)
    best = weighed[0] if weighed else None
    if best is None or best.total < settings.join_at:
        return _unattached(contact, weighed, settings)
    second = next((w for w in weighed[1:] if not w.own_number), None)
    lead = best.total - second.total if second is not None else math.inf
    unsure = lead < settings.apart and not best.sure
    maybe = _maybe(weighed[1:], settings)
    score = _score(best.total)
    complaint = best.complaint
    if complaint.state == "open":
        reason = Reason("match.join", "并入未结的投诉", "joins the open complaint")
        return MatchDecision("join", complaint.id, score, (reason, *best.because), maybe, unsure)
    said = _after_end(contact)
    if said is None:
        reason = Reason(
            "match.reopen",
            "结束后仍有不满，重新打开",
            "still aggrieved after the end: opened again",
        )
        return MatchDecision("reopen", complaint.id, score, (reason, *best.because), maybe, unsure)
    return MatchDecision(
        "not_complaint",
        None,
        score,
        (said, *best.because),
        maybe,
        unsure,
        about=complaint.id,
    )


def _score(total: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def _maybe(rest: Sequence[Weighed], settings: MatchSettings) -> tuple[Maybe, ...]:
    return tuple(
        Maybe(w.complaint.id, _score(w.total), w.because)
        for w in rest[:3]
        if w.total >= settings.maybe_at
    )


def _after_end(contact: ContactFacts) -> Reason | None:
    """Return why a contact on an ended complaint asks for nothing more; None when it does."""
    signals = contact.signals
    aggrieved = "grievance" in signals
    if not aggrieved and ("thanks" in signals or "good_end" in signals or "consent" in signals):
        return Reason("match.thanks", "事后致谢或表示了结", "thanks or consent after the end")
    if not aggrieved and ("question" in signals or "business" in signals):
        return Reason("match.question", "事后的一般询问", "a plain question after the end")
    if "consent" in signals or ("thanks" in signals and "good_end" in signals):
        return Reason("match.thanks", "事后致谢或表示了结", "thanks or consent after the end")
    return None


def _unattached(
    contact: ContactFacts, weighed: Sequence[Weighed], settings: MatchSettings
) -> MatchDecision:
    maybe = _maybe(weighed, settings)
    score = 1.0 - _score(weighed[0].total) if weighed else 1.0
    none = _no_complaint(contact)
    if none is not None:
        return MatchDecision("not_complaint", None, score, (none,), maybe)
    for w in weighed:
        other = w.own_number or not contact.waybills
        if w.same_person and other and contact.kinds & w.complaint.kinds:
            reason = Reason(
                "match.repeat",
                "同一客户同类问题，另一个件",
                "same customer, same kind, another parcel",
            )
            because = (reason, *w.because)
            return MatchDecision("repeat", None, score, because, maybe, repeat_of=w.complaint.id)
    reason = Reason("match.new", "没有相符的投诉", "no complaint fits")
    return MatchDecision("new", None, score, (reason,), maybe, unsure=bool(maybe))


def _no_complaint(contact: ContactFacts) -> Reason | None:
    signals = contact.signals
    aggrieved = "grievance" in signals
    if "spam" in signals and not (aggrieved and contact.waybills):
        return Reason("match.spam", "广告或垃圾信息", "advertising or spam")
    if "other_company" in signals:
        return Reason("match.other_company", "不是本公司的事", "another company's matter")
    if "empty" in signals:
        return Reason("match.empty", "没有内容", "nothing is said")
    if "praise" in signals and not aggrieved:
        return Reason("match.praise", "表扬", "praise")
    if aggrieved:
        return None
    if "thanks" in signals or "good_end" in signals:
        return Reason("match.thanks", "致谢", "thanks")
    if "business" in signals or "checking" in signals or "question" in signals:
        return Reason("match.enquiry", "咨询，没有不满", "an enquiry without a grievance")
    if contact.is_complaint is False and not contact.kinds:
        return Reason("match.triage", "分类判为非投诉", "sorting finds no complaint")
    return None
