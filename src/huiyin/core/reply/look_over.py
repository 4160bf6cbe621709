"""The look at a reply before it is sent: promises, and words that should be seen first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, time
from typing import Final

from huiyin.core.reply.clauses import sentences
from huiyin.core.reply.personal import Own, foreign_data
from huiyin.core.reply.promises import Promise, find_promises
from huiyin.core.reply.questions import unanswered
from huiyin.core.reply.remark import LONGEST, Remark, Span, remark
from huiyin.core.reply.words import WORDS, ReplyWords

# A tracking link may hold two underscores side by side.
_BLANK: Final = re.compile(
    r"(?<![A-Za-z0-9/_-])_{2,}(?![A-Za-z0-9/_-])|＿+|\{[A-Za-z_]+\}|【\s*】|（\s*）|\(\s{1,}\)"
)
_KIND_NAMES: Final = {
    "phone": ("电话", "phone number"),
    "id_card": ("证件号", "ID number"),
    "person": ("姓名", "name"),
    "address": ("住址", "address"),
    "mail": ("邮箱", "e-mail address"),
}
UPHELD: Final = "upheld"
_AT_FAULT: Final = frozenset({UPHELD, "partly_upheld"})


@dataclass(frozen=True, slots=True)
class ReplyFacts:
    """What a reply is looked over against.

    ``now`` is aware, in the zone in which the customer reads times; ``day_ends`` is when the
    working day ends there; ``verdict`` is that of the complaint, empty before it; ``granted`` says
    that a remedy was approved; ``asked`` is
    the customer's last contact and ``replied`` what he was answered since; ``apologised`` says
    that an earlier reply did so already.
    """

    now: datetime
    day_ends: time
    verdict: str = ""
    granted: bool = False
    asked: str = ""
    replied: str = ""
    apologised: bool = False
    own: Own = field(default_factory=Own)


@dataclass(frozen=True, slots=True)
class Look:
    """What was found in a reply, remarks that stop it first."""

    promises: tuple[Promise, ...]
    remarks: tuple[Remark, ...]

    @property
    def stops(self) -> tuple[Remark, ...]:
        """The remarks that want a reason before the reply goes out."""
        return tuple(r for r in self.remarks if r.level == "stop")


def look_over(*, text: str, facts: ReplyFacts, words: ReplyWords = WORDS) -> Look:
    """Look a reply over. Any text is accepted; an empty one has nothing to say."""
    if not text.strip():
        return Look((), ())
    promises = find_promises(text=text, now=facts.now, day_ends=facts.day_ends, words=words)
    remarks = [
        *_blanks(text),
        *_foreign(text, facts, words),
        *_past(promises, facts.now),
        *_matching(text, words.blame, "blame", "像在责怪客户", "sounds like blaming the customer"),
        *_matching(text, words.angry, "angry", "语气带火气", "sounds angry"),
        *_matching(text, words.cold, "cold", "语气冷淡", "sounds cold"),
        *_claims(text, facts, words),
        *_apology(text, facts, words),
        *_questions(text, facts, words),
        *_empty(text, promises, words),
    ]
    return Look(promises, tuple(remarks))


def apologises(*, text: str, words: ReplyWords = WORDS) -> bool:
    """Tell whether a text apologises."""
    low = text.lower()
    return any(w in low for w in words.apology)


def _blanks(text: str) -> Iterator[Remark]:
    spans = tuple(m.span() for m in _BLANK.finditer(text))
    if spans:
        yield remark(
            code="blank", level="stop", text=text, spans=spans,
            zh="还有没填的空", en="blanks are not filled in",
        )  # fmt: skip


def _foreign(text: str, facts: ReplyFacts, words: ReplyWords) -> Iterator[Remark]:
    spans: dict[str, list[Span]] = {}
    for found in foreign_data(text=text, own=facts.own, now=facts.now, words=words):
        spans.setdefault(found.kind, []).append(found.span)
    for kind, places in spans.items():
        zh, en = _KIND_NAMES[kind]
        yield remark(
            code=f"foreign_{kind}", level="stop", text=text, spans=tuple(places),
            zh=f"出现了不是客户本人的{zh}", en=f"holds a {en} that is not the customer's own",
        )  # fmt: skip


def _past(promises: tuple[Promise, ...], now: datetime) -> Iterator[Remark]:
    for promise in promises:
        if promise.late(now=now):
            yield Remark(
                code="past",
                level="look",
                spans=((promise.start, promise.end),),
                words=(promise.words,),
                because=remark(
                    code="past", level="look", words=(promise.words,),
                    zh="承诺的时间已经过了", en="the promised time is already past",
                ).because,
            )  # fmt: skip


def _matching(
    text: str, patterns: tuple[re.Pattern[str], ...], code: str, zh: str, en: str
) -> Iterator[Remark]:
    spans: list[Span] = []
    for pattern in patterns:
        for m in pattern.finditer(text):
            if m.end() > m.start() and all(m.end() <= a or m.start() >= b for a, b in spans):
                spans.append(m.span())
    if spans:
        yield remark(code=code, level="look", text=text, spans=tuple(sorted(spans)), zh=zh, en=en)


def _claims(text: str, facts: ReplyFacts, words: ReplyWords) -> Iterator[Remark]:
    """Say where liability or an approval is claimed that nobody has decided."""
    if facts.verdict not in _AT_FAULT and (spans := _claimed(text, words.liable, words)):
        zh, en = (
            "还没有给出结论，请不要先认定责任",
            "no verdict yet: do not own up to a fault",
        )
        if facts.verdict:
            zh, en = (
                "结论是不成立，这里却认了责任",
                "this owns up to a fault, the verdict does not",
            )
        yield remark(code="liable", level="look", text=text, spans=spans, zh=zh, en=en)
    if not facts.granted and (spans := _claimed(text, words.granted, words)):
        yield remark(
            code="granted", level="look", text=text, spans=spans,
            zh="还没有批准的补偿，请不要先说已经批准或确认",
            en="no remedy was approved yet: do not say that it was",
        )  # fmt: skip


def _claimed(
    text: str, patterns: tuple[re.Pattern[str], ...], words: ReplyWords
) -> tuple[Span, ...]:
    spans: list[Span] = []
    for sentence in sentences(text=text):
        low = sentence.text.lower()
        for pattern in patterns:
            for m in pattern.finditer(sentence.text):
                if m.end() == m.start() or any(w in low[: m.end()] for w in words.supposed):
                    continue
                start, end = sentence.start + m.start(), sentence.start + m.end()
                if all(end <= a or start >= b for a, b in spans):
                    spans.append((start, end))
    return tuple(sorted(spans))


def _apology(text: str, facts: ReplyFacts, words: ReplyWords) -> Iterator[Remark]:
    if facts.verdict == UPHELD and not facts.apologised and not apologises(text=text, words=words):
        yield remark(
            code="no_apology", level="look",
            zh="投诉成立，还没有向客户道歉", en="the complaint is upheld and nobody has apologised",
        )  # fmt: skip


def _questions(text: str, facts: ReplyFacts, words: ReplyWords) -> Iterator[Remark]:
    reply = f"{facts.replied}\n{text}"
    for question in unanswered(asked=facts.asked, reply=reply, now=facts.now, words=words):
        said = question if len(question) <= LONGEST else question[:LONGEST] + "…"
        yield remark(
            code="no_answer", level="look", words=(said,),
            zh=f"客户问的“{said}”没有回答", en=f"the question “{said}” is not answered",
        )  # fmt: skip


def _empty(text: str, promises: tuple[Promise, ...], words: ReplyWords) -> Iterator[Remark]:
    """Say where something is promised without a time, or sworn without anything behind it."""
    low = text.lower()
    spans: list[Span] = []
    for sentence in sentences(text=text):
        if any(sentence.start <= p.start < sentence.end for p in promises):
            continue
        said = low[sentence.start : sentence.end]
        if not any(w in said for w in (*words.contact, *words.deed, *words.plain)):
            continue
        at = [(said.find(w), w) for w in (*words.vague, *words.sure) if w in said]
        if at:
            start, word = min(at)
            spans.append((sentence.start + start, sentence.start + start + len(word)))
    if spans:
        yield remark(
            code="empty_promise", level="look", text=text, spans=tuple(spans),
            zh="没有期限的承诺等于没说，请写明到什么时候",
            en="a promise without a time says nothing: write until when",
        )  # fmt: skip
