"""What matching knows of a contact and of a complaint."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Final, Literal, TypeVar

from huiyin.core.matching.content import pair_weight
from huiyin.core.matching.numbers import one_slip
from huiyin.core.matching.shipped import WORDS
from huiyin.core.matching.told import Told, heard

State = Literal["open", "resolved", "closed"]

_FIRST_PERSON: Final = frozenset({"sms", "wechat", "chat", "web", "email", "portal", "weibo"})

T = TypeVar("T", str, int)

GIST_PAIRS: Final = 360
"""A complaint keeps at most this many character pairs of what was said about it."""

MEMORY: Final = 24
"""A complaint keeps at most this many values of each kind (numbers, names, places …)."""


@dataclass(frozen=True, slots=True)
class ContactFacts:
    """One contact as matching sees it; built by :func:`huiyin.core.matching.read_contact`.

    ``identity`` names who wrote (``p:139…`` for a telephone, ``e:`` an address, otherwise
    channel and account); empty where the channel gives no account (a counter, a form without a
    number). ``shared`` is true for a telephone that speaks for many people. ``waybills`` are the
    parcels the contact is about, ``other_waybills`` those it only mentions (a quotation, a
    friend's, the last one). ``tails`` end a waybill number, ``heads`` begin or lie within one,
    ``loose`` are digits said without a label. ``own_phones`` are the writer's, ``phones`` all.
    ``money`` is in 分. ``kinds`` are the kinds of trouble, the chief one first. ``pairs`` weighs
    the character pairs of the content. ``told_on`` names the channels on which the writer says to
    have spoken before, ``told`` those with their time. ``signals`` are names of the word lists
    that were met; ``content`` is what was newly written, without numbers and names of places,
    ``length`` counts its Chinese characters.
    """

    id: str
    at: datetime
    channel: str
    sender: str
    text: str
    thread: str | None = None
    identity: str = ""
    handle: str = ""
    shared: bool = False
    waybills: tuple[str, ...] = ()
    other_waybills: tuple[str, ...] = ()
    tails: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    loose: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()
    phone_tails: tuple[str, ...] = ()
    names: frozenset[str] = frozenset()
    surnames: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    carriers: frozenset[str] = frozenset()
    money: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    pairs: Mapping[str, float] = field(default_factory=dict)
    told_on: frozenset[str] = frozenset()
    told: tuple[Told, ...] = ()
    signals: frozenset[str] = frozenset()
    content: str = ""
    length: int = 0
    filed: bool = False


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """One complaint as matching sees it, grown by :func:`absorb` with every contact.

    ``id`` is the store's key; ``number`` the one shown. ``senders`` are identities
    (:class:`ContactFacts`); ``owners`` those of the customer who opened the case, from this and
    from other complaints of theirs; recipients, shops and relatives who joined in are not among
    them. ``kinds`` are those of the opening contact. ``ended_at`` is set when the state is
    resolved or closed. ``asked`` is the complaint that it may be, where it was opened unsurely and
    a person is asked; empty where nobody is, UNKNOWN where it is not known which.
    """

    id: str
    number: str
    state: State
    opened_at: datetime
    last_contact_at: datetime
    ended_at: datetime | None = None
    asked: str = ""
    waybills: frozenset[str] = frozenset()
    tails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    senders: frozenset[str] = frozenset()
    owners: frozenset[str] = frozenset()
    shared_senders: frozenset[str] = frozenset()
    threads: frozenset[str] = frozenset()
    channels: frozenset[str] = frozenset()
    heard: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    surnames: frozenset[str] = frozenset()
    organisations: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    likely_places: frozenset[str] = frozenset()
    cities: frozenset[str] = frozenset()
    goods: frozenset[str] = frozenset()
    likely_goods: frozenset[str] = frozenset()
    events: frozenset[str] = frozenset()
    carriers: frozenset[str] = frozenset()
    money: frozenset[int] = frozenset()
    numbers: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    later_kinds: frozenset[str] = frozenset()
    pairs: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """Return the facts as a JSON object, empty parts left out."""
        out: dict[str, Any] = {
            "id": self.id,
            "number": self.number,
            "state": self.state,
            "opened_at": self.opened_at.isoformat(),
            "last_contact_at": self.last_contact_at.isoformat(),
        }
        if self.ended_at is not None:
            out["ended_at"] = self.ended_at.isoformat()
        if self.asked:
            out["asked"] = self.asked
        for name in _SETS:
            values = getattr(self, name)
            if values:
                out[name] = sorted(values)
        if self.kinds:
            out["kinds"] = list(self.kinds)
        if self.pairs:
            # what a pair weighs is known from the words, so a pair is two characters
            out["pairs"] = "".join(self.pairs)
        return out

    @classmethod
    def from_json(cls, *, data: Mapping[str, Any]) -> ComplaintFacts:
        """Rebuild facts written by :meth:`as_json`.

        Raises:
            CannotReadComplaintFacts: a part is missing or of another form.
        """
        try:
            ended = data.get("ended_at")
            sets = {name: frozenset(data.get(name, ())) for name in _SETS}
            return cls(
                id=str(data["id"]),
                number=str(data["number"]),
                state=data["state"],
                opened_at=datetime.fromisoformat(data["opened_at"]),
                last_contact_at=datetime.fromisoformat(data["last_contact_at"]),
                ended_at=None if ended is None else datetime.fromisoformat(ended),
                asked=asked_of(kept=data),
                kinds=tuple(data.get("kinds", ())),
                pairs=_weighed(data.get("pairs", "")),
                **sets,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise CannotReadComplaintFacts(f"not the facts of a complaint: {error!r}") from error


_BLANK: Final = ComplaintFacts(
    id="", number="", state="open", opened_at=datetime.min, last_contact_at=datetime.min
)
"""A complaint of which nothing is known yet."""


UNKNOWN: Final = "?"
"""Stands for the complaint that another may be where it was not kept which."""


def asked_of(*, kept: Mapping[str, Any]) -> str:
    """Return ``asked`` of stored facts; those of an earlier state only say that somebody is."""
    asked = kept.get("asked")
    return asked if isinstance(asked, str) else UNKNOWN if asked else ""


class CannotReadComplaintFacts(ValueError):
    """Stored facts of a complaint are not of the expected form."""


def _weighed(pairs: str) -> dict[str, float]:
    said = "".join(pairs)
    return {
        pair: pair_weight(pair=pair, words=WORDS)
        for pair in (said[i : i + 2] for i in range(0, len(said) - 1, 2))
    }


_but_for_names = attrgetter(*(f.name for f in fields(ComplaintFacts)[2:]))
_SETS: Final = (
    "waybills",
    "tails",
    "phones",
    "senders",
    "owners",
    "shared_senders",
    "threads",
    "channels",
    "heard",
    "names",
    "surnames",
    "organisations",
    "places",
    "likely_places",
    "cities",
    "goods",
    "likely_goods",
    "events",
    "carriers",
    "money",
    "numbers",
    "later_kinds",
)


def open_complaint(
    *,
    id: str,
    number: str,
    contact: ContactFacts,
    customer: ComplaintFacts | None = None,
    repeat: bool = False,
) -> ComplaintFacts:
    """Return the facts of a complaint that ``contact`` opens.

    ``customer`` is another complaint of the same customer (``MatchDecision.customer_of``): who
    they are carries over; where they are and what they send is only likely the same. A
    ``repeat`` that names no kind of trouble means the same as before.
    """
    kinds = contact.kinds
    owners = _accounts(contact)
    if customer is None:
        return ComplaintFacts(
            id=id,
            number=number,
            state="open",
            opened_at=contact.at,
            last_contact_at=contact.at,
            owners=owners,
            kinds=kinds,
            **_learned(_BLANK, contact),
        )
    known = customer.kinds if repeat and not kinds else kinds
    empty = replace(
        _BLANK,
        id=id,
        number=number,
        opened_at=contact.at,
        last_contact_at=contact.at,
        owners=_more(owners, sorted(customer.owners)),
        names=customer.names,
        surnames=customer.surnames,
        organisations=customer.organisations,
        likely_places=customer.places | customer.likely_places,
        likely_goods=customer.goods | customer.likely_goods,
        kinds=known,
        later_kinds=frozenset(known),
    )
    return absorb(complaint=empty, contact=contact)


def named(*, complaint: ComplaintFacts, id: str, number: str) -> ComplaintFacts:
    """Return the facts of an opened complaint under the id and the number that it was given."""
    return ComplaintFacts(id, number, *_but_for_names(complaint))


def _by_owner(complaint: ComplaintFacts, contact: ContactFacts) -> bool:
    """Tell whether the customer who opened the case writes, perhaps from another account."""
    if contact.shared or not contact.identity:
        return False
    if contact.identity in complaint.owners:
        return True
    if contact.signals & {"proxy", "official"}:
        return False
    named = contact.surnames & complaint.surnames or contact.names & complaint.names
    if contact.surnames and not complaint.surnames:
        return True
    return bool(named) or (bool(contact.told_on) and contact.channel in _FIRST_PERSON)


def _accounts(contact: ContactFacts) -> frozenset[str]:
    if contact.shared:
        return frozenset()
    known = {f"p:{phone}" for phone in contact.phones}
    return frozenset(known | {contact.identity} if contact.identity else known)


def absorb(*, complaint: ComplaintFacts, contact: ContactFacts) -> ComplaintFacts:
    """Return the complaint's facts after ``contact`` joined it (state unchanged).

    What was learned first is kept when a list is full, so the matter that opened the case stays.
    The kind stays that of the opening contact: later words describe how it went on. A number
    that corrects a mistaken one takes its place: the mistaken one may be a stranger's.
    """
    theirs = _by_owner(complaint, contact)
    return replace(
        complaint,
        last_contact_at=max(complaint.last_contact_at, contact.at),
        owners=_more(complaint.owners, _accounts(contact)) if theirs else complaint.owners,
        **_learned(complaint, contact),
    )


def _learned(complaint: ComplaintFacts, contact: ContactFacts) -> dict[str, Any]:
    """Return what a complaint's facts are once a contact has told its own."""
    pairs = complaint.pairs
    if not pairs and len(contact.pairs) <= GIST_PAIRS:
        pairs = contact.pairs
    elif contact.pairs:
        grown = dict(pairs)
        for pair, weight in contact.pairs.items():
            if pair in grown:
                continue
            if len(grown) >= GIST_PAIRS:
                break
            grown[pair] = weight
        pairs = grown
    sender = frozenset({contact.identity}) if contact.identity else frozenset()
    return {
        "waybills": _more(_unmistaken(complaint, contact), contact.waybills),
        "tails": _more(complaint.tails, contact.tails),
        "phones": _more(complaint.phones, contact.phones),
        "senders": _more(complaint.senders, sender),
        "shared_senders": _more(complaint.shared_senders, sender if contact.shared else ()),
        "threads": _more(complaint.threads, (contact.thread,) if contact.thread else ()),
        "channels": _more(complaint.channels, (contact.channel,)),
        "heard": _more(complaint.heard, (heard(channel=contact.channel, at=contact.at),)),
        "names": _more(complaint.names, contact.names),
        "surnames": _more(complaint.surnames, contact.surnames),
        "organisations": _more(complaint.organisations, contact.organisations),
        "places": _more(complaint.places, contact.places),
        "cities": _more(complaint.cities, contact.cities),
        "goods": _more(complaint.goods, contact.goods),
        "events": _more(complaint.events, contact.events),
        "carriers": _more(complaint.carriers, contact.carriers),
        "money": _more(complaint.money, contact.money),
        "numbers": _more(complaint.numbers, contact.numbers),
        "later_kinds": _more(complaint.later_kinds, contact.kinds),
        "pairs": pairs,
    }


def _unmistaken(complaint: ComplaintFacts, contact: ContactFacts) -> frozenset[str]:
    """Return the complaint's waybills without those that the contact says were mistaken."""
    if "correction" not in contact.signals or not contact.waybills:
        return complaint.waybills
    return frozenset(
        known
        for known in complaint.waybills
        if known in contact.waybills
        or not any(one_slip(said=said, known=known) for said in contact.waybills)
    )


def ended(
    *, complaint: ComplaintFacts, state: Literal["resolved", "closed"], at: datetime
) -> ComplaintFacts:
    """Return the complaint's facts after it was resolved or closed at ``at``."""
    return replace(complaint, state=state, ended_at=at)


def reopened(*, complaint: ComplaintFacts) -> ComplaintFacts:
    """Return the complaint's facts after it was opened again."""
    return replace(complaint, state="open", ended_at=None)


def _more(known: frozenset[T], new: Iterable[T]) -> frozenset[T]:
    if not new:
        return known
    if not known and isinstance(new, frozenset) and len(new) <= MEMORY:
        return new
    fresh = known.union(new)
    if len(fresh) <= MEMORY:
        return fresh
    # a set has no order of its own: what is kept must not differ from run to run
    kept = sorted(fresh - known) if isinstance(new, frozenset) else dict.fromkeys(new)
    return known.union([v for v in kept if v not in known][: max(0, MEMORY - len(known))])
