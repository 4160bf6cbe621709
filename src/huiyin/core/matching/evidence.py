"""Evidence for and against: is this contact about that complaint?"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from huiyin.core.because import Reason
from huiyin.core.matching.facts import ComplaintFacts, ContactFacts
from huiyin.core.matching.numbers import end_of, ends_with, one_slip, same_run
from huiyin.core.matching.settings import MatchSettings
from huiyin.core.matching.shipped import WORDS
from huiyin.core.matching.told import agrees

_PLEASED = frozenset({"thanks", "good_end", "consent"})
_AGGRIEVED = frozenset({"fault", "demand", "promise", "still"})
_TELLING = frozenset(
    {
        "match.surname",
        "match.organisation",
        "match.place",
        "match.city",
        "match.goods",
        "match.event",
        "match.money",
        "match.count",
        "match.content",
        "match.told_then",
    }
)
_ENOUGH = 2
_FOLLOWING = frozenset({"still", "proxy", "official"})
_DAY = timedelta(days=1)
_ASIDE_GOODS = WORDS.aside_goods
_SAME_OFFICE = 1.5
_TAIL = 4
_RUN = 3
_SAME_THING = 1.5
_GIVEN = 2
_ANEW = frozenset({"fault", "again", "new_parcel"})
_SHOP = frozenset({"again", "shop"})
_RARE_KINDS = frozenset({"short", "return", "fee", "pickup", "attitude", "info", "cod", "access"})
_MOST = 2.0
_LEAST = 0.3
_LONG = 20.0
_COUNTED = frozenset("箱件本台瓶盒袋包套双颗株条只")


class Weighed(NamedTuple):
    """One candidate with the sum of its evidence in log odds.

    ``who`` is the part of ``total`` that says who writes, ``as_owner`` the part of that which
    recognises the customer who opened the case: it speaks for any other complaint of theirs as
    well. ``as_other`` is what one who only joined in (a relative, a recipient) says for those.
    ``as_stranger`` is the part of ``total`` that counts against one who is not known to belong.
    ``another_parcel`` tells that the contact names a parcel that is not the complaint's;
    ``same_customer`` that the writer is, or speaks for, the complaint's customer; ``anchored``
    that more than the story ties the two together; ``sure`` that a number settles the matter;
    ``whole`` that all of the evidence was weighed.
    """

    complaint: ComplaintFacts
    total: float
    who: float
    as_owner: float
    as_other: float
    as_stranger: float
    said: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    another_parcel: bool
    same_customer: bool
    anchored: bool
    sure: bool
    whole: bool = True

    @property
    def because(self) -> tuple[Reason, ...]:
        """The evidence as reasons; made when asked for, as most candidates are never shown."""
        return tuple(Reason(*said) for said in self.said)


def weigh(
    *,
    contact: ContactFacts,
    complaint: ComplaintFacts,
    now: datetime,
    settings: MatchSettings,
    met: Met,
    whole: bool = True,
) -> Weighed:
    """Return the evidence that ``contact`` is about ``complaint``.

    ``met`` tells how common what the contact says is among the complaints it is compared with.
    Without ``whole`` a stranger's other parcel is not weighed further: it is never joined, and
    what else it shares is asked for only when its customer turns out to be the writer.
    """
    scale = _Scale(contact, complaint, settings, met)
    scale.writer()
    scale.people()
    who = scale.total - settings.start
    scale.numbers()
    whole = whole or not scale.another_parcel or scale.same_customer or scale.shared
    if whole:
        scale.place()
        scale.matter()
        scale.manner()
        scale.age(now)
    return Weighed(
        complaint,
        scale.total,
        who,
        scale.as_owner,
        scale.as_other,
        scale.as_stranger,
        tuple(scale.said),
        scale.another_parcel,
        scale.same_customer,
        scale.anchored,
        scale.sure,
        whole,
    )


def weigh_all(
    *,
    contact: ContactFacts,
    candidates: Sequence[ComplaintFacts],
    now: datetime,
    settings: MatchSettings,
) -> list[Weighed]:
    """Return the evidence for candidates, a customer recognised in all their complaints.

    Where all are strangers' there is none.
    """
    another = names_another(contact=contact)
    strange = [another and stranger(contact=contact, complaint=c) for c in candidates]
    if all(strange):
        return []
    met = _met(contact, candidates)
    weighed = [
        _strange(c)
        if unlike
        else weigh(contact=contact, complaint=c, now=now, settings=settings, met=met, whole=False)
        for c, unlike in zip(candidates, strange, strict=True)
    ]
    known: dict[str, float] = {}
    for w in weighed:
        weight = w.as_owner or w.as_other
        if weight > 0.0:
            # a relative who says for whom they speak does so in all the customer's complaints
            if not w.as_owner and contact.surnames & w.complaint.surnames:
                weight = settings.household_named
            for account in w.complaint.owners:
                if weight > known.get(account, 0.0):
                    known[account] = weight
    if not known:
        return weighed
    return [
        _as_customer(
            w
            if w.whole or known.keys().isdisjoint(w.complaint.owners)
            else weigh(contact=contact, complaint=w.complaint, now=now, settings=settings, met=met),
            known,
        )
        for w in weighed
    ]


def names_another(*, contact: ContactFacts) -> bool:
    """Tell whether a contact names a parcel, and nothing that makes it anybody's who has others."""
    return (
        bool(contact.waybills)
        and not contact.shared
        and not contact.names
        and contact.channel != "weibo"
        and not contact.signals >= _SHOP
    )


