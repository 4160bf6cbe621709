"""The golden rows of compensation, and what no input may break."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.remedy import CannotReadFacts, compensate, read_facts

SF = {"uninsured_cap": {"kind": "multiple", "retail": 7, "monthly": 9}, "refund_fee_on_loss": True}
FIXED = {"uninsured_cap": {"kind": "fixed", "amount": 50000}, "no_proof_multiple": 3}
DAYS = {"promised_at": "2026-11-01T18:00:00+08:00", "route": "domestic"}


def owed(policy: dict[str, object], **facts: object):
    read, terms = read_facts(data={**facts, "policy": policy})
    return compensate(facts=read, policy=terms)


def test_insured_in_full_pays_the_value_and_the_fee() -> None:
    out = owed(SF, kind="loss", fee=2000, insured_amount=300000, real_value=300000)
    assert (out.compensation, out.fee_refund, out.total) == (300000, 2000, 302000)


def test_under_insured_pays_the_share() -> None:
    out = owed(
        FIXED, kind="damage_partial", insured_amount=100000, real_value=400000, loss_ratio=0.5
    )
    assert out.compensation == 50000


def test_uninsured_retail_is_capped_at_seven_times_the_fee() -> None:
    out = owed({**SF, "refund_fee_on_loss": False}, kind="loss", fee=2000, real_value=600000)
    assert (out.compensation, out.cap_applied) == (14000, "multiple")


def test_monthly_account_has_its_own_multiple() -> None:
    assert (
        owed(SF, kind="loss", fee=2000, real_value=600000, account="monthly").compensation == 18000
    )


def test_fixed_cap() -> None:
    out = owed(FIXED, kind="loss", fee=1200, real_value=78000)
    assert (out.compensation, out.cap_applied) == (50000, "fixed")


def test_no_proof_pays_the_multiple_of_the_fee() -> None:
    out = owed(FIXED, kind="loss", fee=1200, real_value=78000, value_proven=False)
    assert out.compensation == 3600


@pytest.mark.parametrize(
    ("now", "treated", "total"),
    [
        ("2026-11-09T18:00:00+08:00", "loss", 50000),
        ("2026-11-07T18:00:00+08:00", "delay", 1200),
        ("2026-11-01T17:00:00+08:00", "delay", 0),
    ],
)
def test_delay(now: str, treated: str, total: int) -> None:
    out = owed(FIXED, kind="delay", fee=1200, premium=300, real_value=78000, now=now, **DAYS)
    assert (out.treated_as, out.total) == (treated, total)


def test_gross_negligence_lifts_the_cap() -> None:
    out = owed(FIXED, kind="loss", fee=1200, real_value=78000, gross_negligence=True)
    assert (out.compensation, out.cap_applied, out.needs_review) == (78000, None, True)


@pytest.mark.parametrize("cause", ["nature", "user", "force_majeure"])
def test_defences_owe_nothing(cause: str) -> None:
    assert owed(FIXED, kind="loss", fee=1200, real_value=78000, cause=cause).total == 0


def test_force_majeure_does_not_end_insurance() -> None:
    out = owed(FIXED, kind="loss", cause="force_majeure", insured_amount=10000, real_value=10000)
    assert out.compensation == 10000


@pytest.mark.parametrize(
    "facts",
    [
        {"kind": "gone"},
        {"kind": "loss", "fee": -1},
        {"kind": "loss", "fee": 1.5},
        {"kind": "loss", "loss_ratio": 2},
        {"kind": "delay"},
        {},
    ],
)
def test_bad_facts_are_named(facts: dict[str, object]) -> None:
    with pytest.raises(CannotReadFacts):
        read_facts(data=facts)


@given(
    kind=st.sampled_from(["loss", "damage_total", "damage_partial", "shortage", "wrong_item"]),
    fee=st.integers(0, 10**6),
    insured=st.none() | st.integers(1, 10**8),
    value=st.integers(0, 10**8),
    ratio=st.integers(0, 100),
    salvage=st.integers(0, 10**7),
)
def test_never_above_the_loss_nor_below_zero(
    kind: str, fee: int, insured: int | None, value: int, ratio: int, salvage: int
) -> None:
    out = owed(
        SF, kind=kind, fee=fee, insured_amount=insured, real_value=value,
        loss_ratio=ratio / 100, salvage=salvage,
    )  # fmt: skip
    assert 0 <= out.compensation <= value
    assert out.total == out.compensation + out.fee_refund
    if insured:
        assert out.compensation <= insured
