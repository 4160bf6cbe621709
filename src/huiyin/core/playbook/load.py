"""Load a playbook: YAML with line numbers, checked as a whole, examples run."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import cel
import yaml
from pydantic import ValidationError

from huiyin.core.playbook.facts import FACTS, mistaken
from huiyin.core.playbook.names import BUILT_IN_CALENDARS, CATEGORIES, EVENTS, PLACEHOLDERS
from huiyin.core.playbook.rules import bind, holds
from huiyin.core.playbook.schema import Playbook, RoutingRule, Ruled, UrgencyRule

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_HOLE = re.compile(r"\{([A-Za-z_]+)\}")
_EXAMPLES_ON = date(2100, 1, 1)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong: where it stands, what it is and what to do, in both languages."""

    line: int
    column: int
    path: str
    zh: str
    en: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.path}: {self.en}"


class CannotLoadPlaybook(ValueError):
    """The playbook is not sound; ``problems`` names every fault."""

    def __init__(self, *, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        super().__init__("; ".join(str(p) for p in problems[:20]))


class _Tree:
    """The YAML's positions and its plain data."""

    def __init__(self, *, text: str) -> None:
        self.problems: list[Problem] = []
        self.places: dict[tuple[str | int, ...], tuple[int, int]] = {(): (1, 1)}
        try:
            node = yaml.compose(text, Loader=_Loader)
            self.data = yaml.load(text, Loader=_Loader)
        except (yaml.YAMLError, ValueError, RecursionError) as error:
            mark = getattr(error, "problem_mark", None)
            line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
            what = getattr(error, "problem", None) or str(error)
            raise CannotLoadPlaybook(
                problems=(
                    Problem(line, column, "", f"不是有效的 YAML：{what}", f"not YAML: {what}"),
                )
            ) from error
        if node is not None:
            self._walk(node, (), 0)

    def _walk(self, node: Any, path: tuple[str | int, ...], depth: int) -> None:
        if depth > 40:
            return
        self.places.setdefault(path, (node.start_mark.line + 1, node.start_mark.column + 1))
        if isinstance(node, yaml.MappingNode):
            seen: set[str] = set()
            for key, value in node.value:
                name = str(key.value)
                here = (*path, name)
                if name in seen:
                    self.places[here] = (key.start_mark.line + 1, key.start_mark.column + 1)
                    self.fault(here, f"“{name}”写了两次，请删去一个", f"{name!r} stands twice")
                seen.add(name)
                self._walk(value, here, depth + 1)
        elif isinstance(node, yaml.SequenceNode):
            for number, value in enumerate(node.value):
                self._walk(value, (*path, number), depth + 1)

    def fault(self, path: Iterable[str | int], zh: str, en: str) -> None:
        steps = tuple(path)
        place = None
        for length in range(len(steps), -1, -1):
            place = self.places.get(steps[:length])
            if place:
                break
        line, column = place or (1, 1)
        self.problems.append(
            Problem(line, column, ".".join(map(str, steps)), zh, en)
        )


def load_playbook(
    *, text: str, language_signals: frozenset[str] | None = None
) -> Playbook:
    """Read and check a playbook.

    With ``language_signals`` the signals named in conditions must exist in the language pack.
    Raises CannotLoadPlaybook with every problem found, each with line, column and remedy.
    """
    tree = _Tree(text=text)
    if not isinstance(tree.data, dict):
        tree.fault((), "规程应是“键: 值”的列表", "a playbook is a mapping of keys")
        raise CannotLoadPlaybook(problems=tuple(tree.problems))
    try:
        playbook = Playbook.model_validate(_plain(tree.data), strict=False)
    except (ValidationError, RecursionError) as error:
        if isinstance(error, ValidationError):
            for each in error.errors()[:50]:
                where = tuple(p for p in each["loc"] if not str(p).startswith("function-"))
                tree.fault(where, f"{each['msg']}", each["msg"])
        else:
            tree.fault((), "嵌套过深", "nested too deeply")
        raise CannotLoadPlaybook(problems=tuple(tree.problems)) from error
    _check_names(tree, playbook)
    _check_rules(tree, playbook, language_signals)
    if not tree.problems:
        _run_examples(tree, playbook)
    if tree.problems:
        raise CannotLoadPlaybook(problems=tuple(tree.problems))
    body = json.dumps(playbook.model_dump(mode="json"), sort_keys=True, ensure_ascii=False)
    digest = hashlib.sha256(body.encode()).hexdigest()
    return playbook.model_copy(update={"version_id": digest})


def _plain(value: Any) -> Any:
    """Turn YAML data into what the strict models take: tuples for lists, text keys."""
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return tuple(_plain(v) for v in value)
    return value


def _check_names(tree: _Tree, playbook: Playbook) -> None:
    departments = {d.code for d in playbook.departments}
    calendars = set(playbook.calendars) | set(BUILT_IN_CALENDARS)
    remedies = {r.id for r in playbook.remedies}
    causes = {c.code for c in playbook.causes}
    steps = {s.id for s in playbook.steps}
    teams = {t.code for d in playbook.departments for t in d.teams}

    def known(path: tuple[str | int, ...], value: str | None, names: set[str], what: str) -> None:
        if value is not None and value not in names:
            listed = ", ".join(sorted(names))
            tree.fault(path, f"未知的{what}“{value}”，可用：{listed}", f"unknown {value!r}: {listed}")

    missing = [c for c in CATEGORIES if c not in {x.code for x in playbook.categories}]
    if missing:
        tree.fault(("categories",), f"缺少类别：{missing}", f"categories missing: {missing}")
    for i, category in enumerate(playbook.categories):
        here: tuple[str | int, ...] = ("categories", i)
        known((*here, "department"), category.department, departments, "部门")
        for remedy in category.remedies:
            known((*here, "remedies"), remedy, remedies, "补偿")
        for cause in category.causes:
            known((*here, "causes"), cause, causes, "原因")
        for step in category.steps:
            known((*here, "steps"), step, steps, "步骤")
    for i, department in enumerate(playbook.departments):
        known(("departments", i, "calendar"), department.calendar, calendars, "日历")
    for i, branch in enumerate(playbook.branches):
        known(("branches", i, "department"), branch.department, departments, "部门")
    for i, rule in enumerate(playbook.routing):
        known(("routing", i, "then", "department"), rule.then.department, departments, "部门")
        known(("routing", i, "then", "team"), rule.then.team, teams, "班组")
    for i, clock in enumerate(playbook.clocks):
        here = ("clocks", i)
        known((*here, "calendar"), clock.calendar, calendars, "日历")
        for field in ("starts_on", "stops_on", "pauses_on", "resumes_on"):
            for event in getattr(clock, field):
                known((*here, field), event, set(EVENTS), "事件")
        lengths = [clock.length(urgency=u) for u in ("low", "normal", "high", "critical")]
        if clock.calendar != "always" and any(x.endswith("D") for x in lengths):
            tree.fault(
                (*here, "for"),
                "按天计的时限只能用 always 日历；工作时间请写小时，如 PT9H",
                "days run on the calendar always only; write working hours such as PT9H",
            )
        if clock.legal and clock.pauses_on:
            tree.fault((*here, "pauses_on"), "法定时限不得暂停", "a legal clock never pauses")
    for i, step in enumerate(playbook.steps):
        for event in step.done_when:
            known(("steps", i, "done_when"), event, set(EVENTS), "事件")
        for before in step.after:
            known(("steps", i, "after"), before, steps, "步骤")
    for path, words in _texts(playbook.model_dump(by_alias=True), ()):
        for hole in _HOLE.findall(words):
            if hole not in PLACEHOLDERS:
                tree.fault(path, f"未知的占位 {{{hole}}}", f"unknown placeholder {{{hole}}}")


def _texts(
    value: Any, path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _texts(each, (*path, str(key)))
    elif isinstance(value, tuple | list):
        for number, each in enumerate(value):
            yield from _texts(each, (*path, number))
    elif isinstance(value, str) and path and path[-1] in {"zh", "en"}:
        yield path, value


def _conditions(playbook: Playbook) -> Iterator[tuple[tuple[str | int, ...], str]]:
    for name in ("urgency", "routing", "clocks", "remedies", "steps", "alerts"):
        for i, rule in enumerate(getattr(playbook, name)):
            if rule.when is not None and name != "alerts":
                yield (name, i, "when"), rule.when


def _check_rules(
    tree: _Tree, playbook: Playbook, signals: frozenset[str] | None
) -> None:
    for path, when in _conditions(playbook):
        try:
            names = cel.compile(when).variables()
        except ValueError as error:
            tree.fault(path, f"条件写法有误：{error}", f"not CEL: {error}")
            continue
        for name in names:
            if name not in FACTS:
                tree.fault(path, f"未知的事实“{name}”", f"unknown fact {name!r}")
        if signals is not None and "signals" in names:
            for word in re.findall(r"['\"]([a-z_]+)['\"]\s+in\s+signals", when):
                if word not in signals:
                    tree.fault(path, f"语言包中没有信号“{word}”", f"no signal {word!r}")
    for name in ("urgency", "routing"):
        rules: tuple[UrgencyRule | RoutingRule, ...] = getattr(playbook, name)
        seen: set[str] = set()
        for i, rule in enumerate(rules):
            if rule.id in seen:
                tree.fault((name, i, "id"), f"编号 {rule.id} 重复", f"id {rule.id!r} stands twice")
            seen.add(rule.id)
            always = rule.when is None or rule.when.strip() == "true"
            if always and rule.from_ is None and i + 1 < len(rules):
                tree.fault(
                    (name, i + 1), "前一条总是成立，此条永远轮不到", "unreachable: the rule before always holds"
                )
                break
        if not rules or not (rules[-1].when is None or rules[-1].when.strip() == "true"):
            tree.fault((name,), "最后须有一条无条件的默认规则", "the last rule must have no condition")


def _run_examples(tree: _Tree, playbook: Playbook) -> None:
    lists: tuple[tuple[str, tuple[Ruled, ...]], ...] = (
        ("urgency", playbook.urgency),
        ("routing", playbook.routing),
        ("clocks", playbook.clocks),
        ("remedies", playbook.remedies),
    )
    for name, rules in lists:
        compiled = {
            "urgency": playbook.urgency_rules,
            "routing": playbook.routing_rules,
            "clocks": playbook.clock_rules,
            "remedies": playbook.remedy_rules,
        }[name].conditions
        for i, rule in enumerate(rules):
            for k, example in enumerate(rule.examples):
                path = (name, i, "examples", k)
                wrong = [
                    f"{n}: {m}"
                    for n, v in example.given.items()
                    if (m := mistaken(name=n, value=v)) is not None
                ]
                if wrong:
                    tree.fault(path, f"示例事实有误：{wrong}", f"bad facts: {wrong}")
                    continue
                facts = bind(facts=example.given)
                if name in {"clocks", "remedies"}:
                    want = bool(example.expect.get("applies", True))
                    if (holds(condition=compiled[i], facts=facts) is True) != want:
                        tree.fault(path, "示例结果不符", "the example does not come true")
                    continue
                day = example.on or _EXAMPLES_ON
                first = next(
                    (
                        c
                        for c in compiled
                        if (c.from_ is None or c.from_ <= day)
                        and holds(condition=c, facts=facts) is True
                    ),
                    None,
                )
                then = first.then.model_dump() if first is not None else {}
                if example.expect:
                    fits = all(then.get(n) == v for n, v in example.expect.items())
                else:
                    fits = first is not None and first.id == rule.id
                if not fits:
                    got = first.id if first else None
                    tree.fault(path, f"示例结果不符，实际命中 {got}", f"example fails, {got!r} matched")


