"""Checks of the ledger: the hash chain of every complaint, and the balance of the inbox."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from huiyin.core.chain import link
from huiyin.store import models
from huiyin.store.read import office, operations


def broken_links() -> Iterator[str]:
    """Yield one line for each fault: an event changed, missing, or a chain cut short."""
    ends = {
        row[0]: (row[1], row[2])
        for row in models.Complaint.objects.values_list("id", "last_seq", "last_hash").iterator()
    }
    current: UUID | None = None
    before, seq = "", 0
    rows = models.Event.objects.order_by("complaint_id", "seq")
    for e in rows.iterator(chunk_size=5000):
        if e.complaint_id != current:
            if current is not None:
                yield from _end(current, seq, before, ends)
            current, before, seq = e.complaint_id, "", 0
        if e.seq != seq + 1:
            yield f"complaint {e.complaint_id}: event {seq + 1} is missing"
        wanted = link(
            before=before,
            complaint_id=e.complaint_id,
            seq=e.seq,
            kind=e.kind,
            at=e.at,
            actor=e.actor,
            data=e.data,
            because=e.because,
            playbook_version=e.playbook_version,
        )
        if wanted != e.hash:
            yield f"complaint {e.complaint_id}: event {e.seq} ({e.kind}) was changed"
        before, seq = e.hash, e.seq
    if current is not None:
        yield from _end(current, seq, before, ends)
    for complaint_id, (last, _hash) in ends.items():
        if last:
            yield f"complaint {complaint_id}: all {last} events are missing"


def _end(
    complaint_id: UUID, seq: int, digest: str, ends: dict[UUID, tuple[int, str]]
) -> Iterator[str]:
    known = ends.pop(complaint_id, None)
    if known is None:
        yield f"complaint {complaint_id}: has events but no row"
    elif known != (seq, digest):
        yield f"complaint {complaint_id}: the chain ends at {seq}, the row says {known[0]}"


def balance_faults() -> Iterator[str]:
    """Yield one line for each counter that differs from its rows, or a sum that is off."""
    kept, counted = operations.balance(), operations.recounted()
    for name in ("received", "duplicates", *operations.STATES):
        one, other = getattr(kept, name), getattr(counted, name)
        if one != other:
            yield f"inbox {name}: counter {one}, rows {other}"
    if not counted.balanced:
        yield "inbox: received is not the sum of its outcomes"
    carried = {p: n for p, n in office.load().items() if n}
    rows = {p: n for p, n in office.load_recounted().items() if n}
    for person in sorted(carried.keys() | rows.keys()):
        one, other = carried.get(person, 0), rows.get(person, 0)
        if one != other:
            yield f"load of person {person}: counter {one}, rows {other}"
    opened = models.InboxItem.objects.filter(
        state__in=["opened", "joined", "reopened"], complaint_id=None
    ).count()
    if opened:
        yield f"inbox: {opened} decided contacts lead to no complaint"


def events() -> int:
    """Return how many events the ledger holds."""
    return models.Event.objects.count()
