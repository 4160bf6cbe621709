"""However a playbook is broken, loading it ends in a list of problems, never in a crash."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.playbook import CannotLoadPlaybook, load_playbook

TEXT = playbooks.text(name="city-carrier")
SMALL = Path(__file__).parents[1] / "core" / "playbook" / "small.yaml"
LINES = TEXT.splitlines()
WILD: list[Any] = [
    None, True, 0, -1, 10**40, 1.5, float("nan"), "", "x", "a" * 5000, "\u0000", "{", "}", "{x}",
    "P1D", "always", "1 +", "!!!", "((", "'a' in signals", [], [[]], [None], {}, {"zh": 1},
    {"": {}}, {"when": {"when": 1}}, "\ud800", "category.matches('(')", "1/0 == 1",
    "signals.all(a, signals.all(b, signals.all(c, true)))",
]  # fmt: skip


def survives(text: str) -> None:
    try:
        playbook = load_playbook(text=text, language_signals=frozenset({"medicine"}))
    except CannotLoadPlaybook as error:
        assert error.problems
        for problem in error.problems:
            assert problem.line >= 1
            assert problem.column >= 1
            assert problem.zh
            assert problem.en
            assert problem.remedy_zh
            assert problem.remedy_en
    else:
        assert len(playbook.version_id) == 64


@st.composite
def broken_lines(draw: st.DrawFn) -> str:
    lines = list(LINES)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(lines) - 1))
        kind = draw(st.integers(0, 5))
        if kind == 0:
            lines[at] = ""
        elif kind == 1:
            lines.insert(at, lines[draw(st.integers(0, len(lines) - 1))])
        elif kind == 2:
            lines[at] = " " * draw(st.integers(0, 5)) + lines[at].lstrip()
        elif kind == 3:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + draw(st.text(max_size=4)) + lines[at][cut:]
        elif kind == 4:
            cut = draw(st.integers(0, len(lines[at])))
            lines[at] = lines[at][:cut] + lines[at][cut + 1 :]
        else:
            lines = lines[: max(at, 1)]
    return "\n".join(lines)


@cache
def tree() -> Any:
    return yaml.safe_load(SMALL.read_text(encoding="utf-8"))


def paths(node: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    out = [path]
    children: Any = (
        node.items()
        if isinstance(node, dict)
        else enumerate(node)
        if isinstance(node, list)
        else ()
    )
    for key, child in children:
        out += paths(child, (*path, key))
    return out


PATHS = [path for path in paths(tree()) if path]


def replaced(node: Any, path: tuple[Any, ...], value: Any) -> Any:
    """A copy of the tree with the value at the path, everything else shared."""
    if not path:
        return value
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[path[0]] = replaced(copy[path[0]], path[1:], value)
    return copy


@settings(max_examples=40)
@given(text=broken_lines())
def test_broken_lines(text: str) -> None:
    survives(text)


@settings(max_examples=40)
@given(path=st.sampled_from(PATHS), value=st.sampled_from(WILD))
def test_wild_values_anywhere(path: tuple[Any, ...], value: Any) -> None:
    survives(json.dumps(replaced(tree(), path, value), ensure_ascii=False, default=str))


@settings(max_examples=60)
@given(text=st.text(max_size=200))
def test_any_text(text: str) -> None:
    survives(text)


@settings(max_examples=40)
@given(
    when=st.lists(
        st.sampled_from(
            ["category", "fee", "signals", "emotion", "'lost'", "3", "1.5", "==", "&&", "||", "!",
             "in", "(", ")", "[", "]", ">", "+",
             "/", "?", ":", ".size()", ".exists(x, ", "null", "true"]
        ),
        min_size=1, max_size=12,
    ).map(" ".join)
)  # fmt: skip
def test_any_condition(when: str) -> None:
    rule = tree()["urgency"][0] | {"when": when, "examples": []}
    urgency = [rule, *tree()["urgency"][1:]]
    survives(json.dumps({**tree(), "urgency": urgency}, ensure_ascii=False, default=str))
