"""What systems that pay have in common: settings of authority, and what a callback brings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from huiyin.channels.protocol import Field, Piece, Settings
from huiyin.core.remedy.transfer import Told

FRESH: Final = 300
"""Seconds that a signed time may be away from ours."""
_METHODS: Final = {
    "original": ("原路退回", "back the way it was paid"),
    "wechat": ("微信", "WeChat"),
    "alipay": ("支付宝", "Alipay"),
    "bank": ("银行卡", "bank card"),
    "coupon": ("优惠券", "coupon"),
    "points": ("积分", "points"),
}


def fields(*, methods: Sequence[str]) -> tuple[Field, ...]:
    """Return the settings of a system that can pay by these methods."""
    return (
        *(
            Field(
                name=f"pay_{method}",
                kind="flag",
                label=(f"收款方式“{zh}”由这里付款", f"Pays by {en}"),
                help=("不勾选则仍由财务按批次文件付款", "else finance pays by its batch file"),
            )
            for method, (zh, en) in ((m, _METHODS[m]) for m in methods)
        ),
        Field(
            name="above",
            kind="integer",
            label=("超过多少元须由人放行", "Above this sum (yuan) a person must release"),
            help=(
                "0 表示每一笔都要财务或经理放行",
                "0: each payment waits for finance or a manager",
            ),
            default=0,
            least=0,
        ),
        Field(
            name="per_day",
            kind="integer",
            label=("每天最多付多少元", "Yuan a day"),
            help=("0 为不限；用完后等到第二天", "0 means no limit; the rest waits for tomorrow"),
            default=0,
            least=0,
        ),
        Field(
            name="per_minute",
            kind="integer",
            label=("每分钟最多几次请求", "Calls a minute"),
            help=("0 为不限", "0 means no limit"),
            default=60,
            least=0,
        ),
        Field(
            name="watch_days",
            kind="integer",
            label=("付款后每天核对几天", "Days to ask daily after a payment"),
            help=("用来发现退回的款项；0 为不核对", "finds what came back; 0 does not ask"),
            default=7,
            least=0,
            most=60,
        ),
    )


def methods_of(*, settings: Settings) -> frozenset[str]:
    """Return the methods that an account is told to pay by."""
    return frozenset(m for m in _METHODS if settings.get(f"pay_{m}"))


def fen(*, settings: Settings, name: str) -> int:
    """Return a setting in yuan as 分; 0 where there is none."""
    value = settings.get(name)
    return value * 100 if isinstance(value, int) and value > 0 else 0


def sum_of(value: Any) -> int | None:
    """Return a sum that a provider names in 分, None where it names none."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def piece(*, id: str, number: str, told: Told) -> Piece:
    """Return what a genuine callback says of a payment."""
    raw = {
        "number": number,
        "state": told.state,
        "reference": told.reference,
        "amount": told.amount,
        "zh": told.zh,
        "en": told.en,
    }
    return Piece(
        external_id=id[:150], raw=json.dumps(raw, ensure_ascii=False).encode(), kind="payout"
    )
