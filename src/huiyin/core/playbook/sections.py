"""A playbook as forms: what of its data stands in which field, and what a changed field means.

Forms are made of the plain data, not of the checked playbook, so that a draft can be mended in
them while it is not sound.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args

from huiyin.core.playbook import house_forms, office_forms
from huiyin.core.playbook.defaults import kind_at
from huiyin.core.playbook.drawing import ROLE_WORDS
from huiyin.core.playbook.edit import Edit
from huiyin.core.playbook.entries import placed
from huiyin.core.playbook.fields import (
    Group,
    at,
    both,
    calendars_of,
    codes_of,
    entries_at,
    field_at,
    group_at,
    ladder,
    value_of,
)
from huiyin.core.playbook.names import BRANCHES, CATEGORIES, EVENTS, REMEDY_KINDS, ROLES, URGENCIES
from huiyin.core.playbook.problem import Path

NAMES: dict[str, tuple[str, str]] = {
    "clocks": ("时限", "Clocks"),
    "categories": ("类别与部门", "Categories"),
    "routing": ("分派", "Routing"),
    "urgency": ("紧急程度", "Urgency"),
    "steps": ("步骤", "Steps"),
    "scripts": ("话术", "Scripts"),
    "messages": ("消息", "Messages"),
    "remedies": ("补救与权限", "Remedies and authority"),
    "departments": ("部门与协办", "Departments"),
    "calendars": ("日历", "Calendars"),
    "care": ("评价与回访", "Survey and aftercare"),
    "liability": ("定责与处罚", "Liability and fines"),
    "events": ("事件与核对", "Events and doubts"),
    "causes": ("原因树", "Cause tree"),
    "checklists": ("核对清单", "Checklists"),
    "forms": ("表单", "Forms"),
    "letter": ("答复函", "Formal letter"),
    "conduct": ("服务态度", "Service attitude"),
    "watching": ("主动关怀与来件量", "Care and volume"),
    "company": ("公司与客户页面", "Company and customer's page"),
}
"""The sections that are edited as forms."""


def section(*, data: Mapping[str, Any], name: str, english: bool = False) -> tuple[Group, ...]:
    """Return the groups of a section. Raises KeyError for an unknown one."""
    return tuple(_SECTIONS[name](data, english))


def changes(
    *, groups: tuple[Group, ...], given: Mapping[str, str], data: Mapping[str, Any]
) -> list[Edit]:
    """Return what was changed in a form; a field that was not given stays as it is.

    Raises ValueError (zh, en) where a number is none.
    """
    edits: list[Edit] = []
    gone: list[Path] = []
    now = copy.deepcopy(dict(data))
    for group in groups:
        for field in group.fields:
            text = given.get(field.name)
            if text is None or text.replace("\r\n", "\n") == field.shown:
                continue
            value = value_of(field, text.replace("\r\n", "\n"))
            if value is not None or (field.kind == "money" and _may_be_null(field.path)):
                edits.append(placed(path=field.path, value=value, now=now))
            elif field.there:
                gone.append(field.path)
    # From the last to the first: what is taken out of a list moves what comes after it.
    return edits + [_drop(path, now) for path in reversed(gone)]


def _may_be_null(path: Path) -> bool:
    return type(None) in get_args(kind_at(path=path))


def _drop(path: Path, now: dict[str, Any]) -> Edit:
    """Take a key away, with the mapping around it where nothing else is in it."""
    while len(path) > 2 and len(at(data=now, path=path[:-1])) == 1:
        path = path[:-1]
    del at(data=now, path=path[:-1])[path[-1]]
    return Edit("drop", path)


def _clocks(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, entry in entries_at(data, ("clocks",)):
        path: Path = ("clocks", n)
        fields = list(both(data, (*path, "name"), "名称", "Name"))
        if isinstance(entry.get("for"), Mapping):
            for urgency, zh, en in zip(
                URGENCIES, ("低", "普通", "高", "紧急"), ("low", "normal", "high", "critical"),
                strict=True,
            ):  # fmt: skip
                fields.append(
                    field_at(data, (*path, "for", urgency), f"多久（{zh}）", f"Length ({en})",
                           "length", english=english)
                )  # fmt: skip
        else:
            fields.append(
                field_at(data, (*path, "for"), "多久", "Length", "length", english=english)
            )
        fields += [
            field_at(data, (*path, "calendar"), "日历", "Calendar", "choice", calendars_of(data)),
            field_at(data, (*path, "warn_share"), "用掉多少时提醒（0–1）", "Warn at share (0–1)",
                   "number"),
            field_at(data, (*path, "when"), "条件", "Condition"),
            *(
                field_at(data, (*path, key), zh, en, "names", tuple(sorted(EVENTS)))
                for key, zh, en in _TURNS
            ),
            field_at(data, (*path, "legal"), "法定时限（不暂停）", "Legal, never paused",
                   "yes_no"),
            *ladder(data, (*path, "escalate"), english),
            *both(data, (*path, "because"), "为什么", "Why"),
            field_at(data, (*path, "source"), "依据", "Source"),
        ]  # fmt: skip
        yield group_at(data, path, english, tuple(fields), listed=True)


_TURNS: tuple[tuple[str, str, str], ...] = (
    ("starts_on", "从哪些事件起算", "Starts on"), ("stops_on", "到哪些事件为止", "Stops on"),
    ("pauses_on", "哪些事件暂停", "Pauses on"), ("resumes_on", "哪些事件继续", "Resumes on"),
)  # fmt: skip


def _categories(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    departments = codes_of(data, "departments")
    for n, _entry in entries_at(data, ("categories",)):
        path: Path = ("categories", n)
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "名称", "Name"),
                field_at(data, (*path, "department"), "责任部门", "Department", "choice",
                       departments),
                field_at(data, (*path, "skill"), "需要的技能", "Skill"),
                field_at(data, (*path, "remedies"), "可用的补救", "Remedies", "names",
                       codes_of(data, "remedies", "id")),
                field_at(data, (*path, "causes"), "可选的原因", "Causes", "names",
                       codes_of(data, "causes")),
                field_at(data, (*path, "steps"), "专用步骤（空则用通用的）", "Own steps", "names",
                       codes_of(data, "steps", "id")),
            ),
        )  # fmt: skip


def _routing(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    departments = codes_of(data, "departments")
    for n, _entry in entries_at(data, ("routing",)):
        path: Path = ("routing", n)
        yield group_at(
            data, path, english,
            (
                field_at(data, (*path, "when"), "条件（空为兜底）", "Condition (none: default)"),
                field_at(data, (*path, "then", "department"), "部门（空为类别的部门）",
                       "Department (none: the category's)", "choice", departments),
                field_at(data, (*path, "then", "team"), "小组", "Team"),
                field_at(data, (*path, "then", "level"), "级别", "Level", "choice",
                       ("member", "superior", "supervisor", "manager")),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def _urgency(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, _entry in entries_at(data, ("urgency",)):
        path: Path = ("urgency", n)
        yield group_at(
            data, path, english,
            (
                field_at(data, (*path, "when"), "条件（空为兜底）", "Condition (none: default)"),
                field_at(data, (*path, "then", "urgency"), "紧急程度", "Urgency", "choice",
                       URGENCIES),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def _steps(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    for n, _entry in entries_at(data, ("steps",)):
        path: Path = ("steps", n)
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "名称", "Name"),
                *both(data, (*path, "help"), "怎么做", "How", "area"),
                field_at(data, (*path, "role"), "谁来办", "Role", "choice", ROLES),
                field_at(data, (*path, "after"), "前面的步骤", "After", "names",
                       codes_of(data, "steps", "id")),
                field_at(data, (*path, "join"), "汇合", "Join", "choice", ("all", "any")),
                field_at(data, (*path, "when"), "条件", "Condition"),
                field_at(data, (*path, "needs"), "要问清的事实", "Facts to ask for", "names"),
                field_at(data, (*path, "done_when"), "这些事件发生就完成", "Done when", "names"),
                field_at(data, (*path, "within"), "时限", "Within", "length", english=english),
                field_at(data, (*path, "calendar"), "日历", "Calendar", "choice",
                         calendars_of(data)),
                *ladder(data, (*path, "escalate"), english),
                field_at(data, (*path, "script"), "话术", "Script", "choice",
                       codes_of(data, "scripts", "id")),
                field_at(data, (*path, "form"), "表单", "Form", "choice",
                       codes_of(data, "forms", "id")),
                field_at(data, (*path, "categories"), "只用于类别（空为全部）", "Only categories",
                       "names", CATEGORIES),
                field_at(data, (*path, "branches"), "分支", "Branches", "names", BRANCHES),
                field_at(data, (*path, "optional"), "非必办", "Optional", "yes_no"),
                field_at(data, (*path, "automatic", "do"), "到这一步自动做什么（空为不自动）",
                         "Does by itself (none: nothing)", "choice",
                         ("look_up_track", "send", "request")),
                field_at(data, (*path, "automatic", "script"), "自动发送的话术",
                         "Script it sends", "choice", codes_of(data, "scripts", "id")),
                field_at(data, (*path, "automatic", "department"), "自动请哪个部门",
                         "Department it asks", "choice", codes_of(data, "departments")),
                *both(data, (*path, "automatic", "question"), "自动问什么", "What it asks"),
            ),
            listed=True,
        )  # fmt: skip


def _scripts(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    places: list[Path] = [("scripts",)]
    places += [("categories", n, "scripts") for n, _e in entries_at(data, ("categories",))]
    for place in places:
        for n, _entry in entries_at(data, place):
            path: Path = (*place, n)
            yield group_at(
                data, path, english,
                (
                    *both(data, (*path, "name"), "名称", "Name"),
                    *both(data, (*path, "body"), "内容", "Text", "area"),
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
                *both(data, (*path, "short"), "短消息", "Short", "area"),
                *both(data, (*path, "long", "subject"), "邮件标题", "Mail subject"),
                *both(data, (*path, "long", "body"), "邮件正文", "Mail text", "area"),
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
    for n, entry in entries_at(data, ("authority",)):
        path: Path = ("authority", n)
        role = str(entry.get("role"))
        title = ROLE_WORDS.get(role, (role, role))[english]
        yield Group(
            path, f"{'Authority' if english else '审批权限'} · {title}", role,
            (
                field_at(data, (*path, "per_case"), "每件（元，空为不限）",
                       "Per case (yuan, none: no limit)", "money"),
                field_at(data, (*path, "per_day"), "每天（元，空为不限）",
                       "Per day (yuan, none: no limit)", "money"),
                field_at(data, (*path, "per_customer"), "每位客户（元，空为不限）",
                       "Per customer (yuan, none: no limit)", "money"),
            ),
        )  # fmt: skip
    for n, entry in entries_at(data, ("remedies",)):
        path = ("remedies", n)
        money = isinstance(entry.get("amount"), int)
        fields = [
            *both(data, (*path, "name"), "名称", "Name"),
            field_at(data, (*path, "kind"), "种类", "Kind", "choice", REMEDY_KINDS),
            field_at(data, (*path, "amount"), "金额（元）" if money else "金额",
                   "Amount (yuan)" if money else "Amount", "money" if money else "text"),
            field_at(data, (*path, "cap"), "上限（元）", "Cap (yuan)", "money"),
            field_at(data, (*path, "when"), "条件", "Condition"),
        ]  # fmt: skip
        drawn = tuple(f for f in fields if f.there or f.path[-1] in {"when", "cap"})
        if entry.get("amount") is None:
            drawn = tuple(f for f in drawn if f.path[-1] != "cap")
        yield group_at(data, path, english, drawn)
    yield from house_forms.compensation(data, english)


def _care(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    yield from office_forms.care(data, english)
    yield from house_forms.missed(data, english)


_SECTIONS: dict[str, Callable[[Mapping[str, Any], bool], Iterator[Group]]] = {
    "clocks": _clocks,
    "categories": _categories,
    "routing": _routing,
    "urgency": _urgency,
    "steps": _steps,
    "scripts": _scripts,
    "messages": _messages,
    "remedies": _remedies,
    "departments": office_forms.departments,
    "calendars": office_forms.calendars,
    "care": _care,
    "liability": office_forms.liability,
    "events": office_forms.events,
    "causes": house_forms.causes,
    "checklists": house_forms.checklists,
    "forms": house_forms.forms,
    "letter": house_forms.letter,
    "conduct": house_forms.conduct,
    "watching": house_forms.watching,
    "company": house_forms.company,
}

SECTION_OF: dict[str, str] = {name: name for name in NAMES} | {
    "authority": "remedies", "compensation": "remedies", "settlement": "remedies",
    "rehandling": "remedies", "survey": "care", "promises": "care", "aftercare": "care",
    "incidents": "events", "doubts": "events", "cause_groups": "causes",
    "checklist": "checklists", "proactive": "watching", "volume": "watching",
    "name": "company", "about": "company", "hotline": "company",
    "portal": "company", "branches": "company", "alerts": "company",
}  # fmt: skip
"""Which form shows a part of the playbook."""
