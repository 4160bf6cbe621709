"""Which answers of a language model are taken: none with strange placeholders, links or data."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from huiyin.core.assistant.prompts import PROMPTS, Prompts
from huiyin.core.assistant.question import Question
from huiyin.core.assistant.veil import LIKE_PLACEHOLDER, MAIL, NUMBER, PLACEHOLDER
from huiyin.core.because import Reason
from huiyin.core.extract import extract
from huiyin.core.reply.personal import Own, foreign_data

_MARKUP = re.compile(r"<\s*[/!?A-Za-z]|&#|\]\(|^\s*\[[^\]]+\]:", re.MULTILINE)
_OURS = frozenset({"waybill", "order_no", "phone", "id_card"})


class CannotTrust(ValueError):
    """The answer is not taken; ``because`` says why."""

    def __init__(self, *, because: Reason) -> None:
        self.because = because
        super().__init__(because.en)


@cache
def _links(endings: tuple[str, ...]) -> re.Pattern[str]:
    known = "|".join(sorted(map(re.escape, endings), key=len, reverse=True))
    return re.compile(
        rf"[a-z][a-z0-9+.-]*://|\bwww\.|\b(?:mailto|javascript|data|tel|weixin)\s*:"
        rf"|[a-z0-9\u4e00-\u9fff-]+\s?[.。．]\s?(?:{known})(?![a-z])(?:[/:?]|\b|$)"
        rf"|\b\d{{1,3}}(?:\.\d{{1,3}}){{3}}\b",
        re.IGNORECASE,
    )


def examine(*, answer: str, question: Question, prompts: Prompts = PROMPTS) -> str:
    """Return a model's answer as it may be shown, placeholders still in it. Raises CannotTrust.

    Characters that are not seen are dropped. Refused are: nothing, too much, web code, links,
    placeholders that were not given out, and personal data, all of which was hidden in what the
    model saw, so that whatever stands in the open was made up or came from elsewhere.
    """
    text = "".join(
        c for c in answer if c in "\n\t" or unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cs"}
    ).strip()
    plain = unicodedata.normalize("NFKC", text)
    if not text:
        raise _refused("empty", "助手没有写出内容", "the assistant wrote nothing")
    if len(text) > prompts.answer_characters:
        raise _refused("too_long", "助手写得过长，未采用", "the answer is too long")
    if _MARKUP.search(plain):
        raise _refused("markup", "回答里有网页代码，未采用", "the answer holds web code")
    for form in (text, plain):
        for m in LIKE_PLACEHOLDER.finditer(form):
            if m.group() not in question.held:
                raise _refused(
                    "placeholder",
                    "回答里有没给过的记号，未采用",
                    "the answer holds a placeholder that was never given",
                    m.group(),
                )
    bare = PLACEHOLDER.sub("，", plain)
    if MAIL.search(bare) or _links(prompts.link_endings).search(bare):
        raise _refused("link", "回答里有链接或邮箱，未采用", "the answer holds a link or address")
    _no_personal_data(bare=bare, question=question)
    return text


def _no_personal_data(*, bare: str, question: Question) -> None:
    sent = question.user
    found = [e.text for e in extract(text=bare) if e.type in _OURS]
    found += [m.group() for m in NUMBER.finditer(bare)]
    dates = [e.text for e in extract(text=bare) if e.type in {"money", "date", "duration"}]
    for one in found:
        if one not in sent and not any(one.strip() in d for d in dates):
            raise _strange(one)
    strange = foreign_data(text=bare, own=Own(known=(sent, question.system)))
    if strange:
        start, end = strange[0].span
        raise _strange(bare[start:end])


def _strange(word: str) -> CannotTrust:
    return _refused(
        "personal",
        "回答里有资料中没有的个人信息，未采用",
        "the answer holds personal data that was not in the case",
        word,
    )


def _refused(rule: str, zh: str, en: str, word: str = "") -> CannotTrust:
    return CannotTrust(
        because=Reason(rule=f"assistant.{rule}", zh=zh, en=en, words=(word[:60],) if word else ())
    )
