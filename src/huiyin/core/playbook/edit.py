"""Changes a playbook's text in single places: comments, order and layout of the rest stay.

A change names its place by path. After each one the text is read again and must say exactly what
was asked for; where it does not, the change is refused and the text is to be edited by hand.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import yaml

from huiyin.core.playbook.problem import Path, dotted
from huiyin.core.playbook.source import CannotReadYaml, read_document

_PLAIN = re.compile(r"[A-Za-z_\u4e00-\u9fff][\w\u4e00-\u9fff]*(?:[ -][\w\u4e00-\u9fff]+)*")
_ODD = re.compile(
    "[^\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML does not print, or takes for the end of a line."""
_WORDS = frozenset({"true", "false", "null", "~"})
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class CannotEdit(ValueError):
    """The change cannot be made in this text; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Edit:
    """One change at a path.

    ``set`` gives a value (a missing key is added), ``drop`` takes a key or an item away, ``add``
    puts an item at the end of a list, ``up`` moves an item before the one above it.
    """

    do: Literal["set", "drop", "add", "up"]
    path: Path
    value: Any = None


def apply(*, text: str, edits: Sequence[Edit]) -> str:
    """Return the text with all changes made, in order.

    Raises CannotEdit, CannotReadYaml.
    """
    if not edits:
        return text
    before = read_document(text=text).data
    for edit in edits:
        wanted = _changed(before, edit)
        if wanted == before and edit.do == "set":
            continue
        text = _apply(text, edit)
        try:
            after = read_document(text=text).data
        except CannotReadYaml as error:
            raise _refused(edit) from error
        if after != wanted:
            raise _refused(edit)
        before = after
    return text


def _refused(edit: Edit) -> CannotEdit:
    place = dotted(path=edit.path)
    return CannotEdit(
        zh=f"“{place}”在文本里的写法不能用表单改，请在 YAML 里改",
        en=f"{place} is written in a way that the form cannot change: edit the YAML",
    )


def _changed(data: Any, edit: Edit) -> Any:
    """Return the data as they must be after the change."""
    data = copy.deepcopy(data)
    try:
        if edit.do == "add":
            _at(data, edit.path).append(edit.value)
            return data
        parent, last = _at(data, edit.path[:-1]), edit.path[-1]
        if edit.do == "set":
            parent[last] = edit.value
        elif edit.do == "drop":
            del parent[last]
        elif isinstance(last, int) and last > 0:
            parent[last - 1], parent[last] = parent[last], parent[last - 1]
        else:
            raise IndexError(last)
    except (KeyError, IndexError, TypeError, AttributeError) as error:
        raise CannotEdit(
            zh=f"没有这一处：{dotted(path=edit.path)}",
            en=f"there is no such place: {dotted(path=edit.path)}",
        ) from error
    return data


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _apply(text: str, edit: Edit) -> str:
    root: Any = yaml.compose(text, Loader=_FAST)
    if edit.do == "add":
        return _add(text, _node(root, edit.path), edit.value)
    parent, last = _node(root, edit.path[:-1]), edit.path[-1]
    if edit.do == "set":
        pair = _pair(parent, last)
        if pair is None:
            return _new_key(text, parent, str(last), edit.value)
        start, end = _span(text, pair[1])
        return text[:start] + _value(edit.value) + text[end:]
    if isinstance(parent, yaml.SequenceNode) and isinstance(last, int):
        if parent.flow_style:
            return _flow_list(text, parent, last, edit)
        spans = _items(text, parent)
        if edit.do == "drop":
            start, end = spans[last]
            return text[:start] + text[end:]
        (a, b), (c, d) = spans[last - 1], spans[last]
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    return _drop_key(text, parent, str(last))


def _node(root: yaml.Node, path: Path) -> Any:
    for step in path:
        pair = _pair(root, step)
        if pair is None:
            raise CannotEdit(zh=f"没有“{step}”", en=f"there is no {step!r}")
        root = pair[1]
    return root


def _pair(node: Any, step: Any) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((k, v) for k, v in node.value if k.value == step), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def _span(text: str, node: Any) -> tuple[int, int]:
    """Return where a value stands, without the blank lines and comments that YAML counts to it."""
    start = node.start_mark.index
    while not isinstance(node, yaml.ScalarNode) and not node.flow_style and node.value:
        last = node.value[-1]
        node = last[1] if isinstance(node, yaml.MappingNode) else last
    end = node.end_mark.index
    return start, start + len(text[start:end].rstrip()) if end > start else start


def _column(text: str, node: Any) -> int:
    start: int = node.start_mark.index
    return start - (text.rfind("\n", 0, start) + 1)


def _value(value: Any) -> str:
    """Write a value so that it may stand anywhere on one line."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return repr(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_value(v) for v in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{k}: {_value(v)}" for k, v in value.items()) + "}"
    word = str(value)
    if _PLAIN.fullmatch(word) and word not in _WORDS:
        return word
    quoted = json.dumps(word, ensure_ascii=False)
    return _ODD.sub(lambda found: f"\\u{ord(found[0]):04x}", quoted)


