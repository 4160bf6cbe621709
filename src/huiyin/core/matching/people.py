"""Who is named in a text: customers' names and surnames, staff left out."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

import rjieba

from huiyin.core.extract import DEFAULT
from huiyin.core.matching.gates import Opened
from huiyin.core.matching.words import PeopleWords

_HAN: Final = re.compile(r"[一-鿿]+")
_EVERYDAY: Final = 20
_SMALL: Final = frozenset(
    "的了是我你他她在不没就都也还有个这那要到说给把一二三四五六七八九十两根条件箱个"
)
_CARRIERS: Final = DEFAULT.by_name
_JIEBA: Final = rjieba.Jieba()


@lru_cache(maxsize=60_000)
def frequency(*, word: str) -> int:
    """Return how often a word occurs in the general dictionary; 0 for an unknown word."""
    return int(_JIEBA.suggest_freq(word)) if _JIEBA.has_word(word) else 0


def people(
    *,
    content: str,
    sender: str,
    sender_is_name: bool,
    persons: Collection[str],
    places: Collection[str],
    words: PeopleWords,
    opened: Opened,
) -> tuple[set[str], set[str]]:
    """Return the full names and the surnames of the customers named in ``content``.

    ``sender_is_name`` tells that the channel gives a name as the sender (a counter, a form);
    ``persons`` were found by extraction; ``places``, like carriers, only look like names.
    """
    names: set[str] = set()
    surnames: set[str] = set()

    def staff(at: int) -> bool:
        return at > 0 and bool(words.staff.search(content[max(0, at - 8) : at]))

    def in_word(m: re.Match[str]) -> bool:
        # 绵阳总站, 班主任: no Mr Yang, no director Ban
        before = content[max(0, m.start() - 1) : m.start("sur") + 1]
        return frequency(word=m.group()) > _EVERYDAY or (
            len(before) > 1 and len(m.group()) == len(before) and frequency(word=before) > 0
        )

    def looks_only(said: str) -> bool:
        return said in places or said in _CARRIERS or said in words.everyday

    def add(full: str, *, alone: bool = False) -> None:
        m = words.whole.fullmatch(full)
        if not m or looks_only(full) or looks_only(full[:2]):
            return
        if not m["given"] or not words.not_given.isdisjoint(m["given"]):
            surnames.add(m["sur"])
        elif alone or frequency(word=full) <= _EVERYDAY:
            names.add(full)
            surnames.add(m["sur"])

    for expression in (words.titled, words.called, words.familiar):
        for m in opened.each(expression, content):
            if not staff(m.start()) and not in_word(m):
                surnames.add(m["sur"])
    for m in opened.each(words.household, content):
        if not frequency(word=m.group()) and not staff(m.start()):
            surnames.add(m["sur"])
    for m in opened.each(words.labelled, content):
        add(m["full"] or m["field"])
    for m in opened.each(words.addressee, content):
        add(m["full"])
    for m in opened.each(words.kin, content):
        if not staff(m.start()):
            add(m["full"])
    for m in opened.each(words.first, content):
        if not staff(m.start()):
            add(m["full"] or m["local"] or m["paren"])
    lines = content.rstrip().splitlines()
    for line in lines[-2:]:
        line = line.strip()
        signed = words.signed.search(line)
        if (
            signed
            and signed["full"] not in words.thanks
            and not _SMALL.intersection(signed["full"][1:])
            and not staff(content.rfind(line) + signed.start("full"))
        ):
            add(signed["full"], alone=signed["full"] == line and len(lines) > 1)
    known = [sender, *persons] if sender_is_name and _HAN.fullmatch(sender) else persons
    for said in known:
        if not staff(content.find(said)):
            add(said)
    return names, surnames
