"""The shipped rules of liability and fines: who bears what, and no fine without its rule."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import product
from typing import Any

import pytest

from huiyin import playbooks
from huiyin.core.liability import (
    FINE_MOVES,
    PART_NAMES,
    CannotRule,
    Fine,
    FineStep,
    fine_step,
    impose,
    possible,
    propose,
    to_parties,
)
from huiyin.core.playbook import Playbook, load_playbook
from huiyin.core.playbook.facts import FACTS
from huiyin.core.playbook.liability import PARTS, Liability
from huiyin.core.playbook.liability_checks import check_liability
from huiyin.core.shares import WHOLE

pytestmark = pytest.mark.thorough

DAY = date(2026, 11, 26)
SHIPPED = playbooks.shipped()
NAMED = {part: f"w-{part}" for part in PARTS}


@pytest.fixture(scope="module", params=SHIPPED)
def playbook(request: pytest.FixtureRequest) -> Playbook:
    return load_playbook(text=playbooks.text(name=request.param))


@pytest.fixture(scope="module")
def express() -> Playbook:
    return load_playbook(text=playbooks.text(name="express-default"))


def test_every_part_of_the_way_has_a_name() -> None:
    assert tuple(PART_NAMES) == PARTS


def ways() -> Iterator[dict[str, Any]]:
    """Every way a parcel may have gone, unknown facts among them."""
    names = ("outer_pack", "inner_goods", "last_scan")
    values: list[list[Any]] = [[None, *FACTS[n].values] for n in names]
    causes = [None, "handling", "packing", "false_sign", "unclear"]
    for outer, inner, scan, handed, cause in product(*values, [None, True, False], causes):
        yield {"outer_pack": outer, "inner_goods": inner, "last_scan": scan,
               "handed_over": handed, "cause": cause}  # fmt: skip


def test_every_way_has_a_whole_split_with_a_reason(playbook: Playbook) -> None:
    for facts in ways():
        out = propose(liability=playbook.liability, facts=facts, named=NAMED, on=DAY)
        assert sum(out.shares.values()) == WHOLE
        assert sum(to_parties(shares=out.shares, named=NAMED).values()) == WHOLE
        assert out.because[0].zh
        assert out.because[0].source
        assert not out.unnamed


@pytest.mark.parametrize(
    ("facts", "bears"),
    [
        ({"outer_pack": "broken", "inner_goods": "broken"}, "delivering"),
        ({"outer_pack": "intact", "inner_goods": "broken"}, "origin"),
        ({"last_scan": "origin_hub", "handed_over": True}, "destination_hub"),
        ({"last_scan": "origin_hub", "handed_over": False}, "origin_hub"),
        ({"last_scan": "delivering"}, "delivering"),
        ({"cause": "packing", "outer_pack": "broken", "inner_goods": "broken"}, "customer"),
        ({}, "headquarters"),
    ],
)
def test_rules_of_thumb(playbook: Playbook, facts: dict[str, Any], bears: str) -> None:
    whole = {"cause": "handling", **facts}
    out = propose(liability=playbook.liability, facts=whole, named=NAMED, on=DAY)
    assert out.shares == {bears: WHOLE}


def test_what_is_not_told_is_asked_for(express: Playbook) -> None:
    out = propose(liability=express.liability, facts={"cause": "handling"}, named={}, on=DAY)
    assert {"outer_pack", "inner_goods", "last_scan"} <= set(out.missing)
    assert out.unnamed == ("headquarters",)


def test_one_party_for_two_parts_bears_the_sum(express: Playbook) -> None:
    out = propose(liability=express.liability, facts={"cause": "false_sign"}, named={}, on=DAY)
    assert out.unnamed == ("delivering", "courier")
    named = {"delivering": "w1", "courier": "w1", "origin": "w2"}
    assert to_parties(shares=out.shares, named=named) == {"w1": WHOLE, "w2": 0}


SIGNED = {"cause": "false_sign", "verdict": "upheld"}


def fine(liability: Liability, **changes: Any) -> FineStep:
    how: dict[str, Any] = {
        "rule": "fine-false-sign", "facts": SIGNED, "kind": "outlet", "amount": 10_000,
        "words": "监控显示未上门", **changes,
    }  # fmt: skip
    return impose(liability=liability, on=DAY, **how)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"rule": "no-such-rule"}, "stated rule"),
        ({"rule": ""}, "stated rule"),
        ({"facts": {"cause": "false_sign", "verdict": "not_upheld"}}, "does not hold"),
        ({"facts": {"cause": "false_sign"}}, "does not hold"),
        ({"facts": {}}, "does not hold"),
        ({"kind": "department"}, "does not apply"),
        ({"kind": "customer"}, "does not apply"),
        ({"amount": 4_999}, "between"),
        ({"amount": 20_001}, "between"),
        ({"amount": -10_000}, "between"),
        ({"words": " "}, "evidence"),
        ({"words": "字" * 5001}, "5000"),
        ({"before": frozenset({"fine-false-sign"})}, "already"),
    ],
)
def test_no_fine_without_its_rule(express: Playbook, changes: dict[str, Any], said: str) -> None:
    with pytest.raises(CannotRule, match=said):
        fine(express.liability, **changes)


def test_a_playbook_without_fines_fines_nobody() -> None:
    for rule in ("fine-false-sign", ""):
        with pytest.raises(CannotRule):
            fine(Liability(), rule=rule)
    assert possible(liability=Liability(), facts=SIGNED, on=DAY) == ()


def test_every_path_to_a_charged_fine_begins_with_its_rule(express: Playbook) -> None:
    start = fine(express.liability).fine
    assert (start.state, start.charged) == ("imposed", 0)
    found: set[Fine] = set()
    waiting = [start]
    tries = [
        {"act": a, "outcome": o, "amount": n, "words": "理由"}
        for a in ("appeal", "decide", "withdraw", "expire")
        for o in ("overturned", "partly", "sustained", "")
        for n in (0, 1, 5_000, 10_000, 10_001, -1)
    ]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        appealed = 0
        for how in tries:
            try:
                step = fine_step(fine=one, **how)  # type: ignore[arg-type]
            except CannotRule:
                continue
            appealed += step.event == "FineAppealed"
            waiting.append(step.fine)
            assert step.because
        assert not (appealed and one.state != "imposed"), "appealed at most once"
    assert {f.state for f in found} == set(FINE_MOVES)
    for one in found:
        assert one.rule == "fine-false-sign"
        assert 0 <= one.charged <= one.amount == 10_000
        assert one.charged == 0 or one.state in {"final", "partly", "sustained"}
        assert one.state != "overturned" or one.charged == 0
        assert one.state != "pending" or one.charged == 0


def broken(express: Playbook, **changes: Any) -> list[str]:
    data = {**express.liability.model_dump(mode="json", by_alias=True), **changes}
    bad = express.model_copy(update={"liability": Liability.model_validate(data, strict=False)})
    return [f.en for f in check_liability(playbook=bad, language_signals=None)]


def test_mistakes_of_a_playbook_are_named(express: Playbook) -> None:
    assert broken(express) == []
    rules = express.liability.model_dump(mode="json", by_alias=True)["rules"]
    assert any("no default" in f for f in broken(express, rules=rules[:-1]))
    assert any("never reached" in f for f in broken(express, rules=[rules[-1], *rules[:-1]]))
    half = {**rules[-1], "then": {"shares": {"headquarters": 5_000}}}
    assert any("add up to 5000" in f for f in broken(express, rules=[*rules[:-1], half]))
    fines = express.liability.model_dump(mode="json", by_alias=True)["fines"]
    assert any("below least" in f for f in broken(express, fines=[{**fines[0], "most": 1}]))
    assert any("nobody" in f for f in broken(express, fines=[{**fines[0], "on": []}]))
    assert any("calendar" in f for f in broken(express, evidence={"for": "P3D"}))
    assert any("zero" in f for f in broken(express, appeal={"for": "PT0M"}))
    assert any("no calendar" in f
               for f in broken(express, appeal={"for": "PT1H", "calendar": "moon"}))  # fmt: skip
