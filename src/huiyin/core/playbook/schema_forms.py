"""Forms made from the schema itself: each key of a part in a field of its own kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Literal, get_args, get_origin

from huiyin.core.playbook.defaults import (
    default_at,
    item_of,
    keys_of,
    kind_at,
    kinds_of,
    members,
    part_of,
)
from huiyin.core.playbook.fields import (
    FormField,
    Group,
    Kind,
    at,
    both,
    calendars_of,
    codes_of,
    english_or,
    entries_at,
    field_at,
    ladder,
)
from huiyin.core.playbook.form_names import LONG, NAMES, OF_ONE
from huiyin.core.playbook.names import CATEGORIES
from huiyin.core.playbook.part import Escalation, Fen, Iso, Text
from huiyin.core.playbook.problem import Path

_ASIDE = frozenset({"examples", "from"})
"""Keys that are left to the text."""
_REFERENCES: dict[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "calendar": calendars_of,
    "category": lambda _data: CATEGORIES,
    "department": lambda data: codes_of(data, "departments"),
    "group": lambda data: codes_of(data, "cause_groups"),
    "of": lambda data: ("handler", "customer", *codes_of(data, "departments")),
    "paid_by": lambda data: codes_of(data, "departments"),
    "report_to": lambda data: codes_of(data, "departments"),
    "under": lambda data: codes_of(data, "causes"),
}
"""Key → the names that may stand there."""


def part_group(
    data: Mapping[str, Any], path: Path, english: bool, title: tuple[str, str] | None = None,
    note: str = "", listed: bool = False, only: tuple[str, ...] = (), add: str = "",
) -> Group:  # fmt: skip
    """Return the group of a part by its path; ``only`` keeps some of its keys."""
    entry = at(data=data, path=path)
    said = title[english] if title else _title(entry, str(path[-1]), english)
    code = note or str(_own(entry, "id") or _own(entry, "code") or path[-1])
    fields = tuple(fields_of(data, path, english, only=only))
    return Group(path, said, code, fields, listed, add)


def list_groups(
    data: Mapping[str, Any], path: Path, english: bool, before: tuple[str, str] | None = None,
    listed: bool = True,
) -> Iterator[Group]:  # fmt: skip
    """Yield a group for each entry of a list, and after each the lists that stand within it.

    ``before`` stands before each entry's own name; ``listed`` tells that entries may go.
    """
    for n, entry in entries_at(data, path):
        place: Path = (*path, n)
        said = _title(entry, f"{n + 1}", english)
        title = f"{before[english]} · {said}" if before else said
        model = part_of(kind_at(path=place))
        kinds = kinds_of(model) if model else {}
        inner = [k for k, kind in kinds.items() if k not in _ASIDE and _is_list(kind)]
        add = place_of((*place, inner[0])) if inner else ""
        yield part_group(data, place, english, (title, title), listed=listed, add=add)
        for key in inner:
            yield from list_groups(data, (*place, key), english, (title, title))


def fields_of(
    data: Mapping[str, Any], path: Path, english: bool, only: tuple[str, ...] = (),
    before: tuple[str, str] = ("", ""),
) -> Iterator[FormField]:  # fmt: skip
    """Yield the fields of a part; lists of parts are groups of their own and left out."""
    model = part_of(kind_at(path=path)) if path else None
    kinds = kinds_of(model) if model else {key: kind_at(path=(key,)) for key in only}
    for key, kind in kinds.items():
        if key in _ASIDE or (only and key not in only):
            continue
        own = OF_ONE.get(f"{model.__name__ if model else 'Playbook'}.{key}")
        zh, en = own or NAMES.get(key, (key, key))
        label = (f"{before[0]}{zh}", f"{before[1]}{en}")
        yield from _key(data, (*path, key), kind, label, english)


def place_of(path: Path) -> str:
    """Return a place as forms name it for adding."""
    return ".".join(str(step) for step in path)


def _key(
    data: Mapping[str, Any], path: Path, kind: Any, label: tuple[str, str], english: bool
) -> Iterator[FormField]:
    zh, en = label
    key = str(path[-1])
    part, item = part_of(kind), item_of(kind)
    if part is Text:
        yield from both(data, path, zh, en, "area" if key in LONG else "text")
    elif part is not None:
        before = ("", "") if key == "then" else (f"{zh}：", f"{en}: ")
        yield from fields_of(data, path, english, before=before)
    elif item is Escalation:
        yield from ladder(data, path, english)
    elif item is not None and keys_of(kind):
        for one in keys_of(kind):
            name = NAMES.get(one, (one, one))
            said = (f"{name[0]}：{zh}", f"{name[1]}: {en}")
            yield from _key(data, (*path, one), item, said, english)
    elif part_of(item) and not _is_list(kind):
        there = at(data=data, path=path) or default_at(data=data, path=path)
        for one in there if isinstance(there, Mapping) else ():
            name = NAMES.get(str(one), (str(one), str(one)))
            before = (f"{name[0]}：", f"{name[1]}: ")
            yield from fields_of(data, (*path, one), english, before=before)
    elif part_of(item) is None:
        plain = _plain(item if item is not None else kind, many=item is not None)
        choices = _REFERENCES[key](data) if key in _REFERENCES else _literals(item or kind)
        if plain == "text" and choices:
            plain = "choice"
        yield field_at(data, path, zh, en, plain, choices, english=english)


def _plain(kind: Any, *, many: bool) -> Kind:
    """Return in what kind of field a plain value is typed."""
    if many:
        return "names"
    allowed = list(members(kind))
    if Iso in allowed:
        return "length"
    if Fen in allowed:
        return "money"
    bare = {get_args(one)[0] if get_origin(one) is Annotated else one for one in allowed}
    if bool in bare:
        return "yes_no"
    if bare & {int, float}:
        return "number"
    return "text"


def _literals(kind: Any) -> tuple[str, ...]:
    return tuple(
        str(v) for one in members(kind) if get_origin(one) is Literal for v in get_args(one)
    )


def _is_list(kind: Any) -> bool:
    """Tell whether an annotation is a list of parts other than a ladder."""
    item = item_of(kind)
    part = part_of(item) if item is not None else None
    return part not in {None, Escalation} and get_origin(next(members(kind))) in {tuple, Annotated}


def _own(entry: Any, key: str) -> Any:
    return entry.get(key) if isinstance(entry, Mapping) else None


def _title(entry: Any, otherwise: str, english: bool) -> str:
    for key in ("name", "heading", "because"):
        if isinstance(entry, Mapping) and isinstance(entry.get(key), Mapping):
            return english_or(entry, (key,), otherwise, english)
    return str(_own(entry, "code") or otherwise)