def _new_key(text: str, parent: Any, key: str, value: Any) -> str:
    if not isinstance(parent, yaml.MappingNode) or not parent.value:
        raise CannotEdit(zh=f"不能在这里加“{key}”", en=f"{key!r} cannot be added here")
    said = f"{key}: {_value(value)}"
    if parent.flow_style:
        _start, end = _span(text, parent.value[-1][1])
        return f"{text[:end]}, {said}{text[end:]}"
    column = _column(text, parent)
    _start, end = _span(text, parent.value[-1][1])
    line = text.find("\n", end)
    line = len(text) if line < 0 else line
    return f"{text[:line]}\n{' ' * column}{said}{text[line:]}"


def _drop_key(text: str, parent: Any, key: str) -> str:
    if len(parent.value) == 1:
        start, end = _span(text, parent)
        return text[:start] + "{}" + text[end:]
    places = [n for n, (k, _v) in enumerate(parent.value) if k.value == key]
    place = places[0]
    start = parent.value[place][0].start_mark.index
    _s, end = _span(text, parent.value[place][1])
    if parent.flow_style:
        if place + 1 < len(parent.value):
            return text[:start] + text[parent.value[place + 1][0].start_mark.index :]
        return text[: _span(text, parent.value[place - 1][1])[1]] + text[end:]
    if place == 0:
        following = parent.value[1][0].start_mark.index
        return text[:start] + text[following:]
    line = text.rfind("\n", 0, start)
    rest = text.find("\n", end)
    return text[:line] + (text[rest:] if rest >= 0 else "")


def _items(text: str, parent: Any) -> list[tuple[int, int]]:
    """Return where the items of a block list stand, whole lines each, from their dash."""
    out = []
    for node in parent.value:
        start, end = _span(text, node)
        line = text.rfind("\n", 0, start) + 1
        if text[line:start].strip(" -"):
            raise CannotEdit(zh="列表的写法不能用表单改", en="the form cannot change this list")
        rest = text.find("\n", end)
        out.append((line, len(text) if rest < 0 else rest + 1))
    return out


def _flow_list(text: str, parent: Any, place: int, edit: Edit) -> str:
    spans = [_span(text, node) for node in parent.value]
    if edit.do == "up":
        (a, b), (c, d) = spans[place - 1], spans[place]
        return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]
    start, end = spans[place]
    if place + 1 < len(spans):
        return text[:start] + text[spans[place + 1][0] :]
    if place:
        return text[: spans[place - 1][1]] + text[end:]
    return text[:start] + text[end:]


def _add(text: str, parent: Any, value: Any) -> str:
    if not isinstance(parent, yaml.SequenceNode):
        raise CannotEdit(zh="这里不是列表", en="this is no list")
    if parent.flow_style or not parent.value:
        start, end = _span(text, parent)
        inner = text[start + 1 : end - 1].rstrip()
        comma = ", " if parent.value else ""
        return f"{text[:start]}[{inner}{comma}{_value(value)}]{text[end:]}"
    start, end = _items(text, parent)[-1]
    dash = text.find("-", start)
    column = dash - start
    block = _block(value, column)
    gap = "" if text[:end].endswith("\n") else "\n"
    return text[:end] + gap + block + text[end:]


def _block(value: Any, column: int) -> str:
    """Write an item of a list with its keys on lines of their own."""
    pad = " " * column
    if not isinstance(value, dict):
        return f"{pad}- {_value(value)}\n"
    lines = [f"{k}: {_value(v)}" for k, v in value.items()]
    return pad + "- " + f"\n{pad}  ".join(lines) + "\n"
