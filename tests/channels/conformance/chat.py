"""Live chat: no provider calls us and we call none; what applies is driven through its own door.

``tests/doors/test_chat.py`` holds the same scenarios against the visitor's calls.
"""

from __future__ import annotations

from channels.conformance.kit import Kit

_OWN = "没有对方：访客直接连到本系统；这一项由 tests/doors/test_chat.py 检验"
_NONE = "没有对方：访客直接连到本系统，协议里没有这一项"

KIT = Kit(
    code="chat",
    settings=lambda base: {"origins": base, "sessions_per_hour": 20, "lines_per_minute": 20},
    why={
        "signature": _OWN,
        "replay": _OWN,
        "repeat": _OWN,
        "unknown": _NONE,
        "empty": _OWN,
        "long_in": _OWN,
        "long_out": _OWN,
        "image": _OWN,
        "voice": _NONE,
        "down": _NONE,
        "slow": _NONE,
        "limit": _OWN,
        "charset": _OWN,
    },
)
