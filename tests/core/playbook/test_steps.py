"""Where a complaint stands in its procedure: conditions, facts to ask for, branches and joins."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin import playbooks
from huiyin.core.playbook import CannotLoadPlaybook, Playbook, load_playbook
from huiyin.core.playbook.facts import CannotTell, told
from huiyin.core.playbook.source import read_document
from huiyin.core.playbook.steps import (
    Happened,
    Plan,
    decide,
    decide_afresh,
    plan_of,
    progress_of,
)
from huiyin.core.playbook.taken_back import met_in_vain

pytestmark = pytest.mark.thorough

AT = datetime(2026, 11, 3, 10, tzinfo=UTC)
SHIPPED = read_document(text=playbooks.text(name="express-default")).data


def step(id: str, **more: Any) -> dict[str, Any]:
    words = {"zh": id, "en": id}
    return {"id": id, "name": words, "help": words, "role": "handler", **more}


WAY = [
    step("take", done_when=["ComplaintTaken"]),
    step("track", after=["take"], needs=["signed_by"]),
    step("value", after=["take"], when="claimed > 0"),
    step("verdict", after=["track", "value"], done_when=["VerdictGiven"]),
    step("call", after=["take"], optional=True),
    step("answer", after=["verdict", "call"], when="verdict == 'upheld'", done_when=["ReplySent"]),
    step("close", after=["track", "answer"], join="any"),
]


def playbook(*steps: dict[str, Any], **more: Any) -> Playbook:
    plain = [{k: v for k, v in c.items() if k != "steps"} for c in SHIPPED["categories"]]
    data = {**SHIPPED, "categories": plain, "steps": list(steps), "forms": [], **more}
    return load_playbook(text=json.dumps(data, ensure_ascii=False))


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_of(playbook=playbook(*WAY), category="lost", branch="complaint")


def states(plan: Plan, done: set[str], **facts: Any) -> dict[str, str]:
    return {s.step.id: s.state for s in decide(plan=plan, facts=facts, done=done).steps}


def test_nothing_but_the_first_step_is_open_at_the_beginning(plan: Plan) -> None:
    now = states(plan, set(), claimed=100)
    assert now.pop("take") == "open"
    assert set(now.values()) == {"waiting"}


def test_branches_open_side_by_side_and_ask_for_their_facts(plan: Plan) -> None:
    standing = decide(plan=plan, facts={}, done={"take"})
    now = {s.step.id: s for s in standing.steps}
    assert now["track"].state == "asking"
    assert now["track"].missing == ("signed_by",)
    assert now["value"].state == "asking"
    assert now["value"].because.rule == "steps.condition_asks"
    assert now["call"].state == "open"
    assert standing.asked == ("signed_by", "claimed")
    assert {s.step.id for s in standing.open()} == {"track", "value", "call"}


def test_a_join_waits_for_all_and_says_for_what(plan: Plan) -> None:
    standing = decide(plan=plan, facts={"claimed": 5}, done={"take", "track"})
    verdict = next(s for s in standing.steps if s.step.id == "verdict")
    assert verdict.state == "waiting"
    assert verdict.waits_for == ("value",)
    assert "value" in verdict.because.zh
    assert states(plan, {"take", "track", "value"}, claimed=5)["verdict"] == "open"


def test_what_is_left_out_or_optional_holds_nobody_up(plan: Plan) -> None:
    now = states(plan, {"take", "track"}, claimed=0, signed_by="person")
    assert now["value"] == "left_out"
    assert now["verdict"] == "open"
    now = states(plan, {"take", "track", "verdict"}, claimed=0, verdict="upheld")
    assert now["call"] == "open"
    assert now["answer"] == "open"


def test_any_is_enough_where_the_join_says_so(plan: Plan) -> None:
    assert states(plan, {"take"}, claimed=0)["close"] == "waiting"
    assert states(plan, {"take", "track"}, claimed=0)["close"] == "open"


def test_the_procedure_is_finished_when_nothing_must_be_done_any_more(plan: Plan) -> None:
    must = {"take", "track", "verdict", "answer", "close"}
    assert decide(plan=plan, facts={"claimed": 0}, done=must).finished
    assert not decide(plan=plan, facts={"claimed": 0}, done=must - {"close"}).finished


def happened(*kinds: str | tuple[str, dict[str, Any]]) -> list[Happened]:
    out = []
    for seq, one in enumerate(kinds, 1):
        kind, data = (one, {}) if isinstance(one, str) else one
        out.append(Happened(seq, kind, AT + timedelta(minutes=seq), "user:7", data))
    return out


def test_events_tell_what_is_done_by_whom_and_when(plan: Plan) -> None:
    progress = progress_of(
        plan=plan,
        events=happened(
            "ComplaintTaken", ("StepDone", {"step": "track", "facts": {"signed_by": "locker"}})
        ),
    )
    assert set(progress.done) == {"take", "track"}
    assert progress.done["take"].by == "user:7"
    assert progress.done["track"].at == AT + timedelta(minutes=2)
    assert progress.facts == {"signed_by": "locker"}


def test_a_new_round_begins_anew_but_facts_stay_known(plan: Plan) -> None:
    progress = progress_of(
        plan=plan,
        events=happened(
            "ComplaintTaken", ("FactLearned", {"facts": {"claimed": 300}}),
            ("StepRun", {"step": "track"}), "RehandlingStarted",
        ),
    )  # fmt: skip
    assert progress.done == {}
    assert progress.run == frozenset()
    assert progress.facts == {"claimed": 300}


def test_what_was_ticked_by_hand_can_be_taken_back(plan: Plan) -> None:
    ticked, undone = ("StepDone", {"step": "track"}), ("StepUndone", {"step": "track"})
    assert progress_of(plan=plan, events=happened(ticked, undone)).done == {}


OFFERED = [*WAY[:4], step("offer", after=["verdict"], done_when=["RemedyProposed"])]


@pytest.mark.parametrize(
    ("events", "done"),
    [
        ([("RemedyProposed", {"remedy": "a"})], True),
        ([("RemedyProposed", {"remedy": "a"}), ("RemedyRejected", {"remedy": "a"})], False),
        ([("RemedyProposed", {"remedy": "a"}),
          ("RemedyWithdrawn", {"remedy": "a", "granted": False})], False),
        ([("RemedyProposed", {"remedy": "a"}),
          ("RemedyWithdrawn", {"remedy": "a", "granted": True})], True),
        ([("RemedyProposed", {"remedy": "a"}), ("RemedyProposed", {"remedy": "b"}),
          ("RemedyRejected", {"remedy": "a"})], True),
        ([("RemedyProposed", {"remedy": "a"}), ("RemedyRejected", {"remedy": "a"}),
          ("RemedyProposed", {"remedy": "b"})], True),
    ],
)  # fmt: skip
def test_a_proposal_that_was_refused_has_completed_nothing(events: list[Any], done: bool) -> None:
    plan = plan_of(playbook=playbook(*OFFERED), category="lost", branch="complaint")
    assert {"RemedyRejected", "RemedyWithdrawn"} <= plan.heeded
    assert ("offer" in progress_of(plan=plan, events=happened(*events)).done) is done


def test_a_clock_met_by_what_was_refused_was_met_in_vain() -> None:
    proposed, other = ("RemedyProposed", {"remedy": "a"}), ("RemedyProposed", {"remedy": "b"})
    refused = ("RemedyRejected", {"remedy": "a"})

    def vain(*kinds: Any, stopped: int = 1) -> bool:
        return met_in_vain(
            started_at=AT, stopped_at=AT + timedelta(minutes=stopped),
            stops_on=("RemedyProposed", "ComplaintResolved"), events=happened(*kinds),
        )  # fmt: skip

    assert vain(proposed, refused)
    assert not vain(proposed)
    assert not vain(proposed, other, refused)
    assert vain(proposed, other, refused, ("RemedyRejected", {"remedy": "b"}))
    assert not vain(proposed, refused, "ComplaintResolved")
    assert not vain("ComplaintResolved", proposed, refused)


@given(
    done=st.sets(st.sampled_from([s["id"] for s in WAY])),
    facts=st.fixed_dictionaries(
        {}, optional={"claimed": st.integers(0, 9), "verdict": st.just("upheld"),
                      "signed_by": st.just("person")},
    ),
)  # fmt: skip
def test_knowing_and_doing_more_never_closes_what_was_open(
    done: set[str], facts: dict[str, Any]
) -> None:
    plan = _PLAN
    standing = decide(plan=plan, facts=facts, done=done)
    assert standing == decide_afresh(plan=plan, facts=facts, done=frozenset(done))
    for now in standing.steps:
        assert now.because.zh and now.because.en
        assert (now.state == "asking") == bool(now.missing)
        assert (now.state == "waiting") == bool(now.waits_for)
    for more in (s["id"] for s in WAY):
        after = states(plan, {*done, more}, **facts)
        for now in standing.open():
            assert after[now.step.id] in {"open", "asking", "done"}


_PLAN = plan_of(playbook=playbook(*WAY), category="lost", branch="complaint")


@pytest.mark.parametrize(
    ("change", "told_zh"),
    [
        ({"form": "nothing"}, "表单“nothing”不存在"),
        ({"escalate": [{"after": "PT0M", "to": "manager"}]}, "没有时限"),
        ({"when": "1 > 2"}, "永远不成立"),
        ({"automatic": {"do": "send"}}, "应写且只写：script"),
        ({"automatic": {"do": "send", "script": "opening"}}, "有空要填"),
        ({"automatic": {"do": "look_up_track"}}, "没有写要查什么"),
        ({"branches": []}, "走不到"),
        ({"within": "PT0M"}, "时限为零"),
        (
            {
                "automatic": {
                    "do": "request",
                    "department": "moon",
                    "question": {"zh": "a", "en": "a"},
                }
            },
            "部门“moon”不存在",
        ),
    ],
)  # fmt: skip
def test_a_step_that_cannot_work_is_told_with_its_remedy(
    change: dict[str, Any], told_zh: str
) -> None:
    with pytest.raises(CannotLoadPlaybook) as caught:
        playbook(step("odd", **change), *WAY)
    found = [p for p in caught.value.problems if told_zh in p.zh]
    assert found, [p.zh for p in caught.value.problems]
    assert found[0].remedy_zh
    assert found[0].path.startswith("steps[0]")


@pytest.mark.parametrize(
    ("field", "told_zh"),
    [
        ({"kind": "choice"}, "choice 要写 choices"),
        ({"kind": "text", "fact": "signed"}, "事实“signed”不存在"),
        ({"kind": "text", "fact": "verdict"}, "由系统得出"),
        ({"kind": "text", "fact": "fee"}, "不能用 text 填写"),
        ({"kind": "number", "fact": "fee"}, "是金额"),
    ],
)
def test_a_form_that_cannot_be_filled_in_is_told(field: dict[str, Any], told_zh: str) -> None:
    words = {"zh": "查", "en": "look"}
    form = {"id": "f", "name": words, "fields": [{"id": "a", "name": words, **field}]}
    with pytest.raises(CannotLoadPlaybook) as caught:
        playbook(step("fill", form="f"), *WAY, forms=[form])
    assert any(told_zh in p.zh for p in caught.value.problems)


def test_what_is_typed_becomes_a_fact() -> None:
    assert told(name="fee", text="12.50") == 1250
    assert told(name="insured", text="no") is False
    assert told(name="days_late", text=" 3 ") == 3
    assert told(name="loss_ratio", text="0.5") == 0.5
    assert told(name="signed_by", text="") is None
    for name, text in [
        ("fee", "12.505"), ("fee", "-1"), ("fee", "NaN"), ("insured", "maybe"),
        ("days_late", "1.5"), ("signed_by", "cat"), ("loss_ratio", "2"), ("fee", "1e400"),
    ]:  # fmt: skip
        with pytest.raises(CannotTell):
            told(name=name, text=text)