def stranger(*, contact: ContactFacts, complaint: ComplaintFacts) -> bool:
    """Tell at a glance what weighing would say: another parcel, of somebody else.

    True only where it is certain; most candidates that merely share a part of the story are such,
    and this costs a tenth of weighing them.
    """
    who, owners = contact.identity, complaint.owners
    if (
        not complaint.waybills
        or who in complaint.senders
        or who in owners
        or who in complaint.shared_senders
        or not complaint.waybills.isdisjoint(contact.waybills)
        or any(end_of(said=w, known=k) for w in contact.waybills for k in complaint.waybills)
    ):
        return False
    for phone in contact.phones:
        if phone in complaint.phones or f"p:{phone}" in owners:
            return False
    for name in complaint.names:
        if name in contact.text:
            return False
    for sender in complaint.senders:
        if "@" in sender and sender[:2] != "e:":
            return False
    return (
        (contact.thread is None or contact.thread not in complaint.threads)
        and complaint.organisations.isdisjoint(contact.organisations)
        and complaint.surnames.isdisjoint(contact.surnames)
        and not (contact.handle and complaint.surnames)
    )


def _strange(complaint: ComplaintFacts) -> Weighed:
    return Weighed(complaint, 0.0, 0.0, 0.0, 0.0, 0.0, (), True, False, False, False, False)


class Met(NamedTuple):
    """Among how many complaints places, cities and goods were looked for, and in how many met."""

    among: int
    times: Mapping[str, int]

    def telling(self, values: Iterable[str]) -> float:
        """Return how much it says to share the rarest of ``values``: 0.3 (all do) to 2."""
        least = min(self.times.get(value, 1) for value in values)
        return min(_MOST, max(_LEAST, math.log2((self.among + 1) / least)))


def _met(contact: ContactFacts, candidates: Sequence[ComplaintFacts]) -> Met:
    said = contact.places | contact.cities | contact.goods
    times: dict[str, int] = {}
    if said:
        for complaint in candidates:
            for known in (complaint.places, complaint.cities, complaint.goods):
                for value in said & known:
                    times[value] = times.get(value, 0) + 1
    return Met(len(candidates), times)


def _as_customer(w: Weighed, known: Mapping[str, float]) -> Weighed:
    best = max((known.get(account, 0.0) for account in w.complaint.owners), default=0.0)
    if best <= max(w.who, 0.0):
        return w
    return w._replace(
        total=w.total - w.who - w.as_stranger + best,
        who=best,
        as_stranger=0.0,
        said=(("match.customer", "同一客户", "the same customer", ()), *w.said),
        same_customer=True,
        anchored=True,
    )


