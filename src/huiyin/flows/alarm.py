"""Alarm: a channel that stands out is told once to people and systems, and once when it is over."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.utils.translation import gettext as _

from huiyin.core.volume import Finding
from huiyin.store.ledger import Pen, webhooks
from huiyin.store.ledger import volume as ledger
from huiyin.store.read import cases, labels, volume

RAISED: Final = "AlertRaised"
ENDED: Final = "AlertEnded"


def raise_alert(*, pen: Pen, channel: str, finding: Finding) -> bool:
    """Raise an alert and tell of it; False where the same stands already."""
    id = ledger.raise_alert(
        kind=finding.kind,
        channel=channel,
        seen=finding.seen,
        usual=finding.usual,
        because=[finding.because],
        now=pen.now,
    )
    if id is None:
        return False
    about = {"seen": finding.seen, "usual": round(finding.usual, 1)}
    _tell(pen=pen, id=id, what=RAISED, kind=finding.kind, channel=channel, about=about)
    _mail(
        pen=pen,
        subject=_("来件告警：%s") % volume.named(kind=finding.kind, channel=channel),
        lines=(labels.said(finding.because), _("恢复后会再发一封。跟进请到：%s") % _page()),
    )
    return True


def end(*, pen: Pen, channel: str, kind: str) -> bool:
    """End an alert and tell of it; False where none stands."""
    id = ledger.end_alert(kind=kind, channel=channel, now=pen.now)
    if id is None:
        return False
    _tell(pen=pen, id=id, what=ENDED, kind=kind, channel=channel, about={})
    _mail(
        pen=pen,
        subject=_("来件恢复：%s") % volume.named(kind=kind, channel=channel),
        lines=(_("告警已经结束。"), _page()),
    )
    return True


def _tell(
    *, pen: Pen, id: UUID, what: str, kind: str, channel: str, about: Mapping[str, Any]
) -> None:
    told = {"alert": kind, "channel": channel, **about}
    for row in webhooks.alert_rows(alert=id, kind=what, about=told, now=pen.now):
        pen.add(table="outbox", row=row)


def _mail(*, pen: Pen, subject: str, lines: tuple[str, ...]) -> None:
    to = settings.HUIYIN.alert_mail
    if not to:
        return
    pen.send(
        case=None,
        channel="email",
        recipient=to,
        payload={
            "subject": f"[{cases.company_name()}] {subject}",
            "text": "\n\n".join(lines),
            "number": "",
            "automatic": True,
        },
    )


def _page() -> str:
    return f"{settings.HUIYIN.site_url}/desk/monitor"
