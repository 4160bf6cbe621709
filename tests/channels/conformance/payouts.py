"""Partners that pay: they bring the end of a payment, not a person's words."""

from __future__ import annotations

from channels.conformance.kit import Kit
from channels.conformance.scenarios import SCENARIOS

_TOLD = "回调的是付款结果：签名、时间、重复与看不懂的见 tests/partners/test_payouts.py"
_SILENT = "不向客户发消息；对方停机、变慢、限流和超时见 tests/doors/test_payouts.py"
_WORDLESS = "只有付款结果，没有客户的文字和文件"
_IN = frozenset({"signature", "replay", "repeat", "unknown", "charset"})
_OUT = frozenset({"long_out", "window", "down", "slow", "limit"})

KITS = tuple(
    Kit(
        code=code,
        settings=lambda base: {"base": base},
        why={
            s.code: _TOLD if s.code in _IN else _SILENT if s.code in _OUT else _WORDLESS
            for s in SCENARIOS
        },
    )
    for code in ("payout_alipay", "payout_http", "payout_wechat")
)
