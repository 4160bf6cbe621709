"""Names of remedies and their states."""

from __future__ import annotations

KIND_NAMES: dict[str, tuple[str, str]] = {
    "apology": ("致歉", "Apology"),
    "fee_waiver": ("退还运费", "Fee waiver"),
    "amount": ("现金补偿", "Compensation"),
    "coupon": ("优惠券", "Coupon"),
    "points": ("积分", "Points"),
    "redelivery": ("重新派送", "Re-delivery"),
    "rerouting": ("改派", "Re-routing"),
    "resigning": ("重新签收确认", "Re-signing"),
    "extended_service": ("延伸服务", "Extended service"),
    "goodwill": ("关怀补偿", "Goodwill"),
}
STATE_NAMES: dict[str, tuple[str, str]] = {
    "waiting": ("待审批", "Waiting"),
    "approved": ("已批准", "Approved"),
    "rejected": ("已驳回", "Rejected"),
}
