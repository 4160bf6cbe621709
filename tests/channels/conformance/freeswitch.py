"""FreeSWITCH's event socket: a line that the worker holds; no callbacks, no messages."""

from __future__ import annotations

from typing import Any

from channels.conformance.kit import Kit
from channels.conformance.scenarios import SCENARIOS

_INWARD = "后台连过去听事件，不接收回调；断线、重连、口令错误见 tests/doors/test_telephony.py"
_OUTWARD = "电话不发文字消息"


def _settings(base: str) -> dict[str, Any]:
    return {"host": "127.0.0.1", "port": 8021, "secret": "word", "base": base}


KIT = Kit(
    code="freeswitch",
    settings=_settings,
    why={s.code: _OUTWARD if s.part in {"sent", "window"} else _INWARD for s in SCENARIOS},
)
