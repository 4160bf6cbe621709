"""The way of one offer: proposed, granted, answered by the customer, paid out.

One table of state, act and next state for the offer, one for its payout.
"""

from __future__ import annotations

LIVE: frozenset[str] = frozenset({"waiting", "approved", "countered", "accepted", "paid"})
"""States in which an offer holds its parcel: nothing else may be claimed for the same thing."""
GRANTED: frozenset[str] = frozenset({"approved", "countered", "accepted", "paid"})
"""States in which the money counts as granted."""
OPEN_TO_CUSTOMER: frozenset[str] = frozenset({"approved", "countered"})
"""States in which the customer may answer."""

MOVES: dict[str, dict[str, str]] = {
    "waiting": {"approve": "approved", "reject": "rejected", "withdraw": "withdrawn"},
    "approved": {
        "accept": "accepted",
        "decline": "declined",
        "counter": "countered",
        "withdraw": "withdrawn",
        "issue": "accepted",
    },
    "countered": {
        "accept": "accepted",
        "decline": "declined",
        "counter": "countered",
        "withdraw": "withdrawn",
    },
    "accepted": {"settle": "paid", "withdraw": "withdrawn"},
    "paid": {"return": "accepted"},
    "rejected": {},
    "declined": {},
    "withdrawn": {},
}
"""``issue`` is for kinds that need no answer (coupon, points): they are handed out at once."""

PAYOUT_MOVES: dict[str, dict[str, str]] = {
    "requested": {"send": "processing", "pay": "paid", "fail": "failed"},
    "processing": {"pay": "paid", "fail": "failed"},
    "paid": {"return": "returned"},
    "failed": {},
    "returned": {},
}
UNPAID_PAYOUTS: frozenset[str] = frozenset({"requested", "processing"})
"""Payouts that were asked for and have not ended."""
LIVE_PAYOUTS: frozenset[str] = UNPAID_PAYOUTS | {"paid"}
"""Payouts that stand: a remedy has at most one of them."""

PAYOUT_STATE_NAMES: dict[str, tuple[str, str]] = {
    "requested": ("待付款", "Requested"),
    "processing": ("付款中", "Under way"),
    "paid": ("已付", "Paid"),
    "failed": ("付款失败", "Failed"),
    "returned": ("已退回", "Returned"),
}
ANSWERED_KINDS: frozenset[str] = frozenset({"amount", "fee_waiver", "goodwill"})
"""Kinds that the customer accepts before they are paid."""
ISSUED_KINDS: frozenset[str] = frozenset({"coupon", "points"})
"""Kinds that are handed out as soon as they are granted."""


class CannotMoveOffer(ValueError):
    """The act is not possible in this state; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


_WHY: dict[str, tuple[str, str]] = {
    "waiting": ("方案还在审批", "the offer still waits for approval"),
    "rejected": ("方案没有获批", "the offer was not approved"),
    "declined": ("客户没有接受这个方案", "the customer declined the offer"),
    "withdrawn": ("方案已撤回", "the offer was withdrawn"),
    "accepted": ("客户已接受这个方案", "the customer accepted the offer already"),
    "paid": ("这笔补偿已经付清", "the remedy is paid"),
    "approved": ("方案已批准", "the offer is approved"),
    "countered": ("客户提出了别的要求", "the customer asked for something else"),
    "requested": ("款项已在支付中", "the payment is under way"),
    "processing": ("款项已在支付中", "the payment is under way"),
    "failed": ("这笔付款已失败", "the payment failed"),
    "returned": ("这笔付款已退回", "the payment came back"),
}


def move_offer(*, state: str, act: str) -> str:
    """Return an offer's state after an act. Raises CannotMoveOffer."""
    return _move(MOVES, state, act)


def move_payout(*, state: str, act: str) -> str:
    """Return a payout's state after an act. Raises CannotMoveOffer."""
    return _move(PAYOUT_MOVES, state, act)


def _move(table: dict[str, dict[str, str]], state: str, act: str) -> str:
    after = table.get(state, {}).get(act)
    if after is None:
        zh, en = _WHY.get(state, (state, state))
        raise CannotMoveOffer(zh=f"{zh}，不能再这样操作", en=f"{en}; this is not possible now")
    return after
