"""The no-loss balance, quarantine, outbox and workers."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count, Sum

from huiyin.core.because import Reason
from huiyin.store import models
from huiyin.store.read import labels
from huiyin.store.read.pages import Balance, OperationsPage, QuarantineRow

STATES = ("opened", "joined", "reopened", "set_aside", "quarantined", "pending")


def balance() -> Balance:
    """Return the balance from the maintained counters."""
    tally = dict(
        models.Tally.objects.filter(name__startswith="inbox:").values_list("name", "value")
    )
    return Balance(
        received=tally.get("inbox:received", 0),
        duplicates=tally.get("inbox:duplicates", 0),
        **{s: tally.get(f"inbox:{s}", 0) for s in STATES},
    )


def recounted() -> Balance:
    """Return the balance counted from the rows themselves: slow, for ``huiyin verify``."""
    rows = dict(models.InboxItem.objects.values_list("state").annotate(n=Count("id")))
    repeats = models.InboxItem.objects.aggregate(s=Sum("repeats"))["s"] or 0
    return Balance(
        received=sum(rows.values()), duplicates=repeats, **{s: rows.get(s, 0) for s in STATES}
    )


def _row(item: models.InboxItem) -> QuarantineRow:
    raw = bytes(item.raw)
    reason = Reason.from_json(data=item.reason[0]) if item.reason else None
    text = raw[:4000].decode("utf-8", "replace")
    return QuarantineRow(
        id=item.id.hex,
        channel=item.channel,
        channel_label=labels.pick(labels.CHANNEL_NAMES, item.channel),
        received_at=item.received_at,
        reason="" if reason is None else (reason.en if labels.english() else reason.zh),
        size=len(raw),
        attempts=item.attempts,
        preview=text,
        headers=tuple((str(k), str(v)) for k, v in item.headers.items()),
    )


def quarantine(*, limit: int = 100) -> Sequence[QuarantineRow]:
    """Return what waits in quarantine, newest first."""
    return [
        _row(i)
        for i in models.InboxItem.objects.filter(state="quarantined").order_by("-id")[:limit]
    ]


def quarantined(*, item_id: UUID) -> QuarantineRow | None:
    """Return one quarantined contact whole, None when it is not there any more."""
    item = models.InboxItem.objects.filter(id=item_id, state="quarantined").first()
    return _row(item) if item else None


def page() -> OperationsPage:
    """Return the operations page."""
    waiting = models.InboxItem.objects.filter(state="pending").order_by("id")
    oldest = waiting.values_list("received_at", flat=True).first()
    return OperationsPage(
        balance=balance(),
        quarantine=tuple(quarantine(limit=20)),
        outbox_pending=models.Outbox.objects.filter(state="pending").count(),
        outbox_failed=models.Outbox.objects.filter(state="dead").count(),
        oldest_pending_at=oldest,
        workers=tuple(models.Worker.objects.order_by("name").values_list("name", "seen_at")),
    )
