"""New entries on a playbook's forms: where they may be added, and what an empty one says."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from typing import Any

from huiyin.core.playbook.defaults import default_at, needed
from huiyin.core.playbook.edit import CannotEdit, Edit
from huiyin.core.playbook.fields import at
from huiyin.core.playbook.problem import Path, dotted

ADDABLE: dict[str, tuple[str, ...]] = {
    "clocks": ("clocks",), "routing": ("routing",), "urgency": ("urgency",), "steps": ("steps",),
    "scripts": ("scripts",), "calendars": ("calendars",), "care": ("aftercare.calls",),
    "liability": ("liability.rules", "liability.fines"), "causes": ("causes",),
    "remedies": ("compensation.carriers",), "checklists": ("checklist",), "forms": ("forms",),
    "letter": ("letter.parts",), "conduct": ("conduct.measures",), "company": ("alerts",),
    "watching": ("proactive.rules",),
}  # fmt: skip
"""section → places to which an entry can be added."""
PLACE_NAMES: dict[str, tuple[str, str]] = {
    "aftercare.calls": ("加一种回访", "Add a call-back"),
    "alerts": ("加一条提醒", "Add an alert"),
    "causes": ("加一个原因", "Add a cause"),
    "checklist": ("加一项各类通用的", "Add an item for every complaint"),
    "compensation.carriers": ("加一家承运商的条款", "Add a carrier's terms"),
    "conduct.measures": ("加一种处理", "Add a measure"),
    "forms": ("加一张表单", "Add a form"),
    "letter.parts": ("加一段", "Add a part"),
    "liability.fines": ("加一条处罚", "Add a fine"),
    "liability.rules": ("加一条分担规则", "Add a rule of liability"),
    "proactive.rules": ("加一条立案规则", "Add a rule"),
}
ORDERED = frozenset({"routing", "urgency", "liability.rules"})
"""Lists whose last rule is the default: what is added goes before it."""


def added(*, data: Mapping[str, Any], name: str) -> list[Edit]:
    """Return the edits that add an empty entry at a place, before the default of an ordered list.

    ``name`` is one of the places of ADDABLE, or the ``add`` of a group. Raises CannotEdit.
    """
    path: Path = tuple(int(s) if s.isdecimal() else s for s in name.split("."))
    there = at(data=data, path=path)
    if isinstance(there, Mapping) or name == "calendars":
        taken = {str(key) for key in there or ()}
    else:
        entries = [e for e in there or () if isinstance(e, Mapping)]
        taken = {str(e.get(key)) for e in entries for key in ("id", "code")}
    id = next(f"new_{n}" for n in range(1, 10_000) if f"new_{n}" not in taken)
    department = str(at(data=data, path=("departments", 0, "code")) or "service")
    entry = _empty(".".join(s for s in path if isinstance(s, str)), id, department)
    if name == "calendars":
        return [placed(path=(*path, id), value=entry, now=copy.deepcopy(dict(data)))]
    if there is None:
        return [placed(path=path, value=[entry], now=copy.deepcopy(dict(data)))]
    edits = [Edit("add", path, entry)]
    if name in ORDERED and there:
        edits.append(Edit("up", (*path, len(there))))
    return edits


def placed(*, path: Path, value: Any, now: dict[str, Any]) -> Edit:
    """Put a value into ``now`` and return the edit that does so in the text.

    Where what stands around it is not written yet, it is written with what holds by default.
    Raises CannotEdit where something else stands there.
    """
    while len(path) > 1 and at(data=now, path=path[:-1]) is None:
        around = path[:-1]
        whole = needed(path=around, default=default_at(data=now, path=around))
        value, path = _with(whole, path[-1], value), around
    parent: Any = at(data=now, path=path[:-1])
    last: Any = path[-1]
    if isinstance(parent, list) and last == len(parent):
        parent.append(copy.deepcopy(value))
        return Edit("add", path[:-1], value)
    if not isinstance(parent, dict | list):
        place = dotted(path=path[:-1])
        raise CannotEdit(
            zh=f"“{place}”的写法不对，请先在 YAML 里改好",
            en=f"{place} is written wrongly: mend it in the YAML first",
        )
    parent[last] = copy.deepcopy(value)
    return Edit("set", path, value)


def _with(whole: Any, step: str | int, value: Any) -> Any:
    """Return what stands around a value, with the value in its place."""
    if isinstance(step, int):
        entries = list(whole) if isinstance(whole, list) else []
        return [*entries[:step], value, *entries[step + 1 :]]
    return {**(whole if isinstance(whole, dict) else {}), step: value}


def _empty(name: str, id: str, department: str) -> dict[str, Any]:
    """Return what a fresh entry of a place holds: sound, but for its words."""
    words = {"zh": "（请填写）", "en": "(to be written)"}
    why = {"because": words, "source": "公司设定"}
    other = "category == 'other'"
    entries: dict[str, dict[str, Any]] = {
        "clocks": {
            "id": id, "name": words, "calendar": "cn-office", "for": "PT4H",
            "when": "branch == 'complaint'", "stops_on": ["ComplaintResolved"], **why,
        },
        "routing": {"id": id, "when": other, "then": {"department": department}, **why},
        "urgency": {"id": id, "when": other, "then": {"urgency": "normal"}, **why},
        "steps": {"id": id, "name": words, "help": words, "role": "handler"},
        "scripts": {"id": id, "name": words, "body": words},
        "calendars": {
            "name": words, "days": [1, 2, 3, 4, 5], "hours": [["09:00", "18:00"]],
            "holidays": "china",
        },
        "aftercare.calls": {
            "id": id, "name": words, "on": "resolved", "when": other, "within": "PT24H", **why,
        },
        "liability.rules": {
            "id": id, "when": "cause == 'unclear'",
            "then": {"shares": {"headquarters": 10_000}}, **why,
        },
        "liability.fines": {
            "id": id, "name": words, "when": "cause == 'courier_rude'", "on": ["outlet"],
            "least": 100, "most": 10_000, **why,
        },
        "causes": {"code": id, "name": words, "group": "other"},
        "compensation.carriers": {"code": id, "uninsured_cap": {"kind": "none"}, **why},
        "checklist": {"id": id, "name": words, "required": False},
        "categories.checklist": {"id": id, "name": words, "required": False},
        "forms": {"id": id, "name": words, "fields": [{"id": "answer", "name": words}]},
        "forms.fields": {"id": id, "name": words},
        "forms.fields.choices": {"code": id, "name": words},
        "letter.parts": {"body": words},
        "conduct.measures": {"code": id, "name": words, "kind": "notice"},
        "alerts": {"id": id, "name": words, "when": "breached_today >= 5", "to": "manager"},
        "proactive.rules": {
            "id": id, "when": "track_state == 'problem'",
            "then": {"category": "tracking", "words": words}, **why,
        },
    }  # fmt: skip
    return entries[name]
