"""Promises in a reply: what we say we will do, and until when."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cache
from typing import Final, Literal

from huiyin.core.because import Reason
from huiyin.core.reply.clauses import Piece, clauses, sentences
from huiyin.core.reply.due_times import Limit, limits
from huiyin.core.reply.words import WORDS, ReplyWords

PromiseKind = Literal["contact", "deed"]

_LONGEST: Final = 60
"""Characters of a promise that are shown; the clause says the rest."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise: the words that make it, what is promised, and until when.

    A promise of kind ``contact`` is kept by the next reply or call, one of kind ``deed`` by
    somebody who confirms it. ``key`` tells the promises of one text apart.
    """

    key: str
    words: str
    start: int
    end: int
    kind: PromiseKind
    due: datetime
    because: Reason

    def late(self, *, now: datetime) -> bool:
        """Tell whether the time is already past."""
        return self.due <= now


@cache
def _actions(words: ReplyWords) -> re.Pattern[str]:
    contact = "|".join(map(re.escape, words.contact))
    deed = "|".join(map(re.escape, words.deed))
    return re.compile(
        rf"(?<![没未不])(?:(?P<contact>{contact})|(?P<deed>{deed}))(?!我|本公司|我们)"
    )


def find_promises(
    *, text: str, now: datetime, day_ends: time, words: ReplyWords = WORDS
) -> tuple[Promise, ...]:
    """Return the promises of a reply in their order, also those whose time is already past.

    ``now`` is aware, in the zone in which people read times; ``day_ends`` is when the working day
    ends. What the customer or the law does, what is done already, and when we work, is no promise.
    """
    found = _widest(limits(text=text, now=now, day_ends=day_ends, words=words))
    out: list[Promise] = []
    seen: set[tuple[str, datetime]] = set()
    for sentence in sentences(text=text):
        parts = clauses(sentence=sentence)
        for limit in found:
            if not sentence.start <= limit.start < sentence.end:
                continue
            promise = _promise(text, parts, limit, found, words)
            if promise is None or (promise.kind, promise.due) in seen:
                continue
            if promise.late(now=now) and promise.due.date() != now.date():
                continue
            seen.add((promise.kind, promise.due))
            out.append(promise)
    return tuple(out)


def _widest(found: Sequence[Limit]) -> list[Limit]:
    """Leave out times that are a part of another: the close of tomorrow is not today's."""
    return [
        one
        for one in found
        if not any(
            other.start <= one.start
            and one.end <= other.end
            and other.end - other.start > one.end - one.start
            for other in found
        )
    ]


def _promise(
    text: str,
    parts: tuple[Piece, ...],
    limit: Limit,
    found: Sequence[Limit],
    words: ReplyWords,
) -> Promise | None:
    here = next((n for n, p in enumerate(parts) if p.start <= limit.start < p.end), None)
    if here is None or any(w in parts[here].text for w in words.not_ours):
        return None
    if any(p.search(parts[here].text) for p in words.hours):
        return None
    if any(text.startswith(w, limit.start - len(w)) for w in words.done if limit.start >= len(w)):
        return None
    # the deed stands mostly after the time, in the same clause, else in the next or the one before
    for n in (here, here + 1, here - 1):
        if not 0 <= n < len(parts) or any(w in parts[n].text for w in words.not_ours):
            continue
        if n > here and _says_more(parts[here], limit, words) and _has_time(parts[n], found):
            continue
        verb = _verb(parts[n], limit.end if n == here else parts[n].start, words)
        if verb is None and n == here:
            verb = _verb(parts[n], parts[n].start, words)
        if verb is None:
            continue
        kind, start, end = verb
        if n >= here and start >= limit.end:
            if any(w in text[limit.end : start] for w in words.done):
                return None
            span = (limit.start, min(end, limit.start + _LONGEST))
        else:
            if any(w in text[max(parts[n].start, start - 3) : start] for w in words.done):
                return None
            span = (min(start, limit.start), max(end, limit.end))
            span = (span[0], min(span[1], span[0] + _LONGEST))
        said = text[span[0] : span[1]].strip()
        return Promise(
            key=said,
            words=said,
            start=span[0],
            end=span[1],
            kind=kind,
            due=limit.due,
            because=Reason(
                rule=f"reply.promise.{kind}",
                zh=f"“{said}”是对客户的承诺",
                en=f"“{said}” is a promise to the customer",
                words=(text[limit.start : limit.end], text[start:end]),
            ),
        )
    return None


def _says_more(piece: Piece, limit: Limit, words: ReplyWords) -> bool:
    """Tell whether a clause says something beside its time."""
    rest = piece.text[: limit.start - piece.start] + piece.text[max(0, limit.end - piece.start) :]
    for word in words.linking:
        rest = rest.replace(word, "")
    return len(rest.strip()) > 1


def _has_time(piece: Piece, found: Sequence[Limit]) -> bool:
    return any(piece.start <= other.start < piece.end for other in found)


def _verb(piece: Piece, start: int, words: ReplyWords) -> tuple[PromiseKind, int, int] | None:
    m = _actions(words).search(piece.text, max(0, start - piece.start))
    if m is None:
        return None
    kind: PromiseKind = "contact" if m["contact"] else "deed"
    return kind, piece.start + m.start(), piece.start + m.end()
