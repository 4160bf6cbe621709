"""A contact with its words read: what it says of itself, of the person and of the parcel."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings

from huiyin.channels import contact as contact_channel
from huiyin.channels.email import message_ids
from huiyin.channels.email.dates import EARLIEST
from huiyin.channels.inbound import CannotRead, Inbound
from huiyin.channels.registry import channel as channel_of
from huiyin.core.because import Reason
from huiyin.core.customer import OWN_FORMS
from huiyin.core.extract import PHONE_LABEL, extract_given
from huiyin.core.matching import ComplaintFacts, ContactFacts, both_keys, open_complaint
from huiyin.flows.reading import Words, contact_of, read_words
from huiyin.store import learned_model, search
from huiyin.store.ids import new_id
from huiyin.store.ledger.inbox import RawContact
from huiyin.store.read import office

log = logging.getLogger(__name__)

_BY_NUMBER = frozenset({"phone", "sms"})
_ACCOUNTLESS = frozenset({"phone", "desk", "email", "sms", "portal"})
"""Channels whose sender is a telephone, an address or nobody's account."""
_ANSWERED_BY_MAIL = frozenset({"email", "portal", "api", "web"})
_CITY = ("市", "州", "盟")


class Identity(NamedTuple):
    """An address of a contact's writer: proven by its channel or by us, or only claimed by him."""

    kind: str
    value: str
    proven: bool

    @property
    def key(self) -> tuple[str, str]:
        """Kind and value."""
        return self.kind, self.value


@dataclass(frozen=True, slots=True)
class ReadContact:
    """A contact with its words read and its match facts gathered."""

    raw: RawContact
    inbound: Inbound
    facts: ContactFacts
    opening: ComplaintFacts
    """What matching would know of a complaint that it opens, still without id and number."""
    message_id: UUID
    triage: dict[str, Any]
    """What is kept of the words with a complaint that it opens."""
    phone: str
    mail: str
    name: str
    """The person's name as given or said."""
    address: str
    """The first address said."""
    region: str
    """The city of the first address said, else its widest part."""
    waybill: str
    carrier: str
    amount: int | None
    """The first sum said, in 分."""
    lookup_keys: tuple[str, ...]
    index_keys: tuple[str, ...]
    search_keys: str
    """Keys of waybill, telephone, name, subject and text in the search index, blanks between."""

    @property
    def said(self) -> str:
        """Subject and text, as they were read."""
        return said(inbound=self.inbound)

    @property
    def title(self) -> str:
        """What the complaint is called in lists."""
        inbound = self.inbound
        text = inbound.subject.strip() or inbound.text.strip().split("\n")[0]
        return text[:60] or "（无内容）"

    @property
    def identities(self) -> list[Identity]:
        """The addresses by which the person is known, those that he gives before those he says."""
        inbound = self.inbound
        out = []
        if self.phone:
            proven = self._vouched(kind="phone", value=self.phone)
            out.append(Identity("phone", self.phone, proven))
        if self.mail:
            proven = self._vouched(kind="email", value=self.mail)
            out.append(Identity("email", self.mail, proven))
        if not inbound.phone:  # a telephone of the words says less than an address of the form
            out.reverse()
        if inbound.sender and inbound.channel not in _ACCOUNTLESS:
            # a chat is nobody's for longer than it lasts
            account = Identity(inbound.channel, inbound.sender, inbound.channel != "chat")
            out.append(account)
        return out

    def _vouched(self, *, kind: str, value: str) -> bool:
        """Tell whether the channel or one of us vouches for an address of the writer."""
        inbound = self.inbound
        if kind == "phone" and inbound.channel in _BY_NUMBER and value == inbound.sender:
            return True
        if kind == "email" and inbound.channel == "email" and value == inbound.sender.lower():
            return True
        given = inbound.phone if kind == "phone" else inbound.email
        return bool(given) and not self.speaks_for_himself

    @property
    def speaks_for_himself(self) -> bool:
        """Whether what stands in the fields is only what the writer says of himself.

        A program of ours, or one of us, knows whose address it tells; a letter does not, nor a
        form that anybody fills in.
        """
        code, _, account = self.raw.kind.partition(":")
        form = self.inbound.channel in OWN_FORMS or "counter" in self.raw.headers
        return form or code == "email" or bool(account)

    @property
    def account_id(self) -> int | None:
        """The channel account that brought it."""
        account = self.raw.kind.partition(":")[2]
        return int(account) if account.isdecimal() else None

    @property
    def answer_mail(self) -> str:
        """The address to answer to, where the channel is one that mail answers."""
        return self.mail if self.inbound.channel in _ANSWERED_BY_MAIL else ""

    @property
    def silent(self) -> bool:
        """Whether the contact is so old that nobody waits for an answer by itself."""
        if self.inbound.channel != "email":
            return self.inbound.channel == "history"
        if self.raw.headers.get("old"):
            return True
        old = timedelta(days=settings.HUIYIN.mail_old_days)
        return self.raw.received_at - self.facts.at > old

    @property
    def thread_keys(self) -> list[str]:
        """Keys of the mails that a mail answers, the latest first; last, of its answers."""
        if self.inbound.channel != "email":
            return []
        keys = [f"t:{message_ids.key(message_id=r)}" for r in reversed(self.inbound.references)]
        own = self.inbound.thread
        return [*keys, f"q:{message_ids.key(message_id=own)}"] if own else keys

    @property
    def mail_keys(self) -> list[str]:
        """Keys by which answers to a mail find it, and mails that it answers find it.

        What a mail answers may come after it.
        """
        if self.inbound.channel != "email":
            return []
        own = self.inbound.thread
        keys = [f"t:{message_ids.key(message_id=own)}"] if own else []
        return keys + [f"q:{message_ids.key(message_id=r)}" for r in self.inbound.references[-3:]]

    @property
    def past_answer_at(self) -> datetime | None:
        """When a past complaint was answered; None for others and for those that were not."""
        past = self.inbound.past
        if past is None or not (past.reply or past.replied_at):
            return None
        return _believed(at=past.replied_at, raw=self.raw) or self.facts.at


