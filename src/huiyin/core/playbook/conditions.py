"""Checks CEL of a playbook before it decides anything: syntax, names, types, values."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import cel

from huiyin.core.playbook.facts import FACTS, Fact
from huiyin.core.playbook.names import CATEGORIES
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.rules import facts_asked

FUNCTIONS: frozenset[str] = frozenset(
    {"size", "contains", "startsWith", "endsWith", "matches", "int", "double", "string"}
)
"""Functions that conditions may call, beside operators and the macros exists and all."""

_MACRO = re.compile(r"\.\s*(all|exists|exists_one|filter|map)\s*\(")
_COMPARED = re.compile(r"\b([a-z_]+)\s*(?:==|!=)\s*(?:'([^']*)'|\"([^\"]*)\")")
_LISTED = re.compile(r"\b([a-z_]+)\s+in\s+\[([^\]]*)\]")
_SIGNAL = re.compile(r"(?:'([^']*)'|\"([^\"]*)\")\s+in\s+signals\b")
_TEXT = re.compile(r"'([^']*)'|\"([^\"]*)\"")


def check_condition(
    *, text: str, path: Path, language_signals: frozenset[str] | None, gives: str = "bool"
) -> Iterator[Finding]:
    """Yield what is wrong with one expression; ``gives`` is "bool" or "int" (分)."""
    try:
        program = cel.compile(text)
    except ValueError as error:
        where = re.search(r"<input>:(\d+):(\d+): *(.*)", str(error))
        told = where.group(3)[:160] if where else str(error)[:160]
        column = f"第 {where.group(2)} 个字符处，" if where else ""
        yield Finding(
            path, f"条件写法有误：{column}{told}",
            f"not valid CEL: {'at character ' + where.group(2) + ', ' if where else ''}{told}",
            "检查括号和引号是否成对，比较用 ==，并且用 &&，或者用 ||",
            "check brackets and quotes; compare with ==, and is &&, or is ||",
        )  # fmt: skip
        return
    asked = facts_asked(program=program)
    unknown = sorted(asked - FACTS.keys())
    for name in unknown:
        near = difflib.get_close_matches(name, FACTS, n=1)
        yield Finding(
            path, f"没有名为“{name}”的事实", f"there is no fact {name!r}",
            f"是否想写“{near[0]}”？全部事实见 huiyin playbook facts" if near
            else "全部事实见 huiyin playbook facts",
            f"did you mean {near[0]!r}? huiyin playbook facts lists all" if near
            else "huiyin playbook facts lists all of them",
        )  # fmt: skip
    strange = sorted(
        name for name in program.functions() if name[0].isalpha() and name not in FUNCTIONS
    )
    for name in strange:
        yield Finding(
            path, f"没有名为“{name}”的函数", f"there is no function {name!r}",
            "可用：" + "、".join(sorted(FUNCTIONS)), "use " + ", ".join(sorted(FUNCTIONS)),
        )  # fmt: skip
    if len(_MACRO.findall(text)) > 2:
        yield Finding(
            path, "条件里的 exists/all 太多（最多两个）", "too many exists/all (two at most)",
            "拆成几条规则", "make several rules of it",
        )  # fmt: skip
        return
    if unknown or strange:
        return
    yield from _values(text=text, path=path)
    yield from _signals(text=text, path=path, known=language_signals)
    yield from _types(program=program, asked=asked, path=path, gives=gives)


def _values(*, text: str, path: Path) -> Iterator[Finding]:
    """Compare texts with the values that a fact can have at all."""
    pairs = [(m.group(1), m.group(2) or m.group(3) or "") for m in _COMPARED.finditer(text)]
    for found in _LISTED.finditer(text):
        for one in _TEXT.finditer(found.group(2)):
            pairs.append((found.group(1), one.group(1) or one.group(2) or ""))
    for name, value in pairs:
        possible = CATEGORIES if name == "category" else FACTS[name].values if name in FACTS else ()
        if possible and value not in possible:
            near = difflib.get_close_matches(value, possible, n=1)
            yield Finding(
                path, f"“{name}”不会等于“{value}”，这个条件永远不成立",
                f"{name} is never {value!r}: this can never hold",
                (f"是否想写“{near[0]}”？" if near else "") + "可选：" + "、".join(possible),
                (f"did you mean {near[0]!r}? " if near else "") + "use " + ", ".join(possible),
            )  # fmt: skip


def _signals(*, text: str, path: Path, known: frozenset[str] | None) -> Iterator[Finding]:
    if known is None:
        return
    for found in _SIGNAL.finditer(text):
        name = found.group(1) or found.group(2) or ""
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            yield Finding(
                path, f"语言包里没有信号“{name}”", f"the language pack has no signal {name!r}",
                f"是否想写“{near[0]}”？" if near
                else "改用语言包中的信号，或在 words.signals 下添加",
                f"did you mean {near[0]!r}?" if near
                else "use a signal of the pack or add it under words.signals",
            )  # fmt: skip


_PROBES: dict[str, tuple[Any, ...]] = {
    "bool": (True, False),
    "int": (0, 1, 1_000_000),
    "float": (0.0, 0.5, 1.0),
    "list": ([], ["x"]),
    "str": ("", "x"),
}


def _probe(fact: Fact, number: int) -> Any:
    values: tuple[Any, ...] = fact.values if fact.values else _PROBES[fact.type]
    if fact.name == "category":
        values = CATEGORIES
    return values[number % len(values)]


def _types(*, program: Any, asked: frozenset[str], path: Path, gives: str) -> Iterator[Finding]:
    """Run the expression on sample facts of the right types: type mistakes show themselves."""
    for number in range(12):
        facts = {name: _probe(FACTS[name], number) for name in sorted(asked)}
        try:
            result = program.execute(facts)
        except ArithmeticError:
            continue
        except Exception as error:
            told = str(error).split(":")[0][:120]
            yield Finding(
                path, f"条件无法计算（类型不合：{told}）", f"cannot be computed: {told}",
                "文字与文字比较（加引号），数字与数字比较；列表用 '…' in signals",
                "compare text with quoted text, numbers with numbers; lists by '…' in signals",
            )  # fmt: skip
            return
        right = isinstance(result, bool) if gives == "bool" else (
            isinstance(result, int) and not isinstance(result, bool)
        )  # fmt: skip
        if not right:
            yield Finding(
                path,
                "条件的结果应为真或假" if gives == "bool" else "算式的结果应为整数（分）",
                "must come to true or false" if gives == "bool" else "must come to whole fen",
                "例如 emotion >= 2" if gives == "bool" else "例如 fee，或 int(double(fee) * 0.5)",
                "for example emotion >= 2" if gives == "bool"
                else "for example fee, or int(double(fee) * 0.5)",
            )  # fmt: skip
            return


def always_true(*, when: str | None) -> bool:
    """Tell whether a condition holds whatever the facts."""
    if when is None:
        return True
    try:
        program = cel.compile(when)
        return not program.variables() and program.execute({}) is True
    except Exception:
        return False


def always_false(*, when: str | None) -> bool:
    """Tell whether a condition holds for no facts at all, as far as it can be told without any."""
    if when is None:
        return False
    try:
        program = cel.compile(when)
        return not program.variables() and program.execute({}) is False
    except Exception:
        return False
