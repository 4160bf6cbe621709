"""Sources of tracks: they bring stations, not a person's words; their own tests tell the rest."""

from __future__ import annotations

from channels.conformance.kit import Kit
from channels.conformance.scenarios import SCENARIOS

_PUSHED = "推送的是轨迹：签名、重复和看不懂的推送见 tests/partners/test_track_sources.py"
_ASKED = (
    "由后台去查，不接收回调：见 tests/partners/test_track_sources.py、tests/doors/test_tracks.py"
)
_WORDLESS = "只有轨迹，没有客户的文字和文件"
_SILENT = "不向客户发消息；查不到时稍后再查见 tests/doors/test_tracks.py"
_IN = frozenset({"signature", "replay", "repeat", "unknown", "charset"})
_OUT = frozenset({"long_out", "window", "down", "slow", "limit"})


def _kit(code: str, told: str) -> Kit:
    why = {
        s.code: told if s.code in _IN else _SILENT if s.code in _OUT else _WORDLESS
        for s in SCENARIOS
    }
    return Kit(code=code, settings=lambda base: {"base": base}, why=why)


KITS = (
    *(_kit(code, _PUSHED) for code in ("kuaidi100", "kdniao", "zto")),
    *(_kit(code, _ASKED) for code in ("own_csv", "own_http", "own_sql")),
)
