"""A playbook as forms: what of its data stands in which field, and what a changed field means.

Forms are made of the plain data, not of the checked playbook, so that a draft can be mended in
them while it is not sound.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

from huiyin.core.playbook.drawing import ROLE_WORDS
from huiyin.core.playbook.edit import Edit
from huiyin.core.playbook.lengths import length_from, length_words
from huiyin.core.playbook.names import BRANCHES, CATEGORIES, REMEDY_KINDS, ROLES, URGENCIES
from huiyin.core.playbook.problem import Path

Kind = Literal["text", "area", "length", "money", "number", "choice", "names", "yes_no"]


@dataclass(frozen=True, slots=True)
class FormField:
    """One field: its place in the data, what is in it now, and of what kind it is."""

    path: Path
    zh: str
    en: str
    kind: Kind
    shown: str
    there: bool
    """False where the key is not written and a default holds."""
    choices: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The field's name in a form."""
        return "p:" + "/".join(str(step) for step in self.path)


@dataclass(frozen=True, slots=True)
class Group:
    """The fields of one entry; ``path`` is the entry's own, ``listed`` tells that it can move."""

    path: Path
    title: str
    note: str
    fields: tuple[FormField, ...]
    listed: bool = False


NAMES: dict[str, tuple[str, str]] = {
    "clocks": ("时限", "Clocks"),
    "categories": ("类别与部门", "Categories"),
    "routing": ("分派", "Routing"),
    "urgency": ("紧急程度", "Urgency"),
    "steps": ("步骤", "Steps"),
    "scripts": ("话术", "Scripts"),
    "messages": ("消息", "Messages"),
    "remedies": ("补救与权限", "Remedies and authority"),
}
"""The sections that are edited as forms."""
ADDABLE = frozenset({"clocks", "routing", "urgency", "steps", "scripts"})
ORDERED = frozenset({"routing", "urgency"})
"""Lists whose last rule is the default: what is added goes before it."""


def english_or(data: Mapping[str, Any], path: Path, otherwise: str, english: bool) -> str:
    """Return the name that stands at a path in one language."""
    text = at(data=data, path=path)
    if isinstance(text, Mapping):
        return str(text.get("en" if english else "zh") or otherwise)
    return otherwise


def at(*, data: Any, path: Path) -> Any:
    """Return what stands at a path, None where nothing does."""
    for step in path:
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            return None
    return data


def section(*, data: Mapping[str, Any], name: str, english: bool = False) -> tuple[Group, ...]:
    """Return the groups of a section. Raises KeyError for an unknown one."""
    return tuple(_SECTIONS[name](data, english))


def changes(
    *, groups: tuple[Group, ...], given: Mapping[str, str], data: Mapping[str, Any]
) -> list[Edit]:
    """Return what was changed in a form; a field that was not given stays as it is.

    Raises ValueError (zh, en) where a number is none.
    """
    edits = []
    for group in groups:
        for field in group.fields:
            text = given.get(field.name)
            if text is None or text.replace("\r\n", "\n") == field.shown:
                continue
            value = _value(field, text.replace("\r\n", "\n"))
            if value is None and field.kind != "money":
                if field.there:
                    edits.append(Edit("drop", field.path))
                continue
            edits.append(_set(field.path, value, data))
    return edits


def _set(path: Path, value: Any, data: Mapping[str, Any]) -> Edit:
    """Set a value; where the mapping around it is not written yet, write it whole."""
    while len(path) > 1 and at(data=data, path=path[:-1]) is None:
        value, path = {str(path[-1]): value}, path[:-1]
    return Edit("set", path, value)


def added(*, data: Mapping[str, Any], name: str) -> list[Edit]:
    """Return the edits that add an empty entry to a list, before the default of an ordered one."""
    taken = {str(e.get("id")) for e in data.get(name) or () if isinstance(e, Mapping)}
    id = next(f"new_{n}" for n in range(1, 10_000) if f"new_{n}" not in taken)
    words = {"zh": "（请填写）", "en": "(to be written)"}
    department = at(data=data, path=("departments", 0, "code")) or "service"
    entry: dict[str, Any] = {
        "clocks": {
            "id": id, "name": words, "calendar": "cn-office", "for": "PT4H",
            "when": "branch == 'complaint'", "stops_on": ["ComplaintResolved"], "because": words,
            "source": "公司设定",
        },
        "routing": {
            "id": id, "when": "category == 'other'", "then": {"department": department},
            "because": words, "source": "公司设定",
        },
        "urgency": {
            "id": id, "when": "category == 'other'", "then": {"urgency": "normal"},
            "because": words, "source": "公司设定",
        },
        "steps": {"id": id, "name": words, "help": words, "role": "handler"},
        "scripts": {"id": id, "name": words, "body": words},
    }[name]  # fmt: skip
    edits = [Edit("add", (name,), entry)]
    if name in ORDERED and data.get(name):
        edits.append(Edit("up", (name, len(data[name]))))
    return edits


