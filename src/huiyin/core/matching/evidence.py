"""Evidence for and against: is this contact about that complaint?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiyin.core.because import Reason
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.settings import MatchSettings
from huiyin.core.matching.shipped import WORDS

_DAY = timedelta(days=1)
_COMMON_SURNAMES = WORDS.common_surnames


@dataclass(frozen=True, slots=True)
class Weighed:
    """One candidate with the sum of its evidence in log odds.

    ``own_number`` tells that the contact names a parcel that is not the complaint's;
    ``same_person`` that the writer is the complaint's customer; ``sure`` that the number of the
    parcel or the thread settles the matter.
    """

    complaint: ComplaintFacts
    total: float
    because: tuple[Reason, ...]
    own_number: bool
    same_person: bool
    sure: bool


def weigh(
    *, contact: ContactFacts, complaint: ComplaintFacts, now: datetime, settings: MatchSettings
) -> Weighed:
    """Return the evidence that ``contact`` is about ``complaint``."""
    s = settings
    reasons: list[Reason] = []
    total = s.start

    def say(weight: float, rule: str, zh: str, en: str, *words: str) -> None:
        nonlocal total
        total += weight
        reasons.append(Reason(f"match.{rule}", zh, en, words))

    own_number = False
    sure = False
    same_person = False

    by_sender = bool(contact.identity) and contact.identity in complaint.senders
    if by_sender:
        shared = contact.shared or contact.identity in complaint.shared_senders
        if shared:
            say(s.sender_shared, "sender_shared", "同一公用电话", "the same shared telephone")
        else:
            same_person = True
            say(
                s.sender,
                "sender",
                "同一来电或账号",
                "the same telephone or account",
                contact.sender,
            )
    else:
        hit = next((p for p in contact.phones if p in complaint.phones), None)
        if hit is not None:
            same_person = True
            say(s.phone, "phone", "留的是同一电话", "the same telephone was given", hit)
        elif contact.phone_tails or contact.tails:
            ends = tuple(
                t
                for t in (*contact.phone_tails, *contact.tails)
                if any(p.endswith(t) for p in complaint.phones)
            )
            if ends:
                say(s.phone_tail, "phone_tail", "电话尾号相符", "the telephone's end fits", *ends)

    in_thread = contact.thread is not None and contact.thread in complaint.threads
    if in_thread:
        say(s.thread, "thread", "同一会话或邮件串", "the same conversation or mail thread")

    waybills = complaint.waybills
    if contact.waybills:
        same = [w for w in contact.waybills if w in waybills]
        if same:
            sure = True
            say(s.waybill, "waybill", "运单号相同", "the same waybill number", *same)
        elif waybills:
            near = _mistaken(contact, complaint) if (same_person or in_thread) else None
            if near is not None:
                say(
                    s.waybill_mistaken,
                    "waybill_mistaken",
                    "单号只差一处，又是同一人更正",
                    "the number differs by one slip and the same person corrects it",
                    *near,
                )
            else:
                own_number = True
                say(
                    s.waybill_other,
                    "waybill_other",
                    "运单号不同，是另一个件",
                    "another waybill number, another parcel",
                    contact.waybills[0],
                )
        elif any(w.endswith(t) for w in contact.waybills for t in complaint.tails):
            say(s.tail, "tail", "单号与此前说的尾号相符", "the number fits the end given before")
    else:
        said = [w for w in contact.other_waybills if w in waybills]
        if said:
            say(
                s.waybill_mentioned,
                "waybill_mentioned",
                "提到该运单",
                "mentions the waybill",
                *said,
            )
    total = _tails(contact, complaint, s, total, reasons)

    if contact.names or contact.surnames:
        total, named = _people(contact, complaint, s, total, reasons, by_sender)
        same_person = same_person or named

    shared_orgs = contact.organisations & complaint.organisations
    if shared_orgs:
        say(s.organisation, "organisation", "同一单位", "the same firm", *sorted(shared_orgs))
    if contact.places and complaint.places:
        places = contact.places & complaint.places
        if places:
            weight = s.place * min(2, len(places))
            say(weight, "place", "同一地方", "the same place", *sorted(places))
    if contact.cities and complaint.cities:
        cities = contact.cities & complaint.cities
        if cities:
            say(s.city, "city", "同一城市", "the same city", *sorted(cities))
        elif not same_person:
            say(s.city_other, "city_other", "城市不同", "another city", *sorted(contact.cities))
    if contact.carriers and complaint.carriers:
        carriers = contact.carriers & complaint.carriers
        if carriers:
            say(s.carrier, "carrier", "同一快递公司", "the same carrier", *sorted(carriers))
        else:
            say(
                s.carrier_other,
                "carrier_other",
                "快递公司不同",
                "another carrier",
                *sorted(contact.carriers),
            )
    if contact.goods and complaint.goods:
        goods = contact.goods & complaint.goods
        if goods:
            say(s.goods, "goods", "同样的东西", "the same goods", *sorted(goods))
        else:
            say(
                s.goods_other,
                "goods_other",
                "说的是别的东西",
                "other goods",
                *sorted(contact.goods),
            )
    money = contact.money & complaint.money
    if money:
        yuan = tuple(f"{fen / 100:g} 元" for fen in sorted(money))
        say(s.money, "money", "金额相同", "the same amount", *yuan)
    counts = contact.numbers & complaint.numbers
    if counts:
        weight = s.count * min(2, len(counts))
        say(weight, "count", "数目相同", "the same count", *sorted(counts))

    overlap, shown = _overlap(contact, complaint)
    if overlap > 0.0:
        weight = s.content * (1.0 - math.exp(-overlap / s.content_half))
        say(weight, "content", "说的是同一件事", "tells the same story", *shown)

    if contact.kinds and complaint.kinds:
        if contact.kinds & complaint.kinds:
            say(s.kind, "kind", "问题相同", "the same kind of trouble")
        else:
            say(s.kind_other, "kind_other", "问题不同", "another kind of trouble")
    signals = contact.signals
    if "refers_back" in signals:
        say(s.refers_back, "refers_back", "提到此前的联系", "refers to an earlier contact")
    told = contact.told_on & complaint.channels
    if told:
        say(
            s.told_there,
            "told_there",
            "所说的渠道有过此事",
            "it was reported on that channel",
            *told,
        )
    if "new_parcel" in signals and "same_parcel" not in signals and not sure:
        say(s.new_parcel, "new_parcel", "像是说另一个件", "seems to speak of another parcel")
    if "business" in signals and "grievance" not in signals and not sure:
        say(s.business, "business", "是业务咨询", "is a business enquiry")

    ended_at = complaint.ended_at
    if complaint.state != "open":
        say(s.ended, "ended", "该投诉已结束", "that complaint has ended")
    age = (now - (ended_at or complaint.last_contact_at)) / _DAY
    if age > s.days_free and not sure:
        total += s.day * (age - s.days_free)
    return Weighed(complaint, total, tuple(reasons), own_number, same_person, sure)


def _tails(
    contact: ContactFacts,
    complaint: ComplaintFacts,
    s: MatchSettings,
    total: float,
    reasons: list[Reason],
) -> float:
    waybills = complaint.waybills
    if not waybills and not complaint.tails:
        return total
    for tail in contact.tails:
        if any(w.endswith(tail) for w in waybills) or any(
            t.endswith(tail) or tail.endswith(t) for t in complaint.tails
        ):
            total += s.tail if len(tail) < 6 else s.tail_long
            reasons.append(
                Reason("match.tail", "单号尾号相符", "the end of the waybill fits", (tail,))
            )
        elif waybills and not any(p.endswith(tail) for p in complaint.phones):
            total += s.tail_other
            reasons.append(
                Reason(
                    "match.tail_other", "单号尾号不符", "the end of the waybill differs", (tail,)
                )
            )
    for loose in contact.loose:
        if any(w.endswith(loose) for w in waybills):
            total += s.tail_loose if len(loose) < 6 else s.tail_long
            reasons.append(
                Reason("match.tail", "单号尾号相符", "the end of the waybill fits", (loose,))
            )
    for head in contact.heads:
        if any(head in w for w in waybills):
            total += s.head
            reasons.append(
                Reason("match.head", "单号的一部分相符", "a part of the waybill fits", (head,))
            )
    return total


def _people(
    contact: ContactFacts,
    complaint: ComplaintFacts,
    s: MatchSettings,
    total: float,
    reasons: list[Reason],
    by_sender: bool,
) -> tuple[float, bool]:
    names = contact.names & complaint.names
    if names:
        reasons.append(Reason("match.name", "同一姓名", "the same name", tuple(sorted(names))))
        return total + s.name, True
    same = contact.surnames & complaint.surnames
    if same:
        common = all(name in _COMMON_SURNAMES for name in same)
        reasons.append(Reason("match.surname", "同姓", "the same surname", tuple(sorted(same))))
        return total + (s.surname_common if common else s.surname), False
    if contact.surnames and complaint.surnames:
        at_desk = contact.shared or contact.identity in complaint.shared_senders
        reasons.append(
            Reason("match.surname_other", "姓氏不同", "another surname", tuple(contact.surnames))
        )
        if at_desk:
            return total + s.surname_other_at_desk, False
        if not by_sender:
            return total + s.surname_other, False
    return total, False


def _overlap(contact: ContactFacts, complaint: ComplaintFacts) -> tuple[float, tuple[str, ...]]:
    known = complaint.pairs
    mine = contact.pairs
    if len(mine) > len(known):
        mine, known = known, mine
    hits = [pair for pair in mine if pair in known]
    if not hits:
        return 0.0, ()
    weight = sum(mine[pair] for pair in hits)
    return weight, tuple(hits[:6])


def _mistaken(contact: ContactFacts, complaint: ComplaintFacts) -> tuple[str, str] | None:
    """Return (said, known) where a number is the known one with a single slip.

    A slip is two neighbouring digits exchanged, or one character wrong, missing or doubled. One
    wrong character at the very end is no slip: a shop's parcels of one day are numbered in a row.
    """
    for said in contact.waybills:
        for known in complaint.waybills:
            if said != known and one_slip(said=said, known=known):
                return said, known
    return None


def one_slip(*, said: str, known: str) -> bool:
    """Tell whether two numbers differ by a single slip of tongue, finger or eye."""
    if abs(len(said) - len(known)) > 1:
        return False
    start = 0
    shorter = min(len(said), len(known))
    while start < shorter and said[start] == known[start]:
        start += 1
    end = 0
    while end < shorter - start and said[-1 - end] == known[-1 - end]:
        end += 1
    left, right = said[start : len(said) - end], known[start : len(known) - end]
    if len(said) != len(known):
        return len(left) + len(right) == 1
    if len(left) == 1:
        return end >= 3
    return len(left) == 2 and left == right[::-1]
