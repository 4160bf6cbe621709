"""Pages of the playbook: its drawing, its forms, the problems of a draft, two versions compared."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from huiyin.core.playbook import Problem
from huiyin.core.playbook import sections as forms
from huiyin.core.playbook.compare import Change, Line, compare, side_by_side
from huiyin.core.playbook.drawing import ROLE_WORDS, Drawing, draw, procedures, svg
from huiyin.core.playbook.fields import FormField, english_or, entries_at
from huiyin.core.playbook.problem import dotted
from huiyin.core.playbook.source import CannotReadYaml
from huiyin.store.read import drafts, labels, office
from huiyin.store.read.checking import checked, data_of


@dataclass(frozen=True, slots=True)
class ProblemView:
    """One problem of a draft in the language of the page; ``section`` is the form that shows it."""

    line: int
    column: int
    path: str
    what: str
    remedy: str
    section: str


@dataclass(frozen=True, slots=True)
class FlowView:
    """One procedure drawn, with the categories that go this way and the same in sentences."""

    id: str
    label: str
    categories: tuple[str, ...]
    svg: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of a form; ``problem`` says what is wrong with it."""

    name: str
    label: str
    kind: str
    shown: str
    choices: tuple[tuple[str, str], ...]
    """(code, label)."""
    problem: str = ""
    default: bool = False
    """True where nothing is written and what is shown holds by default."""


@dataclass(frozen=True, slots=True)
class GroupView:
    """One entry of a form; ``key`` names it for moving and deleting."""

    key: str
    title: str
    note: str
    fields: tuple[FieldView, ...]
    listed: bool
    first: bool
    problems: int
    problem: str = ""
    add: str = ""


def problems_of(*, text: str) -> tuple[ProblemView, ...]:
    """Return what is wrong with a draft's text, in line order."""
    _playbook, problems = checked(text)
    english = labels.english()
    return tuple(_problem(p, english) for p in problems)


def _problem(problem: Problem, english: bool) -> ProblemView:
    part = problem.path.split(".")[0].split("[")[0]
    return ProblemView(
        line=problem.line,
        column=problem.column,
        path=problem.path,
        what=problem.en if english else problem.zh,
        remedy=problem.remedy_en if english else problem.remedy_zh,
        section=forms.SECTION_OF.get(part, "yaml"),
    )


def form(*, text: str, name: str) -> tuple[GroupView, ...] | None:
    """Return a section as groups of fields, None where the text cannot be read as YAML.

    Raises KeyError for an unknown section.
    """
    try:
        data = data_of(text)
    except CannotReadYaml:
        return None
    english = labels.english()
    names = _names(data, english)
    found = {p.path: f"{p.what}；{p.remedy}" for p in problems_of(text=text)}
    out = []
    groups = forms.section(data=data, name=name, english=english)
    told = {dotted(path=f.path) for group in groups for f in group.fields}
    for f in (f for group in groups for f in group.fields if f.kind == "money"):
        if (place := dotted(path=f.path)) in found and not f.shown.replace(".", "").isdecimal():
            found[place] = _YUAN[english] % {"shown": f.shown}
    for group in groups:
        here = dotted(path=group.path)
        own = {dotted(path=f.path) for f in group.fields}
        within = [
            p for p in found if p in own or p == here or p.startswith((f"{here}.", f"{here}["))
        ]
        fields = tuple(
            FieldView(
                name=f.name,
                label=f.en if english else f.zh,
                kind=f.kind,
                shown=f.shown,
                choices=tuple((c, _choice(names, f, c)) for c in _choices(f)),
                problem=found.get(dotted(path=f.path), ""),
                default=bool(f.shown) and not f.there,
            )
            for f in group.fields
        )
        out.append(
            GroupView(
                key="/".join(str(s) for s in group.path),
                title=group.title,
                note=group.note,
                fields=fields,
                listed=group.listed,
                first=not group.path or group.path[-1] == 0 or isinstance(group.path[-1], str),
                problems=len(within),
                problem="；".join(found[p] for p in within if p not in told),
                add=group.add,
            )
        )
    return tuple(out)


_YUAN = (
    "“%(shown)s”不是金额；写数字，以元为单位", "“%(shown)s” is no amount; write a number of yuan",
)  # fmt: skip
"""Said in a form, where money is typed in yuan; the text has it in 分."""


def _choice(names: dict[str, str], field: FormField, code: str) -> str:
    """Return the name of what may be chosen: for this key alone, or for any."""
    return names.get(f"{field.path[-1]}:{code}") or names.get(code, code)