def _value(field: FormField, text: str) -> Any:
    word = text.strip()
    if field.kind == "names":
        return [
            w for w in word.replace("，", " ").replace(",", " ").replace("、", " ").split() if w
        ]
    if not word:
        return None
    if field.kind == "length":
        return length_from(text=word)
    if field.kind in {"money", "number"}:
        try:
            number = Decimal(word.replace(",", "").removeprefix("¥"))
        except ArithmeticError:
            # CEL or "policy" may stand where a sum does; the checks say what is wrong with it.
            return word
        if not number.is_finite() or abs(number) > 10**12:
            return word
        if field.kind == "money":
            number *= 100
        return int(number) if number == number.to_integral_value() else float(number)
    if field.kind == "yes_no":
        return word == "true"
    return word


def _field(
    data: Mapping[str, Any], path: Path, zh: str, en: str, kind: Kind = "text",
    choices: tuple[str, ...] = (), english: bool = False,
) -> FormField:  # fmt: skip
    value = at(data=data, path=path)
    there = value is not None
    parent = at(data=data, path=path[:-1])
    if isinstance(parent, Mapping) and path[-1] in parent:
        there = True
    return FormField(path, zh, en, kind, _shown(value, kind, english), there, choices)


def _shown(value: Any, kind: Kind, english: bool) -> str:
    if value is None:
        return ""
    if kind == "names" and isinstance(value, list):
        return " ".join(str(v) for v in value)
    if kind == "length" and isinstance(value, str):
        return length_words(length=value, english=english)
    if kind == "money" and isinstance(value, int) and not isinstance(value, bool):
        yuan = Decimal(value) / 100
        return f"{yuan:f}" if value % 100 else str(value // 100)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | dict):
        return ""
    return str(value)


def _entries(data: Mapping[str, Any], path: Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    found = at(data=data, path=path)
    for n, entry in enumerate(found if isinstance(found, list) else ()):
        if isinstance(entry, Mapping):
            yield n, entry


def _both(data: Mapping[str, Any], path: Path, zh: str, en: str, kind: Kind = "text") -> Any:
    yield _field(data, (*path, "zh"), zh, f"{en} (Chinese)", kind)
    yield _field(data, (*path, "en"), f"{zh}（英文）", en, kind)


def _codes(data: Mapping[str, Any], name: str, key: str = "code") -> tuple[str, ...]:
    return tuple(str(e.get(key)) for _n, e in _entries(data, (name,)))


def _calendars(data: Mapping[str, Any]) -> tuple[str, ...]:
    own = data.get("calendars")
    return ("always", "cn-office", *(own if isinstance(own, Mapping) else ()))


def _clocks(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, entry in _entries(data, ("clocks",)):
        path: Path = ("clocks", n)
        fields = list(_both(data, (*path, "name"), "名称", "Name"))
        if isinstance(entry.get("for"), Mapping):
            for urgency, zh, en in zip(
                URGENCIES, ("低", "普通", "高", "紧急"), ("low", "normal", "high", "critical"),
                strict=True,
            ):  # fmt: skip
                fields.append(
                    _field(data, (*path, "for", urgency), f"多久（{zh}）", f"Length ({en})",
                           "length", english=english)
                )  # fmt: skip
        else:
            fields.append(_field(data, (*path, "for"), "多久", "Length", "length", english=english))
        fields += [
            _field(data, (*path, "calendar"), "日历", "Calendar", "choice", _calendars(data)),
            _field(data, (*path, "warn_share"), "用掉多少时提醒（0–1）", "Warn at share (0–1)",
                   "number"),
            _field(data, (*path, "when"), "条件", "Condition"),
            *_both(data, (*path, "because"), "为什么", "Why"),
            _field(data, (*path, "source"), "依据", "Source"),
        ]  # fmt: skip
        yield _group(data, path, english, tuple(fields), listed=True)


def _group(
    data: Mapping[str, Any], path: Path, english: bool, fields: tuple[FormField, ...],
    listed: bool = False,
) -> Group:  # fmt: skip
    entry = at(data=data, path=path)
    id = str(entry.get("id") or entry.get("code") or entry.get("role") or path[-1])
    why = english_or(data, (*path, "because"), id, english)
    return Group(path, english_or(data, (*path, "name"), why, english), id, fields, listed)


def _categories(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    departments = _codes(data, "departments")
    for n, _entry in _entries(data, ("categories",)):
        path: Path = ("categories", n)
        yield _group(
            data, path, english,
            (
                *_both(data, (*path, "name"), "名称", "Name"),
                _field(data, (*path, "department"), "责任部门", "Department", "choice",
                       departments),
                _field(data, (*path, "skill"), "需要的技能", "Skill"),
                _field(data, (*path, "remedies"), "可用的补救", "Remedies", "names",
                       _codes(data, "remedies", "id")),
                _field(data, (*path, "causes"), "可选的原因", "Causes", "names",
                       _codes(data, "causes")),
                _field(data, (*path, "steps"), "专用步骤（空则用通用的）", "Own steps", "names",
                       _codes(data, "steps", "id")),
            ),
        )  # fmt: skip


def _routing(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    departments = _codes(data, "departments")
    for n, _entry in _entries(data, ("routing",)):
        path: Path = ("routing", n)
        yield _group(
            data, path, english,
            (
                _field(data, (*path, "when"), "条件（空为兜底）", "Condition (none: default)"),
                _field(data, (*path, "then", "department"), "部门（空为类别的部门）",
                       "Department (none: the category's)", "choice", departments),
                _field(data, (*path, "then", "team"), "小组", "Team"),
                _field(data, (*path, "then", "level"), "级别", "Level", "choice",
                       ("member", "superior", "supervisor", "manager")),
                *_both(data, (*path, "because"), "为什么", "Why"),
                _field(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def _urgency(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, _entry in _entries(data, ("urgency",)):
        path: Path = ("urgency", n)
        yield _group(
            data, path, english,
            (
                _field(data, (*path, "when"), "条件（空为兜底）", "Condition (none: default)"),
                _field(data, (*path, "then", "urgency"), "紧急程度", "Urgency", "choice",
                       URGENCIES),
                *_both(data, (*path, "because"), "为什么", "Why"),
                _field(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def _steps(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, _entry in _entries(data, ("steps",)):
        path: Path = ("steps", n)
        yield _group(
            data, path, english,
            (
                *_both(data, (*path, "name"), "名称", "Name"),
                *_both(data, (*path, "help"), "怎么做", "How", "area"),
                _field(data, (*path, "role"), "谁来办", "Role", "choice", ROLES),
                _field(data, (*path, "after"), "前面的步骤", "After", "names",
                       _codes(data, "steps", "id")),
                _field(data, (*path, "join"), "汇合", "Join", "choice", ("all", "any")),
                _field(data, (*path, "when"), "条件", "Condition"),
                _field(data, (*path, "needs"), "要问清的事实", "Facts to ask for", "names"),
                _field(data, (*path, "done_when"), "这些事件发生就完成", "Done when", "names"),
                _field(data, (*path, "within"), "时限", "Within", "length", english=english),
                _field(data, (*path, "calendar"), "日历", "Calendar", "choice", _calendars(data)),
                _field(data, (*path, "script"), "话术", "Script", "choice",
                       _codes(data, "scripts", "id")),
                _field(data, (*path, "form"), "表单", "Form", "choice",
                       _codes(data, "forms", "id")),
                _field(data, (*path, "categories"), "只用于类别（空为全部）", "Only categories",
                       "names", CATEGORIES),
                _field(data, (*path, "branches"), "分支", "Branches", "names", BRANCHES),
                _field(data, (*path, "optional"), "非必办", "Optional", "yes_no"),
            ),
            listed=True,
        )  # fmt: skip


def _scripts(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    places: list[Path] = [("scripts",)]
    places += [("categories", n, "scripts") for n, _e in _entries(data, ("categories",))]
    for place in places:
        for n, _entry in _entries(data, place):
            path: Path = (*place, n)
            yield _group(
                data, path, english,
                (
                    *_both(data, (*path, "name"), "名称", "Name"),
                    *_both(data, (*path, "body"), "内容", "Text", "area"),
                ),
                listed=len(place) == 1,
            )  # fmt: skip


def _messages(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    messages = data.get("messages")
    for key in messages if isinstance(messages, Mapping) else ():
        path: Path = ("messages", key)
        yield Group(
            path, MESSAGE_NAMES.get(key, (key, key))[english], key,
            (
                *_both(data, (*path, "short"), "短消息", "Short", "area"),
                *_both(data, (*path, "long", "subject"), "邮件标题", "Mail subject"),
                *_both(data, (*path, "long", "body"), "邮件正文", "Mail text", "area"),
            ),
        )  # fmt: skip


MESSAGE_NAMES: dict[str, tuple[str, str]] = {
    "acknowledge": ("告知受理", "Received"),
    "offer": ("补偿方案", "Offer"),
    "joined": ("补充已收到", "More received"),
    "archived": ("已登记", "Recorded"),
    "ask": ("请客户补充", "Question"),
    "answer": ("答复", "Answer"),
    "survey": ("请评价", "Survey"),
    "survey_reminder": ("提醒评价", "Survey reminder"),
    "rehandling": ("重新处理", "Handled again"),
    "closed": ("已办结", "Closed"),
}


def _remedies(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, entry in _entries(data, ("authority",)):
        path: Path = ("authority", n)
        role = str(entry.get("role"))
        title = ROLE_WORDS.get(role, (role, role))[english]
        yield Group(
            path, f"{'Authority' if english else '审批权限'} · {title}", role,
            (
                _field(data, (*path, "per_case"), "每件（元，空为不限）",
                       "Per case (yuan, none: no limit)", "money"),
                _field(data, (*path, "per_day"), "每天（元，空为不限）",
                       "Per day (yuan, none: no limit)", "money"),
                _field(data, (*path, "per_customer"), "每位客户（元，空为不限）",
                       "Per customer (yuan, none: no limit)", "money"),
            ),
        )  # fmt: skip
    for n, entry in _entries(data, ("remedies",)):
        path = ("remedies", n)
        money = isinstance(entry.get("amount"), int)
        fields = [
            *_both(data, (*path, "name"), "名称", "Name"),
            _field(data, (*path, "kind"), "种类", "Kind", "choice", REMEDY_KINDS),
            _field(data, (*path, "amount"), "金额（元）" if money else "金额",
                   "Amount (yuan)" if money else "Amount", "money" if money else "text"),
            _field(data, (*path, "cap"), "上限（元）", "Cap (yuan)", "money"),
            _field(data, (*path, "when"), "条件", "Condition"),
        ]  # fmt: skip
        drawn = tuple(f for f in fields if f.there or f.path[-1] in {"when", "cap"})
        if entry.get("amount") is None:
            drawn = tuple(f for f in drawn if f.path[-1] != "cap")
        yield _group(data, path, english, drawn)
    yield Group(
        ("compensation",), "Compensation" if english else "赔偿条款", "compensation",
        tuple(
            f for f in (
                _field(data, ("compensation", "uninsured_cap", "amount"), "未保价限额（元）",
                       "Uninsured cap (yuan)", "money"),
                _field(data, ("compensation", "uninsured_cap", "retail"), "散客运费倍数",
                       "Multiple of the fee, retail", "number"),
                _field(data, ("compensation", "uninsured_cap", "monthly"), "月结运费倍数",
                       "Multiple of the fee, monthly", "number"),
                _field(data, ("compensation", "no_proof_multiple"), "没有价值证明时的运费倍数",
                       "Multiple of the fee without proof", "number"),
                _field(data, ("rehandling", "second_cap"), "重新处理时另外最多（元，空为不限）",
                       "Beyond what is owed when handled again (yuan)", "money"),
            ) if f.there
        ),
    )  # fmt: skip


_SECTIONS: dict[str, Callable[[Mapping[str, Any], bool], Iterator[Group]]] = {
    "clocks": _clocks,
    "categories": _categories,
    "routing": _routing,
    "urgency": _urgency,
    "steps": _steps,
    "scripts": _scripts,
    "messages": _messages,
    "remedies": _remedies,
}

SECTION_OF: dict[str, str] = {name: name for name in NAMES} | {
    "authority": "remedies", "compensation": "remedies",
}  # fmt: skip
"""Which form shows a part of the playbook."""