def said(*, inbound: Inbound) -> str:
    """Return subject and text of a contact, the subject only where the text does not say it."""
    subject = inbound.subject.strip()
    if subject and subject not in inbound.text:
        return f"{subject}\n{inbound.text}"
    return inbound.text


@dataclass(frozen=True, slots=True)
class Ground:
    """What reading needs to know beside the contacts; asked once for each batch."""

    timezone: str
    own_addresses: frozenset[str]
    artefact: str
    """The model in force, as learned_model names it."""


def ground() -> Ground:
    """Return what reading needs to know now."""
    return Ground(
        timezone=office.current_playbook().timezone,
        own_addresses=office.own_addresses(),
        artefact=learned_model.artefact_in_force(),
    )


def read_inbound(*, raw: RawContact, own_addresses: frozenset[str]) -> Inbound:
    """Return what a contact says, before its words are read. Raises CannotRead, and any error."""
    code, _, account = raw.kind.partition(":")
    if code == "email":
        from huiyin.channels.email.read import read as read_mail

        return read_mail(
            raw=raw.raw,
            own_addresses=own_addresses,
            received_at=raw.received_at,
            trusted=frozenset(raw.headers.get("trusted", ())),
            verified=raw.headers.get("verified"),
        )
    if account:
        found = channel_of(code=code)
        if found is None or found.read is None:
            raise CannotRead(zh=f"没有渠道 {code}", en=f"no channel {code}")
        return found.read(raw.raw)
    return contact_channel.read(raw=raw.raw)


def read_contacts(*, claimed: Sequence[RawContact], ground: Ground) -> list[ReadContact | Reason]:
    """Read contacts; one that cannot be read yields the reason in its place.

    Asks no database, so that any process can do it.
    """
    out: list[ReadContact | Reason | None] = []
    good: list[tuple[int, RawContact, Inbound]] = []
    for place, raw in enumerate(claimed):
        try:
            good.append((place, raw, read_inbound(raw=raw, own_addresses=ground.own_addresses)))
            out.append(None)
        except CannotRead as error:
            out.append(Reason(rule="receive.unreadable", zh=error.zh, en=error.en))
        except Exception as error:
            log.exception("contact %s cannot be read", raw.id)
            out.append(_unreadable(error))
    if good:
        done = _read_words(good=[(raw, inbound) for _, raw, inbound in good], ground=ground)
        for (place, _, _), one in zip(good, done, strict=True):
            out[place] = one
    return [one for one in out if one is not None]


def _unreadable(error: Exception) -> Reason:
    return Reason(
        rule="receive.unreadable",
        zh=f"无法读取：{type(error).__name__}",
        en=f"cannot be read: {type(error).__name__}",
    )


