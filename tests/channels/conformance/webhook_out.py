"""Events to other systems: nothing comes in, and what goes out is no message to a person."""

from __future__ import annotations

from typing import Any

from channels.conformance.kit import Kit
from channels.conformance.scenarios import SCENARIOS

_INWARD = "只推送事件，不接收回调"
_OUTWARD = "推送的是事件，不是给人的消息；重试、次序、重放见 tests/doors/test_webhooks.py"


def _settings(base: str) -> dict[str, Any]:
    return {"base": base, "secret": "webhook-secret", "kinds": "*"}


KIT = Kit(
    code="webhook_out",
    settings=_settings,
    why={s.code: _OUTWARD if s.part in {"sent", "window"} else _INWARD for s in SCENARIOS},
)