_WORDS: dict[str, tuple[str, str]] = {
    **{role: (words[0], words[1]) for role, words in ROLE_WORDS.items()},
    **labels.URGENCY_NAMES,
    "always": ("全天候", "always"),
    "cn-office": ("办公时间", "office hours"),
    "all": ("以上全部完成", "after all of them"),
    "any": ("任一完成即可", "after any of them"),
    "member": ("部门成员", "member"),
    "superior": ("当事人的上级", "the superior"),
    "look_up_track": ("查询轨迹", "look up the track"),
    "send": ("把话术发给客户", "send a script to the customer"),
    "request": ("请部门协办", "ask a department"),
    "china": ("按中国节假日和调休", "holidays of China with make-up days"),
    "none": ("不管节假日", "no holidays"),
    "proposed": ("按建议比例", "as the rule proposes"),
    "silent_bears": ("沉默一方承担有异议的部分", "the silent bear what others contest"),
    "overturned": ("撤销处罚", "the fine falls"),
    "sustained": ("维持处罚", "the fine stands"),
    "resolved": ("答复之后", "after the answer"),
    "silent": ("评价到期没有回音", "survey unanswered"),
    "last_level": ("最高一级仍不满意", "not satisfied at the highest rank"),
    "promise_broken": ("承诺没有兑现", "a promise was broken"),
    "kind:multiple": ("运费的倍数", "a multiple of the fee"),
    "kind:fixed": ("固定金额", "a fixed amount"),
    "kind:none": ("没有上限", "no cap"),
    "kind:sanction": ("处分", "sanction"),
    "kind:notice": ("告知", "notice"),
    "kind:text": ("文字", "text"),
    "kind:number": ("数字", "number"),
    "kind:money": ("金额", "money"),
    "kind:date": ("日期", "date"),
    "kind:yes_no": ("是或否", "yes or no"),
    "kind:choice": ("选一项", "a choice"),
    "needs:remedies": ("补救", "remedies"),
    "needs:bases": ("法律依据", "legal bases"),
    "needs:verdict": ("核查结论", "verdict"),
    "needs:waybill": ("运单号", "waybill"),
}


def _names(data: dict[str, Any], english: bool) -> dict[str, str]:
    """Return the names of what a form offers to choose: roles, departments, scripts, forms."""
    out = {code: words[english] for code, words in _WORDS.items()}
    entries = [e for part in ("departments", "scripts", "forms") for e in data.get(part) or ()]
    for key, part in (("group", "cause_groups"), ("under", "causes"), ("category", "categories")):
        for _n, entry in entries_at(data, (part,)):
            code = str(entry.get("code"))
            out[f"{key}:{code}"] = english_or(entry, ("name",), code, english)
    calendars = data.get("calendars")
    entries += [
        {"id": code, **calendar}
        for code, calendar in (calendars if isinstance(calendars, dict) else {}).items()
        if isinstance(calendar, dict)
    ]
    for entry in entries:
        if isinstance(entry, dict):
            code = str(entry.get("code") or entry.get("id"))
            out[code] = english_or(entry, ("name",), code, english)
    return out


def _choices(field: FormField) -> tuple[str, ...]:
    """Return what may be chosen; what stands there now is among it even where it is wrong."""
    known = not field.shown or field.shown in field.choices or field.kind != "choice"
    return field.choices if known else (field.shown, *field.choices)


def flows(*, version_id: str) -> tuple[FlowView, ...]:
    """Return every procedure of a version that differs, drawn."""
    return _flows(version_id, labels.english())


@lru_cache(maxsize=32)
def _flows(version_id: str, english: bool) -> tuple[FlowView, ...]:
    playbook = office.playbook(version_id=version_id)
    out = []
    for n, (category, branch, same) in enumerate(procedures(playbook=playbook)):
        drawing: Drawing = draw(
            playbook=playbook, category=category, branch=branch, english=english
        )
        code = branch if branch == "complaint" else "archive"
        every = len(same) == len(playbook.categories)
        names = tuple(labels.category(playbook, c) for c in same)
        label = labels.said(playbook.branch(code=branch).name)
        if branch != "complaint":
            label = " / ".join(labels.said(b.name) for b in playbook.branches if b.archive)
        out.append(
            FlowView(
                id=f"flow-{code}-{n}",
                label=label,
                categories=() if every else names,
                svg=svg(drawing=drawing, id=f"flow{n}-{code}"),
                words=drawing.words,
            )
        )
    return tuple(out)


@dataclass(frozen=True, slots=True)
class Side:
    """One side of a comparison."""

    key: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class ComparePage:
    """Two versions or drafts beside each other."""

    before: Side
    after: Side
    changes: tuple[Change, ...]
    lines: tuple[Line, ...]
    sides: tuple[Side, ...]
    """What may be chosen on either side."""


def side(*, key: str) -> Side:
    """Return a side by its key: a version's id, or ``draft:ID``. Raises CannotFindDraft."""
    if key.startswith("draft:"):
        try:
            id = UUID(key[6:])
        except ValueError as error:
            raise drafts.CannotFindDraft(key) from error
        return Side(key, drafts.title(id=id), drafts.text(id=id))
    text = drafts.text_of_version(version_id=key)
    return Side(key, office.playbook(version_id=key).version, text)


def compare_page(*, before: str, after: str, keys: tuple[tuple[str, str], ...]) -> ComparePage:
    """Return the comparison of two sides by their keys. Raises CannotFindDraft."""
    one, other = side(key=before), side(key=after)
    return ComparePage(
        before=one,
        after=other,
        changes=changes_of(before=one.text, after=other.text),
        lines=side_by_side(before=one.text, after=other.text),
        sides=tuple(Side(key, label, "") for key, label in keys),
    )


def changes_of(*, before: str, after: str) -> tuple[Change, ...]:
    """Return what differs between two texts by name; nothing where one cannot be read."""
    try:
        old, new = data_of(before), data_of(after)
    except CannotReadYaml:
        return ()
    return compare(before=old, after=new, english=labels.english())
