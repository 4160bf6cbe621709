"""The words matching knows, compiled once from data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from huiyin.core.matching.fixed import alternatives
from huiyin.core.matching.gates import Choice, Gates

_WIDE: Final = re.compile("[\uff01-\uff5e\u3000]")
_HALF: Final = {chr(i): chr(i - 0xFEE0) for i in range(0xFF01, 0xFF5F)} | {"\u3000": " "}


def half_width(*, text: str) -> str:
    """Return ``text`` with letters, digits and marks in half width."""
    return _WIDE.sub(_half, text)


def _half(wide: re.Match[str]) -> str:
    return _HALF[wide.group()]


class CannotReadMatchingWords(ValueError):
    """The matching word lists are not of the expected form."""


@dataclass(frozen=True, slots=True, eq=False)
class PeopleWords:
    """The expressions that find customers' names and surnames, and tell staff from them."""

    double: frozenset[str]
    everyday: frozenset[str]
    not_given: frozenset[str]
    thanks: frozenset[str]
    surname: re.Pattern[str]
    titled: Choice
    called: Choice
    familiar: Choice
    household: Choice
    addressee: Choice
    labelled: Choice
    kin: Choice
    kin_of: Choice
    first: Choice
    signed: re.Pattern[str]
    staff: re.Pattern[str]
    whole: re.Pattern[str]

    @property
    def choices(self) -> tuple[Choice, ...]:
        """The expressions that gates stand before."""
        return (
            self.titled, self.called, self.familiar, self.household, self.addressee,
            self.labelled, self.kin, self.kin_of, self.first,
        )  # fmt: skip

    @classmethod
    def from_data(cls, *, surnames: Mapping[str, Any], everyday: frozenset[str]) -> PeopleWords:
        """Build the expressions from the ``surnames`` part of ``matching_words.yaml``.

        ``everyday`` are words that are no names.
        """
        double = str(surnames["double"]).split()
        single = "".join(sorted(set(str(surnames["single"]).replace(" ", ""))))
        sur = f"(?:{'|'.join(double)}|[{single}])"
        titles = _longest_first(str(surnames["titles"]).split())
        staff = _longest_first(str(surnames["staff"]).split())
        kin = _longest_first(str(surnames["kin"]).split())
        close_kin = _longest_first(word for word in str(surnames["kin"]).split() if len(word) > 1)
        return cls(
            double=frozenset(double),
            everyday=everyday,
            not_given=frozenset(str(surnames["not_given"])),
            thanks=frozenset(str(surnames["thanks"]).split()),
            surname=re.compile(sur),
            titled=_one(rf"(?<!\d)(?P<sur>{sur})(?:{titles})"),
            called=_one(rf"姓(?P<sur>{sur})"),
            familiar=_one(
                rf"(?:(?<![一-鿿0-9])[老小](?=[一-鿿](?:[^一-鿿]|[的让说跟讲来要家]|$))"
                rf"|老(?=[一-鿿](?:[\s,。:!]|$))|(?:科|室|部|处|所|院|店|行|口腔|中心))"
                rf"(?P<sur>{sur})(?=[^一-鿿]|[的让说跟讲来要家]|$)"
            ),
            household=_one(rf"(?P<sur>{sur})家(?=[的这那,。!\s]|$)"),
            kin_of=_one(rf"{sur}(?:{titles})(?:的(?:{kin})|(?:{close_kin}))"),
            kin=_one(
                rf"(?<![{single}])(?P<full>{sur}[一-鿿]{{1,2}})(?:的(?:{kin})|(?:{close_kin}))"
            ),
            addressee=_one(rf"给(?:[一-鿿]{{2,3}})??(?P<full>{sur}[一-鿿]{{1,2}})(?=[发寄买订]的)"),
            labelled=_one(
                r"(?:姓名|收件人|寄件人|联系人|申诉人|投诉人|来电人|户名|我是|我叫|代)\s*[::]?\s*"
                rf"(?P<full>{sur}[一-鿿]{{0,2}})(?=[^一-鿿]|$)"
                # a field of a form that holds a name alone
                rf"|(?:^|\|)\s*(?P<field>{sur}[一-鿿]{{0,2}})(?=\s*[,|])"
            ),
            first=_one(
                rf"^(?P<full>{sur}[一-鿿]{{1,2}})(?=[\s,:(。]|[来代又的问催说讲称要打]|投诉|反映|本人)"
                rf"|(?<=[镇村坪乡县区湾冲屋坡岭塘组场寨])(?P<local>{sur}[一-鿿]{{2}})(?=[,。:;(]|来电)"
                rf"|[((](?P<paren>{sur}[一-鿿]{{1,2}})[))]"
            ),
            signed=re.compile(
                rf"(?:^|[\s,。!.;:)|,:)|])(?P<full>{sur}[一-鿿]{{0,2}})\s*(?:\d[\d -]{{0,30}})?$"
            ),
            staff=re.compile(rf"(?:{staff})(?:姓|叫|是|老|小|:|:)?$|(?:不|不是)姓?$"),
            whole=re.compile(rf"(?P<sur>{sur})(?:(?P<title>{titles})|(?P<given>[一-鿿]{{1,2}}))?"),
        )


