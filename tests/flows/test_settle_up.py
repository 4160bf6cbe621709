"""An outlet settles its account: paid in parts, never too much, taken back, the journal sound."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from company import World, actor
from huiyin.core.liability.account import CannotSettleUp
from huiyin.core.remedy.journal import Line
from huiyin.flows import settle_up
from huiyin.store import models
from huiyin.store.ledger import parties, party_payments
from huiyin.store.read import books, party_account


@pytest.fixture
def south(world: World) -> str:
    """An outlet that owes 100.00, of it 40.00 by its courier."""
    for code, kind, parent in (("w-south", "outlet", ""), ("c-01", "courier", "w-south")):
        parties.keep_party(
            now=world.now, code=code, kind=kind, name=code, parent=parent, fresh=True
        )
    # What it owes comes from a payment to the outlet that it had too much of.
    for code, amount in (("w-south", 6_000), ("c-01", 4_000)):
        party_payments.keep(
            now=world.now, party=code, amount=-amount, paid_on=world.now.date(), reference="期初",
            words="", token=f"opening-{code}", user_id=actor("mgr").id,
            lines=(Line(f"settled:{code}", amount), Line("received", -amount)),
        )  # fmt: skip
    return "w-south"


def pay(world: World, amount: int, who: str = "mgr", **how: Any) -> UUID:
    today = world.now.date()
    fields = {"party": "w-south", "paid_on": today, "reference": "LS-1", "token": f"t{amount}"}
    return settle_up.pay(
        now=world.now, actor=actor(who), amount=amount, today=today, **(fields | how)
    )


def owed() -> int:
    return party_account.balance(party="w-south")


def test_it_is_paid_in_parts_and_never_too_much(world: World, south: str) -> None:
    assert owed() == 10_000
    pay(world, 3_000)
    assert owed() == 7_000
    with pytest.raises(CannotSettleUp, match=r"70\.00"):
        pay(world, 7_001)
    pay(world, 7_000)
    assert owed() == 0
    with pytest.raises(CannotSettleUp, match="nothing"):
        pay(world, 1)
    assert list(books.faults()) == []


def test_a_form_sent_twice_is_one_payment(world: World, south: str) -> None:
    assert pay(world, 3_000) == pay(world, 3_000)
    assert owed() == 7_000


def test_what_was_written_down_wrongly_is_taken_back_once(world: World, south: str) -> None:
    id = pay(world, 3_000)
    undo: dict[str, Any] = {
        "now": world.now, "actor": actor("mgr"), "payment_id": id, "today": world.now.date(),
    }  # fmt: skip
    with pytest.raises(CannotSettleUp, match="reason"):
        settle_up.undo(words=" ", **undo)
    assert settle_up.undo(words="记错网点", **undo) == "w-south"
    assert owed() == 10_000
    with pytest.raises(CannotSettleUp, match="already"):
        settle_up.undo(words="再来一次", **undo)
    assert models.PartyPayment.objects.filter(undoes__isnull=False).count() == 1
    assert list(books.faults()) == []


def test_who_had_paid_too_much_is_paid_back(world: World, south: str) -> None:
    first = pay(world, 10_000)
    models.Entry.objects.filter(account="settled:c-01").update(account="settled:other")
    models.Tally.objects.filter(name="book:settled:c-01").update(name="book:settled:other")
    assert owed() == -4_000
    back = pay(world, 4_000, token="back")
    assert models.PartyPayment.objects.get(id=back).amount == -4_000
    assert owed() == 0
    assert models.PartyPayment.objects.get(id=first).amount == 10_000


@pytest.mark.parametrize("who", ["agent", "ops"])
def test_only_who_pays_for_the_house_writes_it_down(world: World, south: str, who: str) -> None:
    with pytest.raises(PermissionError):
        pay(world, 1_000, who)
    assert owed() == 10_000


@pytest.mark.parametrize(
    "wrong", [{"reference": " "}, {"reference": "字" * 81}, {"party": "c-01"}, {"party": "nobody"}]
)
def test_bad_input_changes_nothing(world: World, south: str, wrong: dict[str, str]) -> None:
    with pytest.raises(CannotSettleUp):
        pay(world, 1_000, **wrong)
    for amount in (0, -5):
        with pytest.raises(CannotSettleUp):
            pay(world, amount)
    with pytest.raises(CannotSettleUp, match="to come"):
        pay(world, 1_000, paid_on=world.now.date() + timedelta(days=1))
    assert owed() == 10_000
