"""Runs the examples of a playbook: what its author says must follow, follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from huiyin.core.playbook.facts import mistaken
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.rules import RuleSet, bind, first_match, holds
from huiyin.core.playbook.schema import Example, Playbook, Ruled


def check_examples(*, playbook: Playbook) -> list[Finding]:
    """Return the examples that do not come out; call only when all conditions compile."""
    return [
        *_ordered("urgency", playbook.urgency, playbook.urgency_rules),
        *_ordered("routing", playbook.routing, playbook.routing_rules),
        *_single("clocks", playbook.clocks, playbook.clock_rules),
        *_single("remedies", playbook.remedies, playbook.remedy_rules),
    ]


def _facts(example: Example, path: Path) -> Iterator[Finding]:
    for name, value in example.given.items():
        wrong = mistaken(name=name, value=value)
        if wrong is not None:
            yield Finding(
                (*path, "given", name), f"例子里的“{name}”不对：{wrong}", f"{name}: {wrong}",
                "全部事实见 huiyin playbook facts", "huiyin playbook facts lists all facts",
            )  # fmt: skip


def _day(example: Example, rule: Ruled) -> date:
    return example.on or rule.from_ or date.max


def _ordered(name: str, rules: Sequence[Ruled], compiled: RuleSet[Any]) -> Iterator[Finding]:
    for n, rule in enumerate(rules):
        for m, example in enumerate(rule.examples):
            path: Path = (name, n, "examples", m)
            wrong = list(_facts(example, path))
            if wrong:
                yield from wrong
                continue
            match = first_match(rules=compiled, facts=example.given, on=_day(example, rule))
            then: BaseModel = match.then
            got = then.model_dump()
            got["rule"] = match.rule
            expect = example.expect or {"rule": rule.id}
            off = {k: got.get(k, "—") for k, v in expect.items() if got.get(k, "—") != v}
            if off:
                told = "、".join(f"{k} = {v}" for k, v in off.items())
                yield Finding(
                    (*path, "expect") if example.expect else path,
                    f"例子不成立：实际 {told}（命中规则“{match.rule}”）",
                    f"the example fails: in fact {told.replace('、', ', ')} by rule {match.rule!r}",
                    "改规则的条件或次序，或改例子",
                    "change the rule, its place in the list, or the example",
                )


def _single(name: str, rules: Sequence[Ruled], compiled: RuleSet[Any]) -> Iterator[Finding]:
    for n, (rule, condition) in enumerate(zip(rules, compiled.conditions, strict=True)):
        for m, example in enumerate(rule.examples):
            path: Path = (name, n, "examples", m)
            wrong = list(_facts(example, path))
            if set(example.expect) - {"applies"} or not isinstance(
                example.expect.get("applies", True), bool
            ):
                wrong.append(
                    Finding(
                        (*path, "expect"),
                        "这里只能写 applies: true 或 false",
                        "only applies: true or false is possible here",
                        "改为 {applies: true}",
                        "write {applies: true}",
                    )
                )
            if wrong:
                yield from wrong
                continue
            wanted = example.expect.get("applies", True)
            if bool(holds(condition=condition, facts=bind(facts=example.given))) is not wanted:
                yield Finding(
                    path,
                    f"例子不成立：实际{'不' if wanted else ''}适用",
                    f"the example fails: it does {'not ' if wanted else ''}apply",
                    "改条件或改例子", "change the condition or the example",
                )  # fmt: skip
