"""The no-loss balance, quarantine, outbox and workers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Sum
from django.utils.translation import gettext

from huiyin.core import masking
from huiyin.core.because import Reason
from huiyin.store import models
from huiyin.store.read import accounts, labels
from huiyin.store.read.pages import (
    Balance,
    DeadLetter,
    OperationsPage,
    QuarantineRow,
    Way,
)

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
    whole = text.encode() == raw and "\r" not in text
    return QuarantineRow(
        id=item.id.hex,
        channel=item.channel,
        channel_label=labels.pick(labels.CHANNEL_NAMES, item.channel),
        received_at=item.received_at,
        reason="" if reason is None else labels.said(reason),
        size=len(raw),
        attempts=item.attempts,
        preview=text,
        whole=whole,
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


def raw_of(*, item_id: UUID) -> bytes | None:
    """Return a quarantined contact's own bytes, None when it is not there any more."""
    item = models.InboxItem.objects.filter(id=item_id, state="quarantined").first()
    return bytes(item.raw) if item else None


def ways() -> tuple[Way, ...]:
    """Return how the ways go that are set up."""
    given = settings.HUIYIN
    wanted = {}
    if given.imap_host:
        wanted["imap"] = gettext("收信（IMAP）")
    if given.smtp_host:
        wanted["smtp"] = gettext("发信（SMTP）")
    for account in accounts.known().values():
        if account.code == "email":
            if account.settings.get("imap_host"):
                wanted[f"imap:{account.id}"] = f"{account.name} · {gettext('收信（IMAP）')}"
            if account.settings.get("smtp_host"):
                wanted[f"smtp:{account.id}"] = f"{account.name} · {gettext('发信（SMTP）')}"
    rows = {r.name: r for r in models.Job.objects.filter(name__in=wanted)}
    return tuple(_way(code=code, label=label, row=rows.get(code)) for code, label in wanted.items())


def _way(*, code: str, label: str, row: models.Job | None) -> Way:
    known = row.state if row else {}
    failing = "error" in known
    return Way(
        code=code,
        label=label,
        worked_at=_moment(known.get("worked_at")),
        failing_since=_moment(known.get("since")) if failing else None,
        failures=int(known.get("failures", 0)),
        error=masking.mask_text(text=str(known.get("error", ""))),
        next_try_at=row.next_at if row and failing else None,
        left=tuple(str(x) for x in known.get("left", ())),
        waiting=int(known.get("waiting", 0)),
        over_done=int(known.get("over_done", 0)),
        over_total=int(known.get("over_total", 0)),
    )


def _moment(value: object) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else None


def dead_letters(*, limit: int = 10) -> tuple[DeadLetter, ...]:
    """Return messages that were not sent, the newest first."""
    rows = list(models.Outbox.objects.filter(state="dead").order_by("-id")[:limit])
    numbers = dict(
        models.Complaint.objects.filter(
            id__in=[r.complaint_id for r in rows if r.complaint_id]
        ).values_list("id", "number")
    )
    return tuple(
        DeadLetter(
            id=r.id.hex,
            number=numbers.get(r.complaint_id, "") if r.complaint_id else "",
            complaint=r.complaint_id.hex if r.complaint_id else "",
            channel_label=labels.pick(labels.CHANNEL_NAMES, r.channel),
            recipient=masking.mask_text(text=r.recipient),
            error=masking.mask_text(text=r.error),
            attempts=r.attempts,
            created_at=r.created_at,
        )
        for r in rows
    )


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
        ways=ways(),
        dead=dead_letters(),
    )