def _read_words(
    *, good: Sequence[tuple[RawContact, Inbound]], ground: Ground
) -> list[ReadContact | Reason]:
    """Read the words of contacts, one by one where together they fail.

    Where each fails alone the fault is not theirs: the error goes on, and they wait.
    """
    try:
        return _read_together(good=good, ground=ground)
    except Exception:
        if len(good) == 1:
            raise
        log.exception("a batch of %d contacts cannot be read, reading them one by one", len(good))
    out: list[ReadContact | Reason] = []
    wrong: Exception | None = None
    for one in good:
        try:
            out.extend(_read_together(good=[one], ground=ground))
        except Exception as error:
            wrong = error
            out.append(_unreadable(error))
    if wrong is not None and all(isinstance(one, Reason) for one in out):
        raise wrong
    return out


def _read_together(
    *, good: Sequence[tuple[RawContact, Inbound]], ground: Ground
) -> list[ReadContact | Reason]:
    zone = ZoneInfo(ground.timezone)
    moments = [_moment(raw=raw, inbound=inbound).astimezone(zone) for raw, inbound in good]
    texts = [said(inbound=inbound) for _, inbound in good]
    all_words = read_words(texts=texts, at=moments, artefact=ground.artefact)
    return [
        _read(raw=raw, inbound=inbound, words=words, text=text, at=moment)
        for (raw, inbound), text, words, moment in zip(good, texts, all_words, moments, strict=True)
    ]


def _moment(*, raw: RawContact, inbound: Inbound) -> datetime:
    """Return when a contact was written as far as it can be believed, else when it came."""
    return _believed(at=inbound.at, raw=raw) or raw.received_at


def _believed(*, at: datetime | None, raw: RawContact) -> datetime | None:
    return at if at is not None and EARLIEST <= at <= raw.received_at else None


def _read(
    *, raw: RawContact, inbound: Inbound, words: Words, text: str, at: datetime
) -> ReadContact:
    facts = _facts(raw=raw, inbound=inbound, words=words, text=text, at=at)
    waybill, carrier = _waybill(inbound, words)
    person, address = words.first(type="person"), words.first(type="address")
    money = words.first(type="money")
    phone = _phone(inbound, words)
    lookup, index = both_keys(contact=facts)
    return ReadContact(
        raw=raw,
        message_id=new_id(now=at),
        inbound=inbound,
        facts=facts,
        triage=words.as_json(),
        phone=phone,
        mail=_mail(inbound),
        name=inbound.sender_name or (str(person.value)[:120] if person else ""),
        address=str(address.value).replace("/", "")[:300] if address else "",
        region=_region(str(address.value)) if address else "",
        waybill=waybill,
        carrier=carrier,
        amount=money.value if money and isinstance(money.value, int) else None,
        lookup_keys=lookup,
        index_keys=index,
        search_keys=" ".join(
            (
                search.keys_said(text=f"{waybill} {phone} {inbound.sender_name}"),
                search.keys_said(text=f"{inbound.subject[:300]} {inbound.text}"),
            )
        ),
        opening=open_complaint(id="", number="", contact=facts),
    )


def _facts(
    *, raw: RawContact, inbound: Inbound, words: Words, text: str, at: datetime
) -> ContactFacts:
    entities = words.entities
    written = text
    for label, given in (("运单号", inbound.waybill), (PHONE_LABEL, inbound.phone)):
        if given and given not in written:
            # what was given in a field of its own is read like words at the end
            entities += extract_given(label=label, number=given, start=len(text) + 1, at=at)
            text = f"{text}\n{label}{given}"
    return contact_of(
        id=raw.id.hex,
        at=at,
        channel=inbound.channel,
        sender=inbound.sender,
        text=text,
        thread=None if inbound.channel == "email" else inbound.thread or None,
        filed=inbound.branch == "complaint" or inbound.channel == "portal",
        entities=entities,
    )


def _region(address: str) -> str:
    parts = address.split("/")
    return next((p for p in parts if p.endswith(_CITY)), parts[0])[:60]


def _phone(inbound: Inbound, words: Words) -> str:
    if inbound.phone:
        return inbound.phone
    if inbound.channel in _BY_NUMBER and inbound.sender.isdigit():
        return inbound.sender
    entity = words.first(type="phone")
    return str(entity.value) if entity else ""


def _mail(inbound: Inbound) -> str:
    if inbound.email:
        return inbound.email.lower()
    sender = inbound.sender
    return sender.lower() if inbound.channel == "email" and "@" in sender else ""


def _waybill(inbound: Inbound, words: Words) -> tuple[str, str]:
    """Return the waybill and its likeliest carrier, empty where none is told."""
    given = inbound.waybill.replace(" ", "").upper()[:40]
    said, carrier = words.waybill
    if given:
        return given, carrier if said == given else ""
    return said, carrier
