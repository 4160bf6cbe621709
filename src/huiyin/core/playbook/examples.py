"""Runs the examples of a playbook: what its author says must follow, follows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel

from huiyin.core.playbook.facts import mistaken
from huiyin.core.playbook.part import Example, Ruled
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.rules import RuleSet, bind, first_match, holds
from huiyin.core.playbook.schema import Playbook
from huiyin.core.remedy import CannotCompensate, CannotReadFacts, compensate, read_facts


def check_examples(*, playbook: Playbook) -> list[Finding]:
    """Return the examples that do not come out; call only when all conditions compile."""
    return [
        *_ordered(("liability", "rules"), playbook.liability.rules, playbook.liability.claim_rules),
        *_single(("liability", "fines"), playbook.liability.fines, playbook.liability.fine_rules),
        *_ordered(("urgency",), playbook.urgency, playbook.urgency_rules),
        *_ordered(("routing",), playbook.routing, playbook.routing_rules),
        *_ordered(("proactive", "rules"), playbook.proactive.rules, playbook.care_rules),
        *_single(("clocks",), playbook.clocks, playbook.clock_rules),
        *_single(("remedies",), playbook.remedies, playbook.remedy_rules),
        *_single(("aftercare", "calls"), playbook.aftercare.calls, playbook.call_rules),
        *_sums(playbook),
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


def _ordered(where: Path, rules: Sequence[Ruled], compiled: RuleSet[Any]) -> Iterator[Finding]:
    for n, rule in enumerate(rules):
        for m, example in enumerate(rule.examples):
            path: Path = (*where, n, "examples", m)
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


def _single(where: Path, rules: Sequence[Ruled], compiled: RuleSet[Any]) -> Iterator[Finding]:
    for n, (rule, condition) in enumerate(zip(rules, compiled.conditions, strict=True)):
        for m, example in enumerate(rule.examples):
            path: Path = (*where, n, "examples", m)
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


_OWED = ("compensation", "fee_refund", "total", "cap_applied", "treated_as", "needs_review")


def _sums(playbook: Playbook) -> Iterator[Finding]:
    terms = playbook.compensation
    for n, example in enumerate(terms.examples):
        path: Path = ("compensation", "examples", n)
        odd = sorted(set(example.expect) - set(_OWED))
        if odd or not example.expect:
            yield Finding(
                (*path, "expect"),
                f"这里只能写：{'、'.join(_OWED)}",
                f"only these are possible here: {', '.join(_OWED)}",
                "写明应得的结果，金额以分为单位", "say what must be owed, money in fen",
            )  # fmt: skip
            continue
        if example.carrier and example.carrier not in {c.code for c in terms.carriers}:
            yield Finding(
                (*path, "carrier"),
                f"没有承运商“{example.carrier}”的条款",
                f"there are no terms of the carrier {example.carrier!r}",
                "在 carriers 里补上，或删去这一行", "add it to carriers or delete the line",
            )  # fmt: skip
            continue
        policy = terms.as_policy(carrier=example.carrier or "")
        try:
            facts, read = read_facts(data={**example.given, "policy": policy})
            owed = compensate(facts=facts, policy=read)
        except (CannotReadFacts, CannotCompensate) as error:
            yield Finding(
                (*path, "given"), f"例子里的事实不对：{error}", f"the facts are wrong: {error}",
                "事实的写法见 docs/how-to/remedy.md", "docs/how-to/remedy.md names the facts",
            )  # fmt: skip
            continue
        off = {k: getattr(owed, k) for k, v in example.expect.items() if getattr(owed, k) != v}
        if off:
            told = "、".join(f"{k} = {v}" for k, v in off.items())
            yield Finding(
                (*path, "expect"),
                f"例子不成立：实际 {told}",
                f"the example fails: in fact {told.replace('、', ', ')}",
                "改条款或改例子", "change the terms or the example",
            )  # fmt: skip
