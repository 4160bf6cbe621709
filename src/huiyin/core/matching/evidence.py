"""Evidence for and against: is this contact about that complaint?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiyin.core.because import Reason
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.numbers import one_slip, same_run
from huiyin.core.matching.settings import MatchSettings
from huiyin.core.matching.shipped import WORDS

_DAY = timedelta(days=1)
_COMMON_SURNAMES = WORDS.common_surnames
_ASIDE_GOODS = WORDS.aside_goods


@dataclass(frozen=True, slots=True)
class Weighed:
    """One candidate with the sum of its evidence in log odds.

    ``another_parcel`` tells that the contact names a parcel that is not the complaint's;
    ``same_customer`` that the writer is, or speaks for, the complaint's customer; ``anchored``
    that more than the story ties the two together; ``sure`` that a number settles the matter.
    """

    complaint: ComplaintFacts
    total: float
    because: tuple[Reason, ...]
    another_parcel: bool
    same_customer: bool
    anchored: bool
    sure: bool


def weigh(
    *, contact: ContactFacts, complaint: ComplaintFacts, now: datetime, settings: MatchSettings
) -> Weighed:
    """Return the evidence that ``contact`` is about ``complaint``."""
    scale = _Scale(contact, complaint, settings)
    scale.writer()
    scale.numbers()
    scale.people()
    scale.matter()
    scale.manner()
    scale.age(now)
    return Weighed(
        complaint,
        scale.total,
        tuple(scale.reasons),
        scale.another_parcel,
        scale.same_customer,
        scale.anchored,
        scale.sure,
    )


class _Scale:
    """The weighing of one candidate, step by step."""

    __slots__ = (
        "anchored",
        "another_parcel",
        "complaint",
        "contact",
        "in_thread",
        "reasons",
        "s",
        "same_customer",
        "shared",
        "sure",
        "total",
    )

    def __init__(
        self, contact: ContactFacts, complaint: ComplaintFacts, settings: MatchSettings
    ) -> None:
        self.contact = contact
        self.complaint = complaint
        self.s = settings
        self.total = settings.start
        self.reasons: list[Reason] = []
        self.another_parcel = False
        self.same_customer = False
        self.anchored = False
        self.sure = False
        self.shared = False
        self.in_thread = False

    def say(self, weight: float, rule: str, zh: str, en: str, *words: str) -> None:
        self.total += weight
        self.reasons.append(Reason(rule, zh, en, words))

    def writer(self) -> None:
        """Who writes, and where: account, telephone, thread."""
        contact, complaint, s = self.contact, self.complaint, self.s
        who = contact.identity
        self.shared = contact.shared or (bool(who) and who in complaint.shared_senders)
        if who and who in complaint.senders:
            if self.shared:
                self.say(s.sender_shared, "match.sender_shared", "同一公用电话", "the same shared phone")
            else:
                self.same_customer = self.anchored = True
                self.say(
                    s.sender, "match.sender", "同一来电或账号", "the same phone or account", contact.sender
                )
        elif any(phone in complaint.phones for phone in contact.phones):
            self.same_customer = self.anchored = True
            said = [phone for phone in contact.phones if phone in complaint.phones]
            self.say(s.phone, "match.phone", "留的是同一电话", "the same phone was given", *said)
        elif not self.shared and (
            (who and who in complaint.kin)
            or any(f"p:{phone}" in complaint.kin for phone in contact.phones)
        ):
            self.same_customer = self.anchored = True
            self.say(
                s.sender_kin,
                "match.sender_kin",
                "同一客户的另一账号或电话",
                "another account of the same customer",
                contact.sender,
            )
        else:
            ends = [
                tail
                for tail in (*contact.phone_tails, *contact.tails)
                if any(phone.endswith(tail) for phone in complaint.phones)
            ]
            if ends:
                self.anchored = True
                self.say(s.phone_tail, "match.phone_tail", "电话尾号相符", "the phone's end fits", *ends)
        if contact.thread is not None and contact.thread in complaint.threads:
            self.in_thread = self.same_customer = self.anchored = True
            self.say(s.thread, "match.thread", "同一会话或邮件串", "the same chat or mail thread")

    def numbers(self) -> None:
        """Which parcel: the waybill, or what is known of it."""
        contact, complaint, s = self.contact, self.complaint, self.s
        waybills = complaint.waybills
        if contact.waybills:
            same = [w for w in contact.waybills if w in waybills]
            if same:
                self.sure = self.anchored = True
                self.say(s.waybill, "match.waybill", "运单号相同", "the same waybill", *same)
            elif waybills:
                self._other_waybill()
            elif complaint.tails:
                fits = [t for t in complaint.tails if any(w.endswith(t) for w in contact.waybills)]
                if fits:
                    self.anchored = True
                    self.say(s.tail, "match.tail", "与此前说的尾号相符", "fits the end given", *fits)
                else:
                    self.another_parcel = True
        else:
            said = [w for w in contact.other_waybills if w in waybills]
            if said and (self.same_customer or not contact.identity):
                self.say(
                    s.waybill_mentioned,
                    "match.waybill_mentioned",
                    "提到该运单",
                    "mentions the waybill",
                    *said,
                )
        for tail in contact.tails:
            if any(w.endswith(tail) for w in waybills) or any(
                t.endswith(tail) or tail.endswith(t) for t in complaint.tails
            ):
                self._tail(tail, s.tail)
            elif waybills and not any(phone.endswith(tail) for phone in complaint.phones):
                self.say(s.tail_other, "match.tail_other", "尾号不符", "another end of number", tail)
        for loose in contact.loose:
            if any(w.endswith(loose) for w in waybills):
                self._tail(loose, s.tail_loose)
        for head in contact.heads:
            if any(head in w for w in waybills):
                self.say(s.head, "match.head", "单号的一部分相符", "a part of the number fits", head)

    def _tail(self, tail: str, weight: float) -> None:
        self.anchored = True
        weight = weight if len(tail) < 6 else self.s.tail_long
        self.say(weight, "match.tail", "单号尾号相符", "the end of the number fits", tail)

    def _other_waybill(self) -> None:
        contact, complaint = self.contact, self.complaint
        if self.same_customer:
            for said in contact.waybills:
                for known in complaint.waybills:
                    if one_slip(said=said, known=known):
                        self.say(
                            self.s.waybill_mistaken,
                            "match.waybill_mistaken",
                            "单号只差一处，同一人更正",
                            "one slip apart, corrected by the same person",
                            said,
                            known,
                        )
                        return
        self.another_parcel = True
        if (
            not self.same_customer
            and "again" in contact.signals
            and same_run(one=contact.waybills, other=complaint.waybills)
        ):
            self.same_customer = True
            self.say(
                0.0, "match.same_run", "单号相连，同一寄件客户", "numbered in one run: the same sender"
            )
        self.say(
            0.0, "match.waybill_other", "运单号不同，是另一个件", "another parcel", contact.waybills[0]
        )

    def people(self) -> None:
        """Who is named."""
        contact, complaint, s = self.contact, self.complaint, self.s
        names = contact.names & complaint.names
        if names:
            self.same_customer = self.anchored = True
            self.say(s.name, "match.name", "同一姓名", "the same name", *sorted(names))
            return
        same = contact.surnames & complaint.surnames
        if same:
            if contact.names and complaint.names and not self.same_customer:
                self.say(
                    s.name_other, "match.name_other", "同姓不同名", "another given name", *contact.names
                )
                return
            common = all(name in _COMMON_SURNAMES for name in same)
            if self.shared:
                self.same_customer = True
            weight = s.surname_common if common else s.surname
            self.say(weight, "match.surname", "同姓", "the same surname", *sorted(same))
        elif contact.surnames and complaint.surnames and not (self.anchored or self.sure):
            weight = s.surname_other_at_desk if self.shared else s.surname_other
            self.say(
                weight, "match.surname_other", "姓氏不同", "another surname", *sorted(contact.surnames)
            )

    def matter(self) -> None:
        """What it is about: firm, places, carrier, goods, sums, counts, the story, the kind."""
        contact, complaint, s = self.contact, self.complaint, self.s
        firms = contact.organisations & complaint.organisations
        if firms:
            self.say(s.organisation, "match.organisation", "同一单位", "the same firm", *sorted(firms))
        if contact.places and complaint.places:
            places = contact.places & complaint.places
            if places:
                weight = s.place * min(2, len(places))
                self.say(weight, "match.place", "同一地方", "the same place", *sorted(places))
            if not contact.places <= complaint.places and not complaint.places <= contact.places:
                self.total += s.place_other
        if contact.cities and complaint.cities:
            cities = contact.cities & complaint.cities
            if cities:
                self.say(s.city, "match.city", "同一城市", "the same city", *sorted(cities))
            elif not self.anchored:
                self.say(s.city_other, "match.city_other", "城市不同", "another city")
        if contact.carriers and complaint.carriers:
            carriers = contact.carriers & complaint.carriers
            if carriers:
                self.say(s.carrier, "match.carrier", "同一快递公司", "the same carrier")
            elif not self.sure:
                self.say(s.carrier_other, "match.carrier_other", "快递公司不同", "another carrier")
        if contact.goods and complaint.goods:
            goods = contact.goods & complaint.goods
            if goods:
                self.say(s.goods, "match.goods", "同样的东西", "the same goods", *sorted(goods))
            elif not contact.goods <= _ASIDE_GOODS:
                said = sorted(contact.goods)
                self.say(s.goods_other, "match.goods_other", "说的是别的东西", "other goods", *said)
        money = contact.money & complaint.money
        if money:
            yuan = [f"{fen / 100:g} 元" for fen in sorted(money)]
            self.say(s.money, "match.money", "金额相同", "the same sum", *yuan)
        if contact.numbers and complaint.numbers:
            self._counts()
        self._story()
        if contact.kinds and complaint.later_kinds:
            if not complaint.later_kinds.isdisjoint(contact.kinds):
                self.say(s.kind, "match.kind", "问题相同", "the same kind of trouble")
            else:
                weight = s.kind_other if self.anchored else s.kind_other_story
                self.say(weight, "match.kind_other", "问题不同", "another kind of trouble")

    def _counts(self) -> None:
        mine, known = self.contact.numbers, self.complaint.numbers
        same = {n for n in mine & known if n[0] != "1" or n[1:2].isdigit()}
        if same:
            weight = self.s.count * min(2, len(same))
            self.say(weight, "match.count", "数目相同", "the same count", *sorted(same))
        elif not mine & known:
            units = {n.lstrip("0123456789.") for n in mine}
            clash = units & {n.lstrip("0123456789.") for n in known} & _COUNTED
            if clash:
                self.say(self.s.count_other, "match.count_other", "数目不同", "another count")

    def _story(self) -> None:
        mine, known = self.contact.pairs, self.complaint.pairs
        if len(mine) > len(known):
            mine, known = known, mine
        hits = [pair for pair in mine if pair in known]
        if hits:
            overlap = sum([mine[pair] for pair in hits])
            weight = self.s.content * (1.0 - math.exp(-overlap / self.s.content_half))
            self.say(weight, "match.content", "说的是同一件事", "tells the same story", *hits[:6])

    def manner(self) -> None:
        """How it is said: as something known, as something new, or as an enquiry."""
        contact, complaint, s = self.contact, self.complaint, self.s
        signals = contact.signals
        if "refers_back" in signals:
            self.say(s.refers_back, "match.refers_back", "提到此前的联系", "refers to an earlier contact")
        told = contact.told_on & complaint.channels
        if told:
            self.say(s.told_there, "match.told_there", "所说的渠道有过此事", "was told there", *told)
        if ("official" in signals or contact.channel == "appeal") and not self.sure:
            self.say(s.official, "match.official", "公安或监管来核实", "the authorities ask")
        if self.sure:
            return
        if "new_parcel" in signals and "same_parcel" not in signals:
            self.say(s.new_parcel, "match.new_parcel", "像是说另一个件", "seems to be another parcel")
        if "business" in signals and not signals & _AGGRIEVED:
            self.say(s.business, "match.business", "是业务咨询", "is a business enquiry")

    def age(self, now: datetime) -> None:
        """How long ago it was."""
        complaint, s = self.complaint, self.s
        if complaint.state != "open":
            self.say(s.ended, "match.ended", "该投诉已结束", "that complaint has ended")
        days = (now - (complaint.ended_at or complaint.last_contact_at)) / _DAY
        if days <= s.fresh_days:
            self.total += s.fresh
        elif days > s.days_free and not self.sure:
            self.total += s.day * (days - s.days_free)


_AGGRIEVED = frozenset({"fault", "demand", "promise"})
_COUNTED = frozenset("箱件本台瓶盒袋包套双颗株条只")
