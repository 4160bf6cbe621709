"""Reads the YAML of a playbook into plain data and remembers the line of every part.

A narrow YAML on purpose: no anchors, aliases, merge keys or tags, keys are always text, and only
true/false, whole numbers, decimal numbers and null are not text. So ``no``, ``on``, ``09:00`` and
``2026-01-01`` mean what is written.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Final

import yaml

from huiyin.core.playbook.problem import Finding, Path

LONGEST: Final = 1_000_000
"""Characters that a playbook may have."""
DEEPEST: Final = 24
"""Levels of nesting that a playbook may have."""

Place = tuple[int, int]


@dataclass(slots=True)
class Document:
    """Plain data of a YAML text. Places are (line, column) from 1, by path."""

    data: Any = None
    values: dict[Path, Place] = field(default_factory=dict)
    keys: dict[Path, Place] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def place(self, *, path: Path, on_key: bool) -> Place:
        """Return the place of a path, or of its nearest parent that stands in the text."""
        while path:
            found = (self.keys.get(path) if on_key else None) or self.values.get(path)
            if found is None:
                found = self.keys.get(path)
            if found is not None:
                return found
            path, on_key = path[:-1], False
        return self.values.get((), (1, 1))


class CannotReadYaml(ValueError):
    """The text is no YAML that a playbook may use; carries its finding and place."""

    def __init__(self, *, finding: Finding, place: Place) -> None:
        self.finding = finding
        self.place = place
        super().__init__(finding.en)


_INT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_FLOAT = re.compile(r"[-+]?(?:0|[1-9][0-9]{0,14})\.[0-9]{1,15}", re.ASCII)
_HALF = re.compile("[\ud800-\udfff]")
"""Half of a pair that makes one character: an escape may write it, no file can keep it."""
_FAST: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_UNTYPED: Any = type(
    "Untyped",
    (_FAST,),
    {
        "resolve": lambda _self, _kind, _value, _implicit: "",
        "descend_resolver": lambda _self, _node, _index: None,
        "ascend_resolver": lambda _self: None,
    },
)
"""Composes without guessing what a word stands for, which is half the work: ``_scalar`` tells."""


def read_document(*, text: str) -> Document:
    """Read YAML text. Raises CannotReadYaml when it has no usable structure at all.

    Smaller faults (a repeated key, an alias, a tag) are collected in ``findings`` so that all are
    told at once.
    """
    if len(text) > LONGEST:
        raise CannotReadYaml(
            finding=Finding(
                (),
                f"文件超过 {LONGEST} 个字符",
                f"the file has more than {LONGEST} characters",
                "请拆分或精简规程",
                "split or shorten the playbook",
            ),
            place=(1, 1),
        )
    try:
        _forbid(text)
        root = yaml.compose(text, Loader=_UNTYPED)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        raise CannotReadYaml(finding=_syntax(error.problem or str(error)), place=place) from error
    except yaml.YAMLError as error:
        line = text.count("\n", 0, getattr(error, "position", 0) or 0) + 1
        raise CannotReadYaml(
            finding=_syntax(str(error).splitlines()[0]), place=(line, 1)
        ) from error
    except (UnicodeError, RecursionError) as error:
        raise CannotReadYaml(finding=_syntax(type(error).__name__), place=(1, 1)) from error
    document = Document()
    if root is not None:
        document.data = _plain(root, (), document)
    if not isinstance(document.data, dict):
        raise CannotReadYaml(
            finding=Finding(
                (),
                "规程应为“键: 值”的结构",
                "a playbook is a mapping of keys to values",
                "以 key: 开头，参照内置规程 express-default",
                "begin with key:, as the shipped express-default does",
            ),
            place=(1, 1),
        )
    return document


def _syntax(problem: str) -> Finding:
    return Finding(
        (),
        f"YAML 语法错误：{problem}",
        f"not valid YAML: {problem}",
        "检查此行及上一行的缩进、冒号后的空格和成对的引号；不能用制表符缩进",
        "check indentation, the space after the colon and the quotes here and one line above; "
        "tabs cannot indent",
    )


class _Stop(yaml.MarkedYAMLError):
    """Something of YAML that a playbook does without."""

    def __init__(self, *, problem: str, event: Any) -> None:
        super().__init__(problem=problem, problem_mark=event.start_mark)


def _forbid(text: str) -> None:
    """Refuse aliases (they may unfold without end) and depths, before anything is built."""
    depth = documents = 0
    for event in yaml.parse(text, Loader=_FAST):
        if isinstance(event, yaml.AliasEvent):
            raise _Stop(problem="aliases (*name) are not used", event=event)
        if getattr(event, "tag", None) not in (None, "!"):
            raise _Stop(problem="tags (!name) are not used", event=event)
        if isinstance(event, yaml.DocumentStartEvent):
            documents += 1
            if documents > 1:
                raise _Stop(problem="a second document begins (---)", event=event)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise _Stop(problem="nested too deeply", event=event)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _plain(node: yaml.Node, path: Path, document: Document) -> Any:
    document.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if isinstance(node, yaml.MappingNode):
        out: dict[str, Any] = {}
        for key_node, value_node in node.value:
            here = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
            if not isinstance(key_node, yaml.ScalarNode):
                document.keys[(*path, "?")] = here
                document.findings.append(
                    Finding(
                        (*path, "?"), "键应为一个词", "a key must be one word",
                        "若文字以 { 或 [ 开头，请加引号", "quote a text that begins with { or [",
                        on_key=True,
                    )
                )  # fmt: skip
                continue
            key = key_node.value
            step = (*path, key)
            if key in out:
                first = document.keys[step][0]
                document.findings.append(
                    Finding(
                        step,
                        f"“{key}”在第 {first} 行已经写过（重复出现在第 {here[0]} 行）",
                        f"{key!r} is already given on line {first} (again on line {here[0]})",
                        "删去其中一处，或并为一处",
                        "delete one of them or make them one",
                        on_key=True,
                    )
                )
            if key == "<<":
                document.findings.append(
                    Finding(
                        step, "不支持合并键 <<", "merge keys (<<) are not used",
                        "请写全内容", "write the content out", on_key=True,
                    )
                )  # fmt: skip
            document.keys[step] = here
            out[key] = _plain(value_node, step, document)
        return out
    if isinstance(node, yaml.SequenceNode):
        return [_plain(child, (*path, i), document) for i, child in enumerate(node.value)]
    return _scalar(node, path, document)


def _scalar(node: yaml.Node, path: Path, document: Document) -> Any:
    value = str(node.value)
    if _HALF.search(value):
        document.findings.append(
            Finding(path, "含有无效字符", "holds an invalid character", "删去该字符", "delete it")
        )
        return ""
    if getattr(node, "style", None) not in (None, ""):
        return value
    if value in ("", "~", "null"):
        return None
    if value in ("true", "false"):
        return value == "true"
    if _INT.fullmatch(value):
        return int(value)
    if _FLOAT.fullmatch(value):
        return float(value)
    return value