class _Scale:
    """The weighing of one candidate, step by step."""

    __slots__ = (
        "anchored",
        "another_parcel",
        "as_other",
        "as_owner",
        "as_stranger",
        "by_end",
        "complaint",
        "contact",
        "met",
        "named",
        "s",
        "said",
        "same_customer",
        "shared",
        "sure",
        "total",
    )

    def __init__(
        self, contact: ContactFacts, complaint: ComplaintFacts, settings: MatchSettings, met: Met
    ) -> None:
        self.met = met
        self.contact = contact
        self.complaint = complaint
        self.s = settings
        self.total = settings.start
        self.as_owner = 0.0
        self.as_other = 0.0
        self.as_stranger = 0.0
        self.by_end = False
        self.named: set[str] = set()
        self.said: list[tuple[str, str, str, tuple[str, ...]]] = []
        self.another_parcel = False
        self.same_customer = False
        self.anchored = False
        self.sure = False
        self.shared = False

    def say(self, weight: float, rule: str, zh: str, en: str, *words: str) -> None:
        self.total += weight
        self.said.append((rule, zh, en, words))

    def writer(self) -> None:
        """Who writes: account, telephone, a number left."""
        contact, complaint, s = self.contact, self.complaint, self.s
        who = contact.identity
        self.shared = contact.shared or (bool(who) and who in complaint.shared_senders)
        if self.shared:
            if who in complaint.senders:
                self.say(
                    s.sender_shared, "match.sender_shared", "同一公用电话", "the same shared phone"
                )
            elif "official" not in contact.signals:
                self.total += s.shared_elsewhere
            return
        owners = complaint.owners
        if who and (who in complaint.senders or who in owners):
            self._known(s.sender, who in owners)
            self.say(
                0.0, "match.sender", "同一来电或账号", "the same phone or account", contact.sender
            )
            return
        handles = self._handles()
        if handles:
            self._known(s.handle, False)
            self.say(0.0, "match.handle", "提到的账号相符", "names the account", *handles)
            return
        left = [p for p in contact.phones if p in complaint.phones or f"p:{p}" in owners]
        if left:
            self._known(s.phone, any(f"p:{p}" in owners for p in left))
            self.say(0.0, "match.phone", "留的是同一电话", "the same phone was left", *left)
            return
        ends = [
            tail
            for tail in (*contact.phone_tails, *contact.tails)
            if any(phone.endswith(tail) for phone in complaint.phones)
        ]
        if ends:
            self.anchored = self.by_end = True
            self.say(
                s.phone_tail, "match.phone_tail", "电话尾号相符", "the phone's end fits", *ends
            )

    def _handles(self) -> list[str]:
        """Return the names of accounts that one of the two has and the other speaks of."""
        contact, complaint = self.contact, self.complaint
        found = [
            name
            for who in complaint.senders
            if "@" in who and not who.startswith("e:")
            for name in (who.partition("@")[2],)
            if len(name) > 2 and name in contact.text
        ]
        mine = contact.handle.lstrip("@")
        if contact.channel == "weibo" and _spelt(mine, complaint.pairs):
            found.append(mine)
        return found

    def _known(self, weight: float, owner: bool) -> None:
        self.total += weight
        self.same_customer = self.anchored = True
        if owner:
            self.as_owner = weight
        else:
            self.as_other = self.s.household

    def people(self) -> None:
        """Who is named: firms and people."""
        contact, complaint, s = self.contact, self.complaint, self.s
        firms = contact.organisations & complaint.organisations
        if firms:
            if not self.as_owner:
                self.as_owner = s.organisation
            self.say(
                s.organisation, "match.organisation", "同一单位", "the same firm", *sorted(firms)
            )
        names = {n for n in complaint.names if n in contact.names or n in contact.text}
        names |= {n for n in contact.names if _spelt(n, complaint.pairs)}
        if "proxy" in contact.signals:
            helped = [n for n in complaint.names if _spoken_for(n, contact.text)]
            if helped:
                self.anchored = True
                self.say(
                    s.spoken_for, "match.spoken_for", "替这位客户说话", "speaks for this customer",
                    *sorted(helped),
                )  # fmt: skip
        if names:
            self.same_customer = self.anchored = True
            self.as_owner += s.name
            self.say(s.name, "match.name", "同一姓名", "the same name", *sorted(names))
            self.named = names
            return
        same = contact.surnames & complaint.surnames
        if not same and contact.handle and not contact.surnames:
            same = frozenset(n for n in complaint.surnames if n in contact.handle)
        if same:
            said = sorted(same)
            if contact.names and complaint.names and not self.same_customer:
                self.say(
                    s.name_other, "match.name_other", "同姓不同名", "another given name", *said
                )
                return
            # whoever is known by their account is told apart from themselves by no surname
            known = self.same_customer
            at_counter = not contact.identity and "again" in contact.signals
            if at_counter or (self.shared and contact.identity in complaint.senders):
                self.same_customer = True
            weight = 0.0 if known else max(_surname(name, s) for name in same)
            self.say(weight, "match.surname", "同姓", "the same surname", *said)
            if "kin" in contact.signals:
                self.say(s.kin, "match.kin", "替同姓客户说话", "speaks for one of that name")
        elif contact.surnames and complaint.surnames and (not self.anchored or self.by_end):
            weight = s.surname_other_at_desk if self.shared else s.surname_other
            said = sorted(contact.surnames)
            self.say(weight, "match.surname_other", "姓氏不同", "another surname", *said)

    def numbers(self) -> None:
        """Which parcel: the thread, the waybill, or what is known of it."""
        contact, complaint, s = self.contact, self.complaint, self.s
        if contact.thread is not None and contact.thread in complaint.threads:
            self.same_customer = self.anchored = True
            self.say(s.thread, "match.thread", "同一会话或邮件串", "the same chat or mail thread")
        waybills = complaint.waybills
        if contact.waybills:
            same = [w for w in contact.waybills if w in waybills]
            if same:
                self.sure = self.anchored = True
                self.say(s.waybill, "match.waybill", "运单号相同", "the same waybill", *same)
            elif ends := self._torn():
                self._tail(min(ends, key=len), s.tail)
            elif waybills:
                self._other_waybill()
            elif complaint.tails:
                fits = [
                    t
                    for t in complaint.tails
                    if any(ends_with(number=w, tail=t) for w in contact.waybills)
                ]
                if fits:
                    self.anchored = True
                    self.say(
                        s.tail, "match.tail", "与此前说的尾号相符", "fits the end given", *fits
                    )
                else:
                    self.another_parcel = True
            else:
                self.total += s.waybill_new
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
            if any(ends_with(number=w, tail=tail) for w in waybills) or any(
                t.endswith(tail) or tail.endswith(t) for t in complaint.tails
            ):
                self._tail(tail, s.tail)
            elif waybills and not any(phone.endswith(tail) for phone in complaint.phones):
                self.another_parcel = self.another_parcel or not self.sure
                self.say(
                    s.tail_other, "match.tail_other", "尾号不符", "another end of number", tail
                )
        for loose in contact.loose:
            if (len(loose) >= _TAIL or "tail" in contact.signals) and any(
                ends_with(number=w, tail=loose) for w in waybills
            ):
                self._tail(loose, s.tail_loose)
        for head in contact.heads:
            if any(head in w for w in waybills):
                self.say(
                    s.head, "match.head", "单号的一部分相符", "a part of the number fits", head
                )

    def _torn(self) -> list[str]:
        """Return the numbers said that may be what is left of one of the complaint's."""
        known = self.complaint.waybills
        return [w for w in self.contact.waybills if any(end_of(said=w, known=k) for k in known)]

    def _tail(self, tail: str, weight: float) -> None:
        self.anchored = True
        weight = weight if len(tail) < 6 else self.s.tail_long
        self.say(weight, "match.tail", "单号尾号相符", "the end of the number fits", tail)

    def _other_waybill(self) -> None:
        contact, complaint = self.contact, self.complaint
        if self.same_customer:
            corrects = "correction" in contact.signals
            for said in contact.waybills:
                for known in complaint.waybills:
                    if one_slip(said=said, known=known) and (
                        corrects or self._slip_of_theirs(said, known)
                    ):
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
        other = contact.waybills[0]
        self.say(0.0, "match.waybill_other", "运单号不同，是另一个件", "another parcel", other)
        if (
            not self.same_customer
            and (contact.signals >= _SHOP or self._at_one_place())
            and same_run(one=contact.waybills, other=complaint.waybills)
        ):
            self.same_customer = True
            self.say(0.0, "match.same_run", "单号相连，同一寄件客户", "numbered in one run")

    def _slip_of_theirs(self, said: str, known: str) -> bool:
        """Tell whether a customer's two numbers are one with digits exchanged, of one thing.

        Parcels of a shop have numbers as near: not where something is told to be wrong anew.
        """
        contact, complaint = self.contact, self.complaint
        if said[-_RUN:] != known[-_RUN:] or sorted(said) != sorted(known):
            return False
        if not contact.signals.isdisjoint(_ANEW):
            return False
        return (
            not contact.goods.isdisjoint(complaint.goods)
            or sum(w for pair, w in contact.pairs.items() if pair in complaint.pairs) >= _SAME_THING
        )

    def _at_one_place(self) -> bool:
        """Tell whether a shop, or one of that surname, names what ties it to the complaint."""
        contact, complaint = self.contact, self.complaint
        shop = "shop" in contact.signals
        if not contact.goods.isdisjoint(complaint.goods):
            named = not contact.names and not contact.surnames.isdisjoint(complaint.surnames)
            return shop or named
        return shop and not contact.places.isdisjoint(complaint.places)

    def place(self) -> None:
        """Where: places, cities, carrier."""
        contact, complaint, s = self.contact, self.complaint, self.s
        if contact.places and complaint.places:
            places = contact.places & complaint.places
            if places:
                weight = s.place * min(2, len(places)) + s.place_rare * self.met.telling(places)
                self.say(weight, "match.place", "同一地方", "the same place", *sorted(places))
            if not contact.places <= complaint.places and not complaint.places <= contact.places:
                self.total += s.place_other
        if contact.places.isdisjoint(complaint.places):
            told = [p for p in contact.places if _told(p, complaint.pairs)]
            told += [p for p in complaint.places if _told(p, contact.pairs)]
            if told:
                self.say(s.place, "match.place", "同一地方", "the same place", *sorted(told))
        likely = (contact.places & complaint.likely_places) - complaint.places
        if likely:
            said = sorted(likely)
            self.say(
                s.place_likely + s.place_rare / 2 * self.met.telling(likely),
                "match.place_likely",
                "客户常在的地方",
                "the customer's place",
                *said,
            )
        if contact.cities and complaint.cities:
            cities = contact.cities & complaint.cities
            if cities:
                weight = s.city + s.city_rare * self.met.telling(cities)
                self.say(weight, "match.city", "同一城市", "the same city", *sorted(cities))
            elif not self.sure:
                weight = s.city_other if not self.anchored else s.city_other_anchored
                self.say(weight, "match.city_other", "城市不同", "another city")
        if contact.carriers and complaint.carriers:
            if contact.carriers & complaint.carriers:
                self.say(s.carrier, "match.carrier", "同一快递公司", "the same carrier")
            elif not self.sure:
                self.say(s.carrier_other, "match.carrier_other", "快递公司不同", "another carrier")

    def matter(self) -> None:
        """What it is about: goods, events, sums, counts, the story, the kind of trouble."""
        contact, complaint, s = self.contact, self.complaint, self.s
        if contact.goods and complaint.goods:
            goods = contact.goods & complaint.goods
            if goods:
                weight = s.goods + s.goods_rare * self.met.telling(goods)
                self.say(weight, "match.goods", "同样的东西", "the same goods", *sorted(goods))
            elif not contact.goods <= _ASIDE_GOODS:
                said = sorted(contact.goods)
                self.say(s.goods_other, "match.goods_other", "说的是别的东西", "other goods", *said)
        elif contact.goods & complaint.likely_goods:
            said = sorted(contact.goods & complaint.likely_goods)
            self.say(
                s.goods_likely / 2 if complaint.goods else s.goods_likely,
                "match.goods_likely",
                "客户常寄的东西",
                "the customer's goods",
                *said,
            )
        events = contact.events & complaint.events
        if events:
            weight = s.event * min(2, len(events))
            self.say(weight, "match.event", "同样的情节", "the same event", *sorted(events))
        money = contact.money & complaint.money
        if money:
            yuan = [f"{fen / 100:g} 元" for fen in sorted(money)]
            self.say(s.money, "match.money", "金额相同", "the same sum", *yuan)
        if contact.numbers and complaint.numbers:
            self._counts()
        self._story()
        if contact.kinds and complaint.later_kinds:
            kinds = complaint.later_kinds.intersection(contact.kinds)
            if kinds:
                weight = s.kind if kinds.isdisjoint(_RARE_KINDS) else s.kind_rare
                self.say(weight, "match.kind", "问题相同", "the same kind of trouble")
            else:
                weight = s.kind_other if self.anchored else s.kind_other_story
                self.say(weight, "match.kind_other", "问题不同", "another kind of trouble")

    def _counts(self) -> None:
        mine, known = self.contact.numbers, self.complaint.numbers
        same = mine & known
        if same:
            weight = self.s.count * min(2.0, sum(_telling(n) for n in same))
            if weight:
                self.say(weight, "match.count", "数目相同", "the same count", *sorted(same))
            return
        units = {n.lstrip("0123456789.") for n in mine}
        if units & {n.lstrip("0123456789.") for n in known} & _COUNTED:
            self.say(self.s.count_other, "match.count_other", "数目不同", "another count")

    def _story(self) -> None:
        mine, known = self.contact.pairs, self.complaint.pairs
        if len(mine) > len(known):
            mine, known = known, mine
        hits = mine.keys() & known.keys()
        for name in self.named:
            hits = hits - {name[i : i + 2] for i in range(len(name) - 1)}
        if not hits:
            return
        overlap = sum([mine[pair] for pair in hits])
        same_phone = self.contact.identity in self.complaint.senders
        if self.shared and same_phone and overlap >= _SAME_OFFICE:
            self.same_customer = True
        weight = self.s.content * (1.0 - math.exp(-overlap / self.s.content_half))
        self.say(
            weight, "match.content", "说的是同一件事", "tells the same story", *sorted(hits)[:6]
        )

    def manner(self) -> None:
        """How it is said: as something known, or as something new."""
        contact, complaint, s = self.contact, self.complaint, self.s
        signals = contact.signals
        if "same_parcel" in signals:
            self.say(
                s.same_parcel, "match.same_parcel", "说是同一个件", "says it is the same parcel"
            )
        if "refers_back" in signals:
            self.say(
                s.refers_back, "match.refers_back", "提到此前的联系", "refers to earlier contact"
            )
        elif not (self.anchored or contact.told_on or signals & _FOLLOWING):
            weight = s.unprompted
            if contact.waybills and not complaint.waybills:
                weight += s.waybill_unprompted
            self.as_stranger += weight
            self.say(
                weight, "match.unprompted", "未提此前联系，又不知是谁",
                "a stranger who refers to no earlier contact",
            )  # fmt: skip
        if "today" in signals:
            today = (contact.at - complaint.opened_at) < _DAY
            weight = s.today if today else -s.today / 2
            self.say(weight, "match.today", "说的是今天的件", "speaks of today's parcel")
        self._told()
        self._thin()
        if self.sure:
            return
        if "official" in signals or contact.channel == "appeal":
            self.say(s.official, "match.official", "公安或监管来核实", "the authorities ask")
        if "new_parcel" in signals and "same_parcel" not in signals:
            self.say(
                s.new_parcel, "match.new_parcel", "像是说另一个件", "seems to be another parcel"
            )

    def _told(self) -> None:
        """Was there a contact where, and when, the writer says that they spoke before?"""
        contact, complaint, s = self.contact, self.complaint, self.s
        if contact.told and complaint.heard:
            for told in contact.told:
                meant = WORDS.told_channels[told.channel]
                if any(agrees(told=told, heard=h, channels=meant) for h in complaint.heard):
                    self.say(
                        s.told_then, "match.told_then", "所说的时间、渠道确有来件",
                        "a contact came when and where it is said", told.channel,
                    )  # fmt: skip
                    return
        told_on = contact.told_on & complaint.channels
        if told_on:
            said = sorted(told_on)
            self.say(
                s.told_there, "match.told_there", "所说的渠道有过此事", "was told there", *said
            )
        elif contact.told and complaint.heard:
            self.say(
                s.told_never, "match.told_never", "所说的时间、渠道没有来件",
                "no contact came when and where it is said",
            )  # fmt: skip

    def _thin(self) -> None:
        """Is it more than a single name, place or thing that the two have in common?"""
        told = {rule for rule, *_ in self.said} & _TELLING
        if len(told) < _ENOUGH and not self.anchored:
            self.as_stranger += self.s.thin
            self.say(self.s.thin, "match.thin", "相符之处太少", "too little in common")

    def age(self, now: datetime) -> None:
        """How long ago it was, and whether that fits how it is spoken of."""
        complaint, s = self.complaint, self.s
        signals = self.contact.signals
        pleased = not signals.isdisjoint(_PLEASED) and signals.isdisjoint(_AGGRIEVED)
        if complaint.state != "open":
            weight = s.ended + s.pleased_ended if pleased else s.ended
            if not self.anchored:
                self.as_stranger += s.ended_stranger
                weight += s.ended_stranger
            self.say(weight, "match.ended", "该投诉已结束", "that complaint has ended")
        elif pleased:
            self.total += s.pleased_open
        if "said_closed" in self.contact.signals:
            weight = s.said_closed if complaint.state != "open" else -s.said_closed
            self.say(
                weight, "match.said_closed", "说的是已结的投诉", "speaks of a closed complaint"
            )
        days = (now - (complaint.ended_at or complaint.last_contact_at)) / _DAY
        if days <= s.days_free:
            self.total += s.fresh if days <= s.fresh_days else s.fresh / 2
        elif not self.sure:
            fading = s.day if complaint.state == "open" else s.day_ended
            self.total += fading * (min(days, _LONG) - s.days_free)


