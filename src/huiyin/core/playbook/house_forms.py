"""Which parts of a playbook stand in the forms that are made from the schema."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huiyin.core.playbook.fields import Group, english_or, entries_at
from huiyin.core.playbook.problem import Path
from huiyin.core.playbook.schema_forms import fields_of, list_groups, part_group, place_of

_STAGES = ("filed", "waiting", "investigating", "asked", "answered", "rehandling", "closed")


def company(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the company's name, the ways at reception and what the customer's page says."""
    about = tuple(fields_of(data, (), english, only=("name", "about", "company", "hotline")))
    yield Group((), "Company" if english else "公司", "company", about)
    greeting = fields_of(data, ("portal",), english, only=("greeting",))
    yield Group(
        ("portal",), "Customer's page" if english else "客户页面", "portal", tuple(greeting)
    )
    for stage in _STAGES:
        yield part_group(data, ("portal", stage), english, _STAGE_TITLES[stage])
    yield from list_groups(data, ("branches",), english, ("受理", "Reception"), listed=False)
    yield from list_groups(data, ("alerts",), english, ("提醒", "Alert"))


_STAGE_TITLES: dict[str, tuple[str, str]] = {
    "filed": ("客户页面 · 已收到", "Customer's page · received"),
    "waiting": ("客户页面 · 等待受理", "Customer's page · waiting"),
    "investigating": ("客户页面 · 核查中", "Customer's page · investigated"),
    "asked": ("客户页面 · 请客户补充", "Customer's page · asked"),
    "answered": ("客户页面 · 已答复", "Customer's page · answered"),
    "rehandling": ("客户页面 · 重新处理", "Customer's page · handled again"),
    "closed": ("客户页面 · 已办结", "Customer's page · closed"),
}


def causes(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the cause tree: its branches, and the causes with what each stands under."""
    yield from list_groups(data, ("cause_groups",), english, ("分支", "Branch"), listed=False)
    names = {
        str(e.get("code")): english_or(e, ("name",), "", english)
        for part in ("cause_groups", "causes")
        for _n, e in entries_at(data, (part,))
    }
    for n, entry in entries_at(data, ("causes",)):
        above = [names.get(str(entry.get(k)), "") for k in ("group", "under") if entry.get(k)]
        title = " › ".join([*above, english_or(entry, ("name",), "", english)])
        path: Path = ("causes", n)
        yield part_group(data, path, english, (title, title), listed=True)


def checklists(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield what is to be found out: for every complaint, and for each category."""
    yield from list_groups(data, ("checklist",), english, ("各类通用", "Every complaint"))
    for n, entry in entries_at(data, ("categories",)):
        name = english_or(entry, ("name",), str(entry.get("code")), english)
        path: Path = ("categories", n, "checklist")
        yield Group(path, name, str(entry.get("code")), (), add=place_of(path))
        yield from list_groups(data, path, english, (name, name))


def forms(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the forms that steps fill in, with their fields and what may be chosen."""
    yield from list_groups(data, ("forms",), english)


def letter(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the formal letter of reply and its parts."""
    yield part_group(data, ("letter",), english, ("答复函", "Formal letter"))
    yield from list_groups(data, ("letter", "parts"), english, ("段落", "Part"))


def conduct(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield how a file on service attitude runs, and the measures."""
    yield part_group(data, ("conduct",), english, ("时限和报告", "Limits and report"))
    yield from list_groups(data, ("conduct", "measures"), english, ("处理", "Measure"))


def watching(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield care before the customer complains, and how many contacts are usual."""
    yield part_group(data, ("proactive",), english, ("主动关怀", "Care before a complaint"))
    yield from list_groups(data, ("proactive", "rules"), english, ("立案规则", "Rule"))
    yield part_group(data, ("volume",), english, ("来件量", "Volume of contacts"))


def compensation(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the terms of compensation, those of single carriers, and how a remedy is offered."""
    yield part_group(data, ("compensation",), english, ("赔偿条款", "Compensation"))
    carriers: Path = ("compensation", "carriers")
    for n, entry in entries_at(data, carriers):
        title = f"{'Carrier' if english else '承运商'} · {entry.get('code')}"
        yield part_group(data, (*carriers, n), english, (title, title), listed=True)
    yield part_group(data, ("settlement",), english, ("方案和付款", "Offers and payment"))
    yield part_group(data, ("rehandling",), english, ("重新处理", "Handling again"))


def missed(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield by when calls that nobody took are called back."""
    yield part_group(data, ("aftercare", "missed"), english, ("未接来电", "Missed calls"))
