"""Says in plain words what pydantic found wrong with the shape of a playbook."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from huiyin.core.playbook import care, part, procedure, schema
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.source import Document


def _models() -> Iterable[type[BaseModel]]:
    for module in (part, care, procedure, schema):
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, BaseModel):
                yield value


KEYS: frozenset[str] = frozenset(
    field.alias or name for model in _models() for name, field in model.model_fields.items()
)
"""Every key that may occur anywhere in a playbook."""

_KINDS: dict[str, tuple[str, str]] = {
    "string_type": ("应为文字", "must be text"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_from_float": ("应为整数", "must be a whole number"),
    "float_type": ("应为数字", "must be a number"),
    "bool_type": ("应为 true 或 false", "must be true or false"),
    "tuple_type": ("应为列表（以 - 开头的各行）", "must be a list (lines that begin with -)"),
    "dict_type": ("应为“键: 值”的结构", "must be keys with values"),
    "model_type": ("应为“键: 值”的结构", "must be keys with values"),
    "model_attributes_type": ("应为“键: 值”的结构", "must be keys with values"),
    "none_required": ("应为空", "must be empty"),
    "date_type": ("应为日期，如 2026-01-01", "must be a date such as 2026-01-01"),
    "date_parsing": ("应为日期，如 2026-01-01", "must be a date such as 2026-01-01"),
    "date_from_datetime_parsing": (
        "应为日期，如 2026-01-01", "must be a date such as 2026-01-01",
    ),
    "string_too_short": ("不能为空", "must not be empty"),
}  # fmt: skip

_PATTERNS: dict[str, tuple[str, str, str, str]] = {
    "P": (
        "时长格式不对", "is not a duration",
        "写作 PT30M（分钟）、PT4H（小时）或 P7D（自然日）",
        "write PT30M (minutes), PT4H (hours) or P7D (calendar days)",
    ),
    "[a-z]": (
        "代码格式不对", "is not a code",
        "以小写字母开头，只用小写字母、数字、- 和 _，最长 64 个字符",
        "begin with a small letter; use small letters, digits, - and _; at most 64 characters",
    ),
    "(([01]": (
        "时刻格式不对", "is not a time of day", "写作 \"09:00\"", "write \"09:00\"",
    ),
    "[0-9]{4}": (
        "版本号格式不对", "is not a version",
        "写作 \"2026.11\" 或 \"2026.11.1\"，要加引号", "write \"2026.11\" or \"2026.11.1\", quoted",
    ),
}  # fmt: skip


def findings_of(*, error: ValidationError, document: Document) -> list[Finding]:
    """Turn a validation error into findings, one for each place."""
    found: list[tuple[Path, str, Finding]] = []
    for item in error.errors(include_url=False):
        kind = item["type"]
        path = _path(loc=item["loc"], kind=kind, document=document)
        found.append((path, kind, _finding(path=path, kind=kind, item=item)))
    return _without_echoes(found)


def _path(*, loc: tuple[int | str, ...], kind: str, document: Document) -> Path:
    """Keep of pydantic's location what stands in the document: union branches drop out."""
    path: Path = ()
    for number, step in enumerate(loc):
        there = (*path, step)
        last = number == len(loc) - 1
        if there in document.values or there in document.keys or (last and kind == "missing"):
            path = there
    return path


def _without_echoes(found: list[tuple[Path, str, Finding]]) -> list[Finding]:
    """Of the complaints of all branches of a union keep the deepest, one for each place."""
    out: dict[Path, Finding] = {}
    for path, kind, finding in found:
        deeper = any(
            other[: len(path)] == path and (len(other) > len(path) or k == "missing")
            for other, k, _ in found
            if (other, k) != (path, kind)
        )
        if deeper and kind in {"string_type", "none_required", "int_type", "model_type"}:
            continue
        out.setdefault(path, finding)
    return list(out.values())


def _finding(*, path: Path, kind: str, item: Mapping[str, Any]) -> Finding:
    name = str(path[-1]) if path else ""
    context: Mapping[str, Any] = item.get("ctx") or {}
    shown = str(item.get("input"))[:60]
    if kind == "missing":
        return Finding(
            path, f"缺少“{name}”", f"{name!r} is missing",
            "补上这一项；写法见 docs/how-to/playbooks.md",
            "add it; docs/how-to/playbooks.md shows how",
        )  # fmt: skip
    if kind == "extra_forbidden":
        near = difflib.get_close_matches(name, KEYS, n=1)
        return Finding(
            path, f"不认识的键“{name}”", f"unknown key {name!r}",
            f"是否想写“{near[0]}”？" if near else "删去它，或移到正确的位置",
            f"did you mean {near[0]!r}?" if near else "delete it or move it where it belongs",
            on_key=True,
        )  # fmt: skip
    if kind == "literal_error":
        expected = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "")
        return Finding(
            path, f"“{shown}”不在可选范围内", f"{shown!r} is not possible here",
            f"可选：{expected}", f"choose one of {expected}",
        )  # fmt: skip
    if kind == "string_pattern_mismatch":
        pattern = str(context.get("pattern", "")).removeprefix("^")
        for begin, (zh, en, remedy_zh, remedy_en) in _PATTERNS.items():
            if pattern.startswith(begin):
                return Finding(path, f"“{shown}”{zh}", f"{shown!r} {en}", remedy_zh, remedy_en)
    if kind in ("greater_than_equal", "less_than_equal", "greater_than", "less_than"):
        limit = next(iter(context.values()), "")
        words = {
            "greater_than_equal": ("不小于", "at least"),
            "less_than_equal": ("不大于", "at most"),
            "greater_than": ("大于", "more than"),
            "less_than": ("小于", "less than"),
        }[kind]
        return Finding(
            path, f"数值 {shown} 超出范围", f"{shown} is out of range",
            f"应{words[0]} {limit}", f"must be {words[1]} {limit}",
        )  # fmt: skip
    zh, en = _KINDS.get(kind, ("不符合要求", str(item["msg"])[:200]))
    remedy = _remedy(kind=kind, value=item.get("input"))
    return Finding(path, f"“{name}”{zh}", f"{name!r} {en}", *remedy)


def _remedy(*, kind: str, value: object) -> tuple[str, str]:
    if kind == "string_type" and value is None:
        return "这里是空的，请填写", "it is empty: fill it in"
    if kind == "string_type" and isinstance(value, int | float):
        return f'请加引号："{value}"', f'put it in quotes: "{value}"'
    if kind in {"int_type", "int_from_float"}:
        return (
            "写整数，不带小数点和引号；金额以分为单位",
            "write a whole number without point and quotes; money is in fen",
        )
    return "参照内置规程 express-default 的写法", "see how the shipped express-default does it"
