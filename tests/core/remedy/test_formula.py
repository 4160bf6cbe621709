"""The golden rows of compensation, every branch of it, and what no input may break."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.remedy import CannotCompensate, CannotReadFacts, Remedy, compensate, read_facts
from huiyin.core.remedy.steps import SAYINGS

SF = {"uninsured_cap": {"kind": "multiple", "retail": 7, "monthly": 9}, "refund_fee_on_loss": True}
FIXED = {"uninsured_cap": {"kind": "fixed", "amount": 50000}, "no_proof_multiple": 3}
FREE = {"uninsured_cap": {"kind": "none"}}
PROMISED = datetime.fromisoformat("2026-11-01T18:00:00+08:00")
WHOLE_KINDS = ("loss", "damage_total", "wrong_item")


def owed(policy: dict[str, Any], **facts: Any) -> Remedy:
    read, terms = read_facts(data={**facts, "policy": policy})
    return compensate(facts=read, policy=terms)


def late(policy: dict[str, Any], *, by: timedelta, **facts: Any) -> Remedy:
    when = {"promised_at": PROMISED.isoformat(), "now": (PROMISED + by).isoformat()}
    return owed(policy, kind="delay", **when, **facts)


def rules(remedy: Remedy) -> list[str]:
    return [step.rule for step in remedy.steps]


# The golden rows.


def test_insured_in_full_pays_the_value_and_the_fee() -> None:
    out = owed(SF, kind="loss", fee=2000, insured_amount=300000, real_value=300000)
    assert (out.compensation, out.fee_refund, out.total) == (300000, 2000, 302000)
    assert (out.cap_applied, out.treated_as, out.needs_review) == (None, "loss", False)


def test_under_insured_pays_the_share() -> None:
    out = owed(
        FIXED, kind="damage_partial", insured_amount=100000, real_value=400000, loss_ratio=0.5
    )
    assert (out.compensation, out.total) == (50000, 50000)


def test_uninsured_retail_is_capped_at_seven_times_the_fee() -> None:
    out = owed({**SF, "refund_fee_on_loss": False}, kind="loss", fee=2000, real_value=600000)
    assert (out.compensation, out.total, out.cap_applied) == (14000, 14000, "multiple")


def test_fixed_cap() -> None:
    out = owed(FIXED, kind="loss", fee=1200, real_value=78000)
    assert (out.compensation, out.cap_applied) == (50000, "fixed")


@pytest.mark.parametrize("value", [{}, {"real_value": 78000}])
def test_no_proof_pays_the_multiple_of_the_fee(value: dict[str, int]) -> None:
    out = owed(FIXED, kind="loss", fee=1200, value_proven=False, **value)
    assert (out.compensation, out.cap_applied) == (3600, "no_proof")


def test_eight_days_after_the_promise_is_a_loss_and_six_the_fee() -> None:
    facts = {"fee": 1200, "premium": 300, "real_value": 30000, "route": "domestic"}
    loss = late(FIXED, by=timedelta(days=8), **facts)
    assert (loss.treated_as, loss.compensation) == ("loss", 30000)
    fee = late(FIXED, by=timedelta(days=6), **facts)
    assert (fee.treated_as, fee.compensation, fee.fee_refund, fee.total) == ("delay", 0, 1200, 1200)


# Delay.


@pytest.mark.parametrize(
    ("route", "days"), [("city", 3), ("domestic", 7), ("hkmt", 7), ("international", 10)]
)
def test_the_threshold_of_a_thorough_delay_is_passed_not_reached(route: str, days: int) -> None:
    facts = {"fee": 1200, "real_value": 9000, "route": route}
    reached = late(FIXED, by=timedelta(days=days), **facts)
    passed = late(FIXED, by=timedelta(days=days, seconds=1), **facts)
    assert (reached.treated_as, reached.total) == ("delay", 1200)
    assert (passed.treated_as, passed.total) == ("loss", 9000)


def test_calendar_days_count_holidays_and_any_offset() -> None:
    promised, now = "2026-09-30T18:00:00+08:00", "2026-10-07T10:00:01+00:00"
    out = owed(FIXED, kind="delay", fee=1, real_value=5, promised_at=promised, now=now)
    assert out.treated_as == "loss"


def test_a_company_may_set_its_own_days_to_hong_kong() -> None:
    policy = {**FIXED, "hkmt_days": 10}
    facts = {"fee": 1200, "real_value": 9000, "route": "hkmt"}
    assert late(policy, by=timedelta(days=9), **facts).treated_as == "delay"
    assert late(policy, by=timedelta(days=10, hours=1), **facts).treated_as == "loss"


def test_on_time_owes_nothing() -> None:
    for by in (timedelta(0), timedelta(hours=-1)):
        out = late(FIXED, by=by, fee=1200, real_value=78000)
        assert (out.treated_as, out.total) == ("delay", 0)


@pytest.mark.parametrize("destroyed", [{"loss_ratio": 1}, {"value_destroyed": True}])
def test_a_delay_that_destroyed_the_value_is_a_total_damage(destroyed: dict[str, Any]) -> None:
    out = late(SF, by=timedelta(hours=5), fee=2000, real_value=8000, **destroyed)
    assert (out.treated_as, out.compensation, out.fee_refund) == ("damage_total", 8000, 2000)


def test_a_thorough_delay_counts_the_whole_value_and_the_carriers_fee_rule() -> None:
    out = late(SF, by=timedelta(days=8), fee=2000, real_value=8000, loss_ratio=0.25)
    assert (out.compensation, out.fee_refund, out.total) == (8000, 2000, 10000)


# Exemptions.


@pytest.mark.parametrize("cause", ["nature", "user", "force_majeure"])
@pytest.mark.parametrize("kind", ["loss", "damage_total", "damage_partial", "wrong_item"])
def test_defences_owe_nothing(cause: str, kind: str) -> None:
    out = owed(SF, kind=kind, fee=1200, real_value=78000, loss_ratio=0.5, cause=cause)
    assert (out.compensation, out.fee_refund, out.total) == (0, 0, 0)
    assert out.steps[-1].basis == "民法典 832"


@pytest.mark.parametrize("cause", ["nature", "user"])
def test_insurance_does_not_answer_for_nature_or_the_user(cause: str) -> None:
    assert owed(SF, kind="loss", fee=1, insured_amount=9, real_value=9, cause=cause).total == 0


def test_force_majeure_does_not_end_insurance() -> None:
    out = owed(FIXED, kind="loss", cause="force_majeure", insured_amount=10000, real_value=10000)
    assert out.compensation == 10000


def test_a_delay_by_force_majeure_owes_nothing() -> None:
    assert late(SF, by=timedelta(days=2), fee=1200, cause="force_majeure").total == 0


# Insured.


def test_over_insured_pays_the_loss_only() -> None:
    assert owed(FREE, kind="loss", insured_amount=500000, real_value=300000).compensation == 300000


def test_under_insured_total_loss_pays_the_insured_amount() -> None:
    out = owed(FREE, kind="loss", insured_amount=100000, real_value=400000)
    assert (out.compensation, out.cap_applied) == (100000, "insured_amount")


def test_the_cap_for_uninsured_parcels_does_not_touch_insured_ones() -> None:
    out = owed(SF, kind="loss", fee=1, insured_amount=300000, real_value=300000, value_proven=False)
    assert out.compensation == 300000
    assert out.needs_review


def test_insured_of_unknown_value_takes_the_insured_amount_and_asks() -> None:
    out = owed(FREE, kind="loss", insured_amount=100000)
    assert (out.compensation, out.needs_review) == (100000, True)


def test_insured_for_nothing_is_not_insured() -> None:
    out = owed(FIXED, kind="loss", fee=1200, insured_amount=0, real_value=78000)
    assert (out.compensation, out.cap_applied) == (50000, "fixed")


# Uninsured.


def test_monthly_account_has_its_own_multiple() -> None:
    facts = {"kind": "loss", "fee": 2000, "real_value": 600000, "account": "monthly"}
    assert owed(SF, **facts).compensation == 18000
    retail_only = {"uninsured_cap": {"kind": "multiple", "retail": 7}}
    assert owed(retail_only, **facts).compensation == 14000


def test_no_cap_pays_the_loss() -> None:
    out = owed(FREE, kind="shortage", real_value=600000, loss_ratio=0.3)
    assert (out.compensation, out.cap_applied) == (180000, None)


@pytest.mark.parametrize("lifted", [{"gross_negligence": True}, {"terms_shown": False}])
@pytest.mark.parametrize("policy", [FIXED, SF])
def test_the_cap_falls(lifted: dict[str, bool], policy: dict[str, Any]) -> None:
    out = owed(policy, kind="loss", fee=1200, real_value=78000, **lifted)
    assert (out.compensation, out.cap_applied, out.needs_review) == (78000, None, True)
    assert out.steps[-2 if not out.fee_refund else -3].basis in {"民法典 506", "民法典 496、497"}


def test_the_cap_bounds_the_no_proof_multiple_too() -> None:
    out = owed(FIXED, kind="loss", fee=30000, real_value=900000, value_proven=False)
    assert (out.compensation, out.cap_applied) == (50000, "fixed")


def test_negligence_without_proof_asks_for_the_real_loss() -> None:
    facts = {"kind": "loss", "fee": 1200, "real_value": 78000, "value_proven": False}
    out = owed(FIXED, gross_negligence=True, **facts)
    assert (out.compensation, out.needs_review) == (3600, True)


def test_a_multiple_above_what_is_claimed_is_asked_about() -> None:
    out = owed(FIXED, kind="loss", fee=1200, real_value=2000, value_proven=False)
    assert (out.compensation, out.needs_review) == (3600, True)
    assert "review.claimed" in rules(out)


def test_salvage_is_taken_off_and_never_below_zero() -> None:
    facts = {"kind": "damage_total", "fee": 2000, "real_value": 10000}
    assert owed(SF, salvage=3000, **facts).total == 7000 + 2000
    assert owed(SF, salvage=30000, **facts).total == 2000


def test_a_wrong_article_is_a_total_damage() -> None:
    facts = {"fee": 2000, "real_value": 600000}
    wrong = owed(SF, kind="wrong_item", **facts)
    total = owed(SF, kind="damage_total", **facts)
    assert (wrong.treated_as, wrong.total) == (total.treated_as, total.total)
    assert wrong.fee_refund == 2000


def test_partial_damage_keeps_the_fee() -> None:
    out = owed(SF, kind="damage_partial", fee=2000, real_value=10000, loss_ratio=0.4)
    assert (out.compensation, out.fee_refund) == (4000, 0)


def test_nothing_lost_pays_nothing() -> None:
    out = owed(FIXED, kind="shortage", fee=1200, real_value=9, loss_ratio=0, value_proven=False)
    assert out.total == 0


# Without a statutory amount, and overcharge.


@pytest.mark.parametrize("kind", ["fake_sign", "attitude"])
def test_no_statute_pays_for_fake_sign_off_or_manner(kind: str) -> None:
    out = owed(SF, kind=kind, fee=2000, real_value=600000, insured_amount=600000)
    assert (out.total, out.treated_as, out.needs_review) == (0, kind, True)


def test_an_overcharge_is_returned() -> None:
    for name in ("overcharged", "overcharge"):
        out = owed(SF, kind="overcharge", fee=5200, **{name: 3000})
        assert (out.compensation, out.fee_refund, out.total) == (0, 3000, 3000)
    unknown = owed(SF, kind="overcharge", fee=5200)
    assert (unknown.total, unknown.needs_review) == (0, True)


def test_above_the_actors_authority_needs_review() -> None:
    facts = {"kind": "loss", "fee": 0, "real_value": 9000}
    assert owed(FREE, authority=8999, **facts).needs_review
    assert not owed(FREE, authority=9000, **facts).needs_review


# Bad facts.


@pytest.mark.parametrize(
    ("facts", "named"),
    [
        ({"kind": "gone"}, "kind"),
        ({}, "kind"),
        ({"kind": None}, "kind"),
        ({"kind": "loss", "fee": -1}, "fee"),
        ({"kind": "loss", "fee": 1.5}, "fee"),
        ({"kind": "loss", "fee": "12"}, "fee"),
        ({"kind": "loss", "fee": True}, "fee"),
        ({"kind": "loss", "real_value": 10**14}, "real_value"),
        ({"kind": "loss", "loss_ratio": 2}, "loss_ratio"),
        ({"kind": "loss", "loss_ratio": -0.1}, "loss_ratio"),
        ({"kind": "loss", "loss_ratio": float("nan")}, "loss_ratio"),
        ({"kind": "loss", "loss_ratio": "half"}, "loss_ratio"),
        ({"kind": "loss", "value_proven": "maybe"}, "value_proven"),
        ({"kind": "loss", "route": "moon"}, "route"),
        ({"kind": "loss", "cause": "fate"}, "cause"),
        ({"kind": "delay"}, "promised_at"),
        ({"kind": "delay", "promised_at": "2026-11-01T18:00:00", "now": "2026-11-02"}, "offset"),
        ({"kind": "delay", "promised_at": 5, "now": 6}, "promised_at"),
        ({"kind": "loss", "policy": []}, "policy"),
        ({"kind": "loss", "policy": {"uninsured_cap": {"kind": "multiple"}}}, "retail"),
        ({"kind": "loss", "policy": {"uninsured_cap": {"kind": "fixed"}}}, "amount"),
        ({"kind": "loss", "policy": {"cap": 5}}, "policy.cap"),
    ],
)
def test_bad_facts_are_named(facts: dict[str, Any], named: str) -> None:
    with pytest.raises(CannotReadFacts, match=named):
        read_facts(data=facts)


@pytest.mark.parametrize(
    ("policy", "facts", "named"),
    [
        (SF, {"kind": "loss", "real_value": 5}, "fee"),
        (FIXED, {"kind": "loss", "value_proven": False}, "fee"),
        (FREE, {"kind": "loss"}, "real_value"),
        (FREE, {"kind": "shortage", "real_value": 5}, "loss_ratio"),
    ],
)
def test_a_fact_that_is_needed_and_unknown_is_asked_for(
    policy: dict[str, Any], facts: dict[str, Any], named: str
) -> None:
    with pytest.raises(CannotCompensate, match=named):
        owed(policy, **facts)


# What no input may break.

fen = st.integers(0, 10**9)
policies = st.fixed_dictionaries(
    {
        "uninsured_cap": st.one_of(
            st.just({"kind": "none"}),
            st.builds(lambda a: {"kind": "fixed", "amount": a}, fen),
            st.builds(
                lambda r, m: {"kind": "multiple", "retail": r, "monthly": m},
                st.integers(0, 20),
                st.integers(0, 20),
            ),
        ),
        "no_proof_multiple": st.none() | st.integers(0, 20),
        "refund_fee_on_loss": st.booleans(),
    }
)
claims = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([*WHOLE_KINDS, "damage_partial", "shortage", "delay"]),
        "fee": st.integers(0, 10**6),
        "premium": fen,
        "insured_amount": st.none() | fen,
        "real_value": fen,
        "value_proven": st.booleans(),
        "loss_ratio": st.integers(0, 1000).map(lambda n: n / 1000),
        "now": st.integers(-48, 24 * 20).map(lambda h: (PROMISED + timedelta(hours=h)).isoformat()),
        "promised_at": st.just(PROMISED.isoformat()),
        "route": st.sampled_from(["city", "domestic", "hkmt", "international"]),
        "account": st.sampled_from(["monthly", "retail"]),
        "gross_negligence": st.booleans(),
        "terms_shown": st.booleans(),
        "cause": st.sampled_from(["carrier", "force_majeure", "nature", "user"]),
        "salvage": st.just(0) | fen,
    }
)


def cap_of(policy: dict[str, Any], facts: dict[str, Any]) -> int | None:
    cap = policy["uninsured_cap"]
    if cap["kind"] == "multiple":
        return int(cap[facts["account"]]) * int(facts["fee"])
    return None if cap["kind"] == "none" else int(cap["amount"])


@given(policy=policies, facts=claims)
def test_bounds(policy: dict[str, Any], facts: dict[str, Any]) -> None:
    out = owed(policy, **facts)
    assert min(out.compensation, out.fee_refund) >= 0
    assert out.total == out.compensation + out.fee_refund
    assert out.fee_refund in {0, facts["fee"]}
    no_proof = (policy["no_proof_multiple"] or 0) * facts["fee"]
    assert out.compensation <= max(
        facts["real_value"], 0 if facts["value_proven"] or facts["insured_amount"] else no_proof
    )
    if facts["insured_amount"]:
        assert out.compensation <= facts["insured_amount"]
        return
    cap = cap_of(policy, facts)
    if cap is not None and not facts["gross_negligence"] and facts["terms_shown"]:
        assert out.compensation <= cap
    if facts["cause"] != "carrier":
        assert out.total == 0


@given(policy=policies, facts=claims, more=st.integers(0, 1000), value=fen)
def test_more_lost_or_more_worth_never_pays_less(
    policy: dict[str, Any], facts: dict[str, Any], more: int, value: int
) -> None:
    base = owed(policy, **facts).compensation
    if facts["kind"] != "delay":
        ratio = max(facts["loss_ratio"], more / 1000)
        assert owed(policy, **{**facts, "loss_ratio": ratio}).compensation >= base
    worth = max(facts["real_value"], value)
    assert owed(policy, **{**facts, "real_value": worth}).compensation >= base


@given(policy=policies, facts=claims, more=fen)
def test_more_insured_never_pays_less(
    policy: dict[str, Any], facts: dict[str, Any], more: int
) -> None:
    if facts["insured_amount"]:
        base = owed(policy, **facts).compensation
        raised = {**facts, "insured_amount": max(facts["insured_amount"], more)}
        assert owed(policy, **raised).compensation >= base


@given(policy=policies, facts=claims)
def test_the_same_facts_give_the_same_steps_and_every_step_is_said(
    policy: dict[str, Any], facts: dict[str, Any]
) -> None:
    out = owed(policy, **facts)
    assert out == owed(policy, **facts)
    assert out.steps
    for step in out.steps:
        assert step.zh
        assert step.en
        assert step.basis or step.rule.startswith("review.")
        assert "{" not in step.zh + step.en + "".join(step.for_customer or ())
    # The fee of a premium never moves the sum.
    assert owed(policy, **{**facts, "premium": 0}).total == out.total


def test_what_the_customer_reads_is_there_for_every_step_that_moves_money() -> None:
    internal = {"fake_sign", "attitude"}
    for rule, saying in SAYINGS.items():
        told = bool(saying.customer_zh and saying.customer_en)
        assert told is not (rule.startswith("review.") or rule in internal), rule


def test_rounding_is_half_up_once() -> None:
    assert owed(FREE, kind="shortage", real_value=1, loss_ratio=0.5).compensation == 1
    assert owed(FREE, kind="shortage", real_value=3, loss_ratio=0.15).compensation == 0
    under = owed(FREE, kind="shortage", insured_amount=1, real_value=3, loss_ratio=0.5)
    assert under.compensation == 1