def _surname(name: str, settings: MatchSettings) -> float:
    """Return how much it says to share a surname."""
    if name in WORDS.common_surnames:
        return settings.surname_common
    return settings.surname if name in WORDS.middling_surnames else settings.surname_rare


def _spelt(name: str, pairs: Mapping[str, float]) -> bool:
    """Tell whether a full name was said, though it was not recognised as one then."""
    return len(name) > 2 and _told(name, pairs)


def _spoken_for(name: str, text: str) -> bool:
    """Tell whether a text says to help the one of that full name, called by it or the given one."""
    at = text.find(name[1:]) if len(name) > _GIVEN else -1
    return at > 0 and text[:at].rstrip(name[0])[-1:] in {"帮", "替", "代"}


def _told(word: str, pairs: Mapping[str, float]) -> bool:
    """Tell whether a word was said, pair by pair, though it was not recognised there."""
    return len(word) > 1 and all(word[i : i + 2] in pairs for i in range(len(word) - 1))


def _telling(count: str) -> float:
    """Return how much an equal count says: one of a thing nothing, two of a thing much."""
    if count[0] == "1" and not count[1:2].isdigit():
        return 0.0
    if count[0] == "2" and not count[1:2].isdigit() and count[-1] not in _COUNTED:
        return 0.5
    return 1.0
