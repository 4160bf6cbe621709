"""Says a condition of a playbook in words, with the names that the playbook itself gives."""

from __future__ import annotations

import re
from typing import Final

from huiyin.core.playbook.facts import FACTS, Fact
from huiyin.core.playbook.names import URGENCY_NAMES, VERDICT_NAMES
from huiyin.core.playbook.part import Text
from huiyin.core.playbook.schema import Playbook

_NAMED: Final = {"verdict": VERDICT_NAMES, "urgency": URGENCY_NAMES}
_COMPARED: Final = re.compile(r"([a-z_]+)\s*(==|!=|>=|<=|>|<)\s*(?:'([^']*)'|\"([^\"]*)\"|(\d+))")
_LISTED: Final = re.compile(r"([a-z_]+)\s+in\s+\[([^\[\]]*)\]")
_BARE: Final = re.compile(r"(!?)\s*([a-z_]+)")
_TEXT: Final = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_SIGNS: Final = {
    "==": ("是", "is"),
    "!=": ("不是", "is not"),
    ">=": ("不少于", "is at least"),
    "<=": ("不多于", "is at most"),
    ">": ("大于", "is more than"),
    "<": ("小于", "is less than"),
}
_OTHERWISE: Final = ("符合规程写明的条件", "what the playbook asks for holds")


def condition_words(*, text: str, playbook: Playbook, english: bool = False) -> str:
    """Return a CEL condition in words; one that cannot be said so is only said to be there."""
    if "(" in text or ("||" in text and "&&" in text):
        return _OTHERWISE[english]
    joint = "||" if "||" in text else "&&"
    parts = [_part(part.strip(), playbook, english) for part in text.split(joint)]
    if None in parts:
        return _OTHERWISE[english]
    between = {"&&": ("，并且", " and "), "||": ("，或者", " or ")}[joint][english]
    return between.join(part for part in parts if part)


def _part(text: str, playbook: Playbook, english: bool) -> str | None:
    if (found := _LISTED.fullmatch(text)) and (fact := FACTS.get(found[1])):
        values = [a or b for a, b in _TEXT.findall(found[2])]
        names = [_value(fact.name, value, playbook, english) for value in values]
        if not names or None in names:
            return None
        either = (" or " if english else "或").join(name for name in names if name)
        return _sentence(fact, "==", either, english)
    if (found := _COMPARED.fullmatch(text)) and (fact := FACTS.get(found[1])):
        word = found[3] or found[4]
        name = found[5] if found[5] else _value(fact.name, word, playbook, english)
        return _sentence(fact, found[2], name, english) if name else None
    if (found := _BARE.fullmatch(text)) and (fact := FACTS.get(found[2])) and fact.type == "bool":
        if english:
            return f"not so: {fact.en}" if found[1] else fact.en
        return f"{'没有' if found[1] else ''}{fact.zh.removeprefix('是否')}"
    return None


def _sentence(fact: Fact, sign: str, name: str, english: bool) -> str:
    said = _SIGNS[sign][english]
    return f"{fact.en} {said} {name}" if english else f"{fact.zh}{said}{name}"


def _value(fact: str, code: str, playbook: Playbook, english: bool) -> str | None:
    language = "en" if english else "zh"
    names: dict[str, dict[str, Text]] = {
        "category": {one.code: one.name for one in playbook.categories},
        "branch": {one.code: one.name for one in playbook.branches},
        "cause": {one.code: one.name for one in playbook.causes},
    }
    if (name := names.get(fact, {}).get(code)) is not None:
        return name.said(language=language)
    named = _NAMED.get(fact, {}).get(code)
    return named[english].lower() if named else None
