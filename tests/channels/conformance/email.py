"""Mail: no provider that calls; real servers stand in its own tests."""

from __future__ import annotations

from channels.conformance.kit import Kit
from channels.conformance.scenarios import SCENARIOS

_IN = "没有回调，邮件由后台收取：见 tests/channels/email、tests/doors/test_mailbox.py"
_OUT = "经 SMTP 发出：连不上、拒收和退信见 tests/doors/test_mail_out.py、test_mail_servers.py"
_SENT = frozenset({"long_out", "down", "slow", "limit"})

KIT = Kit(
    code="email",
    settings=lambda base: {},
    why={s.code: _OUT if s.code in _SENT else _IN for s in SCENARIOS if s.code != "window"},
)
