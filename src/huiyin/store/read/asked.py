"""How somebody's complaints stand, asked for on a channel by its address; for his eyes alone."""

from __future__ import annotations

from typing import Final

from django.conf import settings
from django.db.models import Exists, OuterRef

from huiyin.store import models
from huiyin.store.ids import tracking_token

MOST: Final = 5
_ENDED: Final = ("closed", "archived", "merged")
_STATE: Final = {
    "resolved": "已答复，请您评价",
    "waiting_customer": "等您补充信息",
    "waiting_approval": "处理中",
    "working": "处理中",
    "assigned": "等待受理",
}


def progress(*, channel: str, address: str) -> str:
    """Return how the open complaints stand that came from an address, each with its secret link."""
    person = models.Identity.objects.filter(kind=channel, value=address, proven=True).first()
    rows = []
    if person is not None:
        # whoever named another's telephone is not shown what that one wrote
        own = models.Message.objects.filter(
            complaint_id=OuterRef("id"), channel=channel, sender=address[:200], direction="in"
        )
        rows = list(
            models.Complaint.objects.filter(Exists(own), customer_id=person.customer_id)
            .exclude(status__in=_ENDED)
            .order_by("-opened_at")[: MOST + 1]
        )
    if not rows:
        return "您目前没有处理中的投诉。要投诉，请直接在这里写下运单号和遇到的问题。"
    parts = [
        f"{row.number} {_STATE.get(row.status, '已收到')}\n"
        f"{settings.HUIYIN.site_url}/t/{row.number}/"
        f"{tracking_token(secret=settings.SECRET_KEY, complaint_id=row.id)}/"
        for row in rows[:MOST]
    ]
    if len(rows) > MOST:
        parts.append("更早的投诉不在此列。")
    return "\n\n".join(parts)
