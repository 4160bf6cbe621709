"""People, by title, by what stands before a name, and by signature."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

from huiyin.core.because import Reason
from huiyin.core.extract.shipped import shipped_words
from huiyin.core.extract.spans import Spans

_BREAK: Final = frozenset(" \n\t　,，。.；;：:!！?？、“”\"'（）()【】[]｜|@")
_TITLED: Final = (Reason("extract.person.title", "姓氏加称呼", "a surname with a form of address"),)
_SAID: Final = (Reason("extract.person.cue", "文中说这是姓名", "the text calls it a name"),)
_SIGNED: Final = (Reason("extract.person.signature", "署名", "a signature"),)


@cache
def _patterns() -> tuple[re.Pattern[str], ...]:
    words = shipped_words()
    surnames = "".join(sorted(words.surnames))
    compound = "|".join(words.compound)
    family = rf"(?:{compound}|[{surnames}])"
    title = re.compile("|".join(map(re.escape, words.titles)))
    cue = re.compile(
        rf"(?:{'|'.join(map(re.escape, words.person_cue))})[是为：:\s“]{{0,3}}"
        rf"(?P<name>{family}(?:[*某]{{1,2}}|[一-鿿]{{1,2}}(?=$|[\s，,。；;、：:（(｜|）)”@\d]|先生|女士|小姐)"
        rf"|(?=先生|女士|小姐|老师)))"
        rf"|[^一-鿿]?(?:我姓|本人姓|免贵姓|叫做|姓)(?P<family>{family})(?=$|[\s，,。；;、的）)\d]|先生|女士)"
    )
    signed = re.compile(
        rf"(?:^|\n|　)[ 　]*(?:[一-鿿]{{2,12}}[ 　])?(?P<name>{family}[一-鿿]{{1,2}})"
        r"(?=[ 　]*(?:\n|$|[ 　]\d|律师|[ 　]律师|（|\())"
    )
    safe = "".join(sorted(words.surnames - words.doubtful_surnames - words.everyday_surnames))
    bound = r"(?=[\s，,。；;、：:）)”的说讲让帮来问打那称从在]|$)"
    opening = re.compile(
        rf"(?:^|[。\n｜：:（(])[ 　]*(?P<name>(?:{compound}|[{safe}])[一-鿿]{{1,2}}?)"
        r"(?=又?来电|再次来电|代(?![收理为])|来问|反映|投诉|称|：|:|的(?:弟弟|哥哥|姐姐|妹妹|女婿|儿子"
        r"|女儿|丈夫|妻子|老公|老婆|母亲|父亲|妈妈|爸爸|朋友)|[）)])"
        rf"|(?:[。！？!?｜](?P<last>{family}[一-鿿]{{0,2}})|[，,](?P<alone>[{safe}]))$"
        rf"|[，,](?P<between>(?![莫辛])[{safe}][一-鿿](?![路街局站镇村店厂了着的过水混长记])[一-鿿])(?=[，,])"
        rf"|[｜|](?P<field>{family}[一-鿿]{{1,2}})(?=[｜|])"
        rf"|(?P<familiar>[老小阿][{safe}]){bound}"
        rf"|(?:[派快收递送]\w?员|司机|客服|门卫)(?P<staff>[老小阿][{safe}])"
    )
    return title, cue, signed, opening


def find_people(*, plain: str, spans: Spans) -> None:
    """Add the people named in ``plain`` to ``spans``."""
    words = shipped_words()
    title, cue, signed, opening = _patterns()
    for m in title.finditer(plain):
        _titled(m, plain, spans)
    if "人" in plain or "姓" in plain or "名" in plain or "叫" in plain:
        for m in cue.finditer(plain):
            group = "name" if m["name"] is not None else "family"
            name = m[group]
            if name in words.not_names or name[:2] in words.not_names:
                continue
            spans.add("person", m.start(group), m.end(group), name, _SAID)
    if "\n" in plain:
        for m in signed.finditer(plain):
            name = m["name"]
            if name not in words.not_names and m.start() > 0:
                spans.add("person", m.start("name"), m.end("name"), name, _SIGNED)
    for m in opening.finditer(plain):
        group = m.lastgroup or "name"
        name = m[group]
        if name not in words.not_names and name[:2] not in words.not_names:
            spans.add("person", m.start(group), m.end(group), name, _OPENING[group])


_FAMILIAR: Final = (
    Reason(
        "extract.person.familiar", "老、小加姓氏", "a surname with 老 or 小, as among neighbours"
    ),
)
_SAYS: Final = (Reason("extract.person.says", "开头说是谁来电", "says at the start who it is"),)
_APART: Final = (
    Reason("extract.person.apart", "单独一段像是姓名", "stands by itself and reads like a name"),
)
_OPENING: Final = {
    "name": _SAYS,
    "last": _SIGNED,
    "between": _APART,
    "field": _APART,
    "alone": _SIGNED,
    "familiar": _FAMILIAR,
    "staff": _FAMILIAR,
}


def _titled(m: re.Match[str], plain: str, spans: Spans) -> None:
    words = shipped_words()
    at = m.start()
    if at == 0 or plain[at : at + 2] in (
        "姐姐",
        "哥哥",
        "总是",
        "总共",
        "工作",
        "工本",
        "工人",
        "工具",
        "工厂",
    ):
        return
    short = m.end() - at == 1
    last = plain[at - 1]
    if plain[max(0, at - 2) : at] in words.compound:
        start = at - 2
    elif last in words.surnames:
        start = at - 1
        before = plain[at - 2] if at > 1 else ""
        if last in words.doubtful_surnames and before and before not in _BREAK:
            return
        if short and before and before not in _BREAK and m.group() in ("总", "工"):
            return
        full = at > 1 and before in words.surnames and (at == 2 or plain[at - 3] in _BREAK)
        if full:
            start = at - 2
    elif short:
        return
    elif (
        at > 1 and plain[at - 2] in words.surnames and plain[at - 2] not in words.doubtful_surnames
    ):
        start = at - 2
    elif at > 2 and plain[at - 3] in words.surnames and (at == 3 or plain[at - 4] in _BREAK):
        start = at - 3
    else:
        return
    if any(c in _BREAK for c in plain[start:at]):
        return
    spans.add("person", start, m.end(), plain[start : m.end()], _TITLED)