@dataclass(frozen=True, eq=False)
class MatchWords:
    """Word lists in the form the reading of contacts uses.

    ``signals``, ``kinds`` and ``told_on`` map a name to the expressions listed for it.
    ``told_days`` and ``told_hours`` find how many days ago, and between which hours, something
    was told, ``told_just`` that it was in the last hours; ``told_channels`` says which channels
    are meant by one. ``same`` maps a word to the word kept for its group; ``goods`` finds any of
    them. ``common`` holds character pairs that tell nothing about which parcel is meant,
    ``joiners`` characters that only join, ``counters`` those that tell nothing outside a word of
    their own.
    """

    signals: Mapping[str, Choice]
    kinds: Mapping[str, Choice]
    kinds_else: Mapping[str, Choice]
    told_on: Mapping[str, Choice]
    told_days: tuple[tuple[int, re.Pattern[str]], ...]
    told_hours: tuple[tuple[tuple[int, int], re.Pattern[str]], ...]
    told_just: re.Pattern[str]
    told_channels: Mapping[str, frozenset[str]]
    same: Mapping[str, str]
    goods: Choice
    not_goods: re.Pattern[str]
    organisations: Choice
    common: frozenset[str]
    joiners: frozenset[str]
    counters: frozenset[str]
    aside_goods: frozenset[str]
    common_surnames: frozenset[str]
    middling_surnames: frozenset[str]
    people: PeopleWords
    desk: re.Pattern[str]
    staff: re.Pattern[str]
    other_parcel: re.Pattern[str]
    aside: Choice
    earlier: Choice
    focus: Choice
    event: Mapping[str, str]
    events: Choice

    @cached_property
    def gates(self) -> Gates:
        """What tells which of the expressions may be found in a text."""
        return Gates(
            choices=[
                *self.signals.values(), *self.kinds.values(), *self.kinds_else.values(),
                *self.told_on.values(), *self.people.choices, self.goods, self.organisations,
                self.aside, self.earlier, self.focus, self.events,
            ]
        )  # fmt: skip

    @classmethod
    def from_data(cls, *, signals: Mapping[str, Any], words: Mapping[str, Any]) -> MatchWords:
        """Build the lists from ``matching_signals.yaml`` and ``matching_words.yaml``.

        Raises:
            CannotReadMatchingWords: a part is missing or an expression does not compile.
        """
        try:
            same = _groups(words["same"])
            event = _groups(words["events"])
            everyday = frozenset(str(words["common"]).split())
            common = frozenset(
                word[i : i + 2]
                for word in (*everyday, *str(words["shared_places"]).split())
                for i in range(len(word) - 1)
            )
            return cls(
                signals={name: _any(parts) for name, parts in signals["signals"].items()},
                kinds={name: _any(parts) for name, parts in signals["kinds"].items()},
                kinds_else={name: _any(parts) for name, parts in signals["kinds_else"].items()},
                told_on={name: _any(parts) for name, parts in signals["told_on"].items()},
                told_days=tuple((int(n), _said(e)) for n, e in signals["told_days"].items()),
                told_hours=tuple(
                    (_hours(said), _said(e)) for said, e in signals["told_hours"].items()
                ),
                told_just=_said(signals["told_just"]),
                told_channels={
                    name: frozenset(str(meant).split())
                    for name, meant in signals["told_channels"].items()
                },
                same=same,
                goods=_one(_longest_first(same)),
                not_goods=re.compile(_longest_first(str(words["not_goods"]).split())),
                organisations=_one(_longest_first(str(words["organisation_ends"]).split())),
                common=common,
                joiners=frozenset(str(words["joiners"])),
                counters=frozenset(str(words["counters"])),
                aside_goods=frozenset(str(words["aside_goods"]).split()),
                common_surnames=frozenset(str(words["surnames"]["common"])),
                middling_surnames=frozenset(str(words["surnames"]["middling"])),
                people=PeopleWords.from_data(surnames=words["surnames"], everyday=everyday),
                desk=re.compile(
                    rf"^[^,。:;在放丢]{{0,8}}(?:{_longest_first(str(words['shared_places']).split())})"
                    r"[一-鿿]{0,3}(?:又|再)?(?:来电|[::,,]|代|打来|电话)"
                ),
                staff=re.compile(_longest_first(str(words["surnames"]["staff"]).split())),
                other_parcel=re.compile(
                    rf"(?:{_longest_first(str(words['other_parcel']).split())})[^,。;,;\n]{{0,14}}$"
                ),
                aside=_one(_longest_first(str(words["aside"]).split())),
                earlier=_one(_longest_first(str(words["earlier"]).split())),
                focus=_one(_longest_first(str(words["focus"]).split())),
                event=event,
                events=_one(_longest_first(event)),
            )
        except (KeyError, TypeError, AttributeError, ValueError, re.error) as error:
            raise CannotReadMatchingWords(f"matching words: {error!r}") from error


def _groups(groups: Any) -> dict[str, str]:
    kept: dict[str, str] = {}
    for group in groups:
        first, *rest = str(group).split()
        for word in (first, *rest):
            kept.setdefault(word, first)
    return kept


def _hours(said: Any) -> tuple[int, int]:
    first, last = str(said).split("-")
    return int(first), int(last)


def _one(source: str) -> Choice:
    return Choice(sources=[source])


def _any(parts: Any) -> Choice:
    # texts are compared in half width, so the lists may be written in either
    halved = (half_width(text=str(part)) for part in parts)
    return Choice(sources=[one for part in halved for one in alternatives(source=part)])


def _said(source: Any) -> re.Pattern[str]:
    return re.compile(half_width(text=str(source)))


def _longest_first(words: Any) -> str:
    ordered = sorted((str(word) for word in words), key=len, reverse=True)
    return "|".join(re.escape(word) for word in ordered)
