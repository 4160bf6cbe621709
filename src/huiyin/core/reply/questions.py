"""Did the reply answer what the customer asked?"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from typing import Final

from huiyin.core.extract import extract
from huiyin.core.reply.clauses import sentences
from huiyin.core.reply.words import WORDS, QuestionKind, ReplyWords

_HAN: Final = re.compile(r"[一-鿿]+")
_LATIN: Final = re.compile(r"[a-z0-9]{3,}")


def questions(*, text: str, words: ReplyWords = WORDS) -> tuple[str, ...]:
    """Return the sentences of a contact that ask for an answer; rhetorical ones are left out."""
    out = []
    for sentence in sentences(text=text):
        said = sentence.text.strip()
        asks = said.endswith(("?", "？")) or any(a in said for a in words.asks)
        if asks and len(said) > 2 and not any(p.search(said) for p in words.rhetorical):
            out.append(said)
    return tuple(dict.fromkeys(out))


def unanswered(
    *, asked: str, reply: str, now: datetime | None = None, words: ReplyWords = WORDS
) -> tuple[str, ...]:
    """Return the customer's questions of which the reply says nothing.

    A question counts as answered when the reply holds what such an answer is made of (a time for
    when, a sum for how much), or speaks of the question's own matter.
    """
    open_questions = questions(text=asked, words=words)
    if not open_questions:
        return ()
    types = frozenset(e.type for e in extract(text=reply, at=now))
    return tuple(q for q in open_questions if not _answered(q, reply, types, words))


def _answered(question: str, reply: str, types: frozenset[str], words: ReplyWords) -> bool:
    kinds = [k for k in words.question_kinds if k.ask.search(question)]
    if kinds:
        return all(_kind_answered(k, reply, types) for k in kinds[:1])
    return bool(_matter(question) & _matter(reply) - words.common)


def _kind_answered(kind: QuestionKind, reply: str, types: frozenset[str]) -> bool:
    return bool(kind.found & types) or kind.answer.search(reply) is not None


@cache
def _matter(text: str) -> frozenset[str]:
    """Return the pairs of characters and the words that a text is about."""
    low = text.lower()
    pairs = {run[i : i + 2] for run in _HAN.findall(low) for i in range(len(run) - 1)} | set(
        _LATIN.findall(low)
    )
    return frozenset(pairs)
