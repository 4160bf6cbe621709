"""What a channel is: one table of pure translations, from which its route, form and page derive.

A channel never calls anybody. It *takes* a callback (proves it, cuts it into pieces, says what to
answer), *reads* a piece into a contact, *writes* an answer as a description of calls, and judges
what the provider said. The web process stores pieces, the worker makes the calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal

from huiyin.channels.inbound import Inbound
from huiyin.core.parcel.track import Track
from huiyin.core.remedy.transfer import Told, Transfer

Said = tuple[str, str]
"""A text in Chinese and in English."""
Settings = Mapping[str, Any]
"""The values of a channel account by the names of its fields."""

CONTACT: Final = "contact"
SIGNALS: Final = ("delivery", "call", "track", "pull", "left", "payout", "other")
"""What a callback may bring besides contacts; ``raw`` is JSON as the named room reads it.

delivery: {"reference", "state": "delivered" or "failed", "told", "at"?}: fate of a sent message.
left: {"address", "back": false}: somebody wants no more messages there, or wants them again.
track: a track as core.parcel.track keeps it.
payout: {"number", "state", "reference", "amount", "zh", "en"}: the end of a payment.
pull: {...}: something can be fetched; the channel's ``pull`` gets it as ``hint``.
other: genuine, and nobody's business here; kept for a while.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One row of a channel's settings; the form, the check and the docs derive from it."""

    name: str
    kind: Literal["text", "secret", "integer", "flag", "choice", "url", "long"]
    label: Said
    help: Said = ("", "")
    default: Any = ""
    required: bool = False
    choices: tuple[tuple[str, Said], ...] = ()
    least: int | None = None
    most: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A callback as it came in; ``headers`` have lower-case names."""

    method: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the provider wants to hear."""

    status: int = 200
    body: bytes = b""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One thing a callback brought. ``kind`` is CONTACT or one of SIGNALS.

    ``external_id`` must be the same when the provider sends the same thing again.
    """

    external_id: str
    raw: bytes = field(repr=False)
    kind: str = CONTACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Asks:
    """Somebody asks how his complaints stand, and is answered in the answer to the callback.

    ``say`` makes the answer of the words.
    """

    address: str
    say: Callable[[str], Answer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A callback that is genuine: what it brought and what to answer once that is stored."""

    answer: Answer = Answer()
    pieces: tuple[Piece, ...] = ()
    asks: Asks | None = None


class CannotTake(Exception):
    """A callback that is refused: not genuine, too old, or no callback at all."""

    def __init__(self, *, status: int, told: str) -> None:
        self.status = status
        self.told = told
        super().__init__(told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request to a provider, to be made by the worker."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)
    timeout: float = 15.0
    """Seconds for the whole call."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """What a provider answered; ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def retry_after(self) -> int | None:
        """The seconds of patience that the answer asks for, None where it names none."""
        wait = self.headers.get("retry-after", "")
        return int(wait) if wait.isascii() and wait.isdigit() and len(wait) < 6 else None

    def json_object(self) -> dict[str, Any]:
        """Return the JSON object of the answer, an empty one where it is none."""
        try:
            data = json.loads(self.body)
        except (ValueError, RecursionError):
            return {}
        return data if isinstance(data, dict) else {}


@dataclass(frozen=True, slots=True, kw_only=True)
class OutFile:
    """A kept file that goes along."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message to somebody outside. ``id`` is the same at every try, ``at`` the moment of this.

    ``purpose``: reply, notice, survey or reminder. ``in_window`` tells whether the provider's
    window for free answers is open; where it is not, only a template may go. ``hook`` is the
    address of the account's callback, for reports about this message. ``left`` is how many
    messages the window still lets through, None where there is no window.
    """

    id: str
    recipient: str
    text: str
    at: datetime
    subject: str = ""
    number: str = ""
    link: str = ""
    purpose: str = "reply"
    in_window: bool = True
    files: tuple[OutFile, ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    hook: str = ""
    left: int | None = None


class CannotWrite(ValueError):
    """A message that this channel can never carry, with the reason in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What became of a call.

    sent: taken by the provider under ``reference``. later: try again (after ``wait`` seconds where
    the provider said so). refused: never will be. closed: the window is closed, another channel
    must carry it. token: the access token is no good, get another and try at once. left: the
    person wants or can get no more messages here.
    """

    state: Literal["sent", "later", "refused", "closed", "token", "left"]
    reference: str = ""
    zh: str = ""
    en: str = ""
    wait: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """How many messages may follow somebody's last words, and for how long."""

    hours: int
    messages: int
    source: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a channel carries. ``longest`` counts characters; 0 means no limit."""

    longest: int = 0
    per_minute: int = 0
    window: Window | None = None
    files: bool = False
    long_text: bool = False
    """Whether messages have a subject and a letter's form."""
    rings: bool = False
    """Whether a message makes somebody's telephone ring: quiet hours apply."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token and how many seconds it holds."""

    token: str = field(repr=False)
    seconds: int


class CannotRead(ValueError):
    """A provider's answer that is of no use here; with the reason in both languages."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenWay:
    """How an access token is asked for. ``read`` raises CannotRead."""

    ask: Callable[[Settings], Call]
    read: Callable[[Response], Grant]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What was fetched, where to go on, and whether more waits."""

    pieces: tuple[Piece, ...]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PullWay:
    """How waiting messages are fetched. ``ask(settings, token, cursor, hint)``.

    ``every`` seconds: fetched by itself as well as on a pull signal; 0: on a signal alone.
    ``read(response)`` raises CannotRead.
    """

    ask: Callable[[Settings, str, str, Mapping[str, Any]], Call]
    read: Callable[[Response], Pulled]
    every: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """A file that a provider keeps for us."""

    name: str
    content_type: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class MediaWay:
    """How a file is fetched that a contact only names: ``InboundAttachment.remote``.

    ``ask(settings, token, remote)``; ``read(response)`` raises CannotRead.
    """

    ask: Callable[[Settings, str, str], Call]
    read: Callable[[Response], Media]


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackWay:
    """How the track of a parcel is asked for; a source that only pushes has no ``ask``.

    ``ask(settings, waybill, carrier, phone)``; ``read(settings, response, waybill)`` raises
    CannotRead.
    ``pause`` is how many seconds must lie between two questions about one parcel.
    ``subscribe(settings, hook, waybill, carrier, phone)`` asks the source to push from now on.
    """

    ask: Callable[[Settings, str, str, str], Call] | None = None
    read: Callable[[Settings, Response, str], Track] | None = None
    pause: int = 1800
    subscribe: Callable[[Settings, str, str, str, str], Call] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PayoutWay:
    """How money is paid out by a provider's or a company's own system.

    ``methods`` are the ways of payment it can carry. ``send(transfer, settings)`` is the call that
    pays, ``ask(transfer, settings)`` the one that asks what became of it, both raise CannotWrite.
    ``read(transfer, settings, call, response)`` tells what an answer says; what is not proved to
    be the provider's is "unclear".
    """

    methods: tuple[str, ...]
    send: Callable[[Transfer, Settings], Call]
    ask: Callable[[Transfer, Settings], Call]
    read: Callable[[Transfer, Settings, Call, Response], Told]
    by_openid: bool = False
    """The payee is named by his openid with the account's app, not by what he wrote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one field finds in a sample of a callback; ``wrong`` says what is wrong with it."""

    name: str
    label: Said
    value: str = ""
    wrong: Said = ("", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """Something that an administrator lets the worker do at the provider's, judged by ``fate``."""

    code: str
    name: Said
    call: Callable[[Settings, str], Call]


def fresh(*, stamp: str, now: float, within: int) -> bool:
    """Tell whether a signed time, in seconds, is at most ``within`` seconds away from now."""
    return stamp.isascii() and stamp.isdigit() and abs(now - int(stamp[:12])) <= within


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Everything about a channel.

    ``take(request, settings)`` raises CannotTake; its settings have the address of this site as
    ``site`` besides. ``read(raw)`` raises inbound.CannotRead.
    ``write(outgoing, settings, token)`` raises CannotWrite and returns calls that are made in
    order, each after the former was taken. ``fate(response)`` judges each. ``probe(settings,
    token)`` is the call of "test the connection", judged by ``probe_fate`` or ``fate``.
    """

    code: str
    name: Said
    fields: tuple[Field, ...]
    limits: Limits = Limits()
    said_as: str = ""
    """The channel name that contacts carry, where it is not ``code``: sms, wechat, social …"""
    about: Said = ("", "")
    guide: str = ""
    """Name of the how-to page under docs/how-to, without its ending."""
    take: Callable[[Request, Settings], Taken] | None = None
    read: Callable[[bytes], Inbound] | None = None
    write: Callable[[Outgoing, Settings, str], tuple[Call, ...]] | None = None
    fate: Callable[[Response], Fate] | None = None
    token: TokenWay | None = None
    pull: PullWay | None = None
    media: MediaWay | None = None
    track: TrackWay | None = None
    payout: PayoutWay | None = None
    probe: Callable[[Settings, str], Call] | None = None
    probe_fate: Callable[[Response], Fate] | None = None
    chores: tuple[Chore, ...] = ()
    rehearse: Callable[[Settings, str], tuple[Found, ...]] | None = None
    """Tells what the settings would read of a sample that is pasted on the page."""
    faults: Callable[[Settings], Mapping[str, Said]] | None = None
    """Tells by field what cannot work, of settings whose fields are each well-formed."""

    @property
    def spoken(self) -> str:
        """The channel name on contacts and answers."""
        return self.said_as or self.code

    @property
    def secrets(self) -> frozenset[str]:
        """Names of the fields that are never shown again."""
        return frozenset(f.name for f in self.fields if f.kind == "secret")


@dataclass(frozen=True, slots=True)
class Checked:
    """A filled settings form: clean values, or what is wrong with each field."""

    values: dict[str, Any]
    errors: dict[str, Said]


def check(*, channel: Channel, given: Mapping[str, str], kept: Settings) -> Checked:
    """Check a filled form. An empty secret keeps the one there is."""
    values: dict[str, Any] = {}
    errors: dict[str, Said] = {}
    for row in channel.fields:
        text = str(given.get(row.name, "")).strip()
        if row.kind == "flag":
            values[row.name] = text in {"on", "1", "true", "yes"}
            continue
        if row.kind == "secret" and not text:
            text = str(kept.get(row.name, ""))
        if not text:
            if row.required:
                errors[row.name] = ("请填写", "fill this in")
            values[row.name] = row.default if row.kind in {"integer", "choice"} else ""
            continue
        value, wrong = _checked(row=row, text=text)
        values[row.name] = value
        if wrong:
            errors[row.name] = wrong
    if not errors and channel.faults is not None:
        errors.update(channel.faults(values))
    return Checked(values=values, errors=errors)


def _checked(*, row: Field, text: str) -> tuple[Any, Said | None]:
    if row.kind == "integer":
        # isdigit() takes figures that int() does not
        if not (text.isascii() and text.lstrip("-").isdigit()) or len(text) > 12:
            return text, ("请填写整数", "write a whole number")
        number = int(text)
        if row.least is not None and number < row.least:
            return number, (f"不能小于 {row.least}", f"at least {row.least}")
        if row.most is not None and number > row.most:
            return number, (f"不能大于 {row.most}", f"at most {row.most}")
        return number, None
    if row.kind == "choice" and text not in {code for code, _ in row.choices}:
        return text, ("请从列表中选择", "choose one of the list")
    if row.kind == "url" and not text.startswith(("https://", "http://")):
        return text, ("网址要以 https:// 开头", "an address begins with https://")
    if len(text) > (20000 if row.kind == "long" else 2000):
        return text, ("太长", "too long")
    if "\x00" in text or (row.kind != "long" and any(c in text for c in "\r\n")):
        return text, ("含有不能使用的字符", "holds characters that cannot be used")
    return text, None
