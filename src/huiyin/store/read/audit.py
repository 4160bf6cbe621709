"""Checks of the ledger: every complaint's hash chain, the inbox's balance, the seals."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.apps import apps
from django.db.models import F, Model, TextField
from django.db.models.functions import Cast

from huiyin.core.chain import link
from huiyin.store import models
from huiyin.store.read import office, operations
from huiyin.store.sealed import CannotUnseal, unseal
from huiyin.store.sealed_field import SealedField

_SEALED: tuple[tuple[type[Model], str], ...] = (
    (models.ChannelAccount, "secrets"),
    (models.ChannelAccount, "token"),
    (models.Counter, "token_sealed"),
    (models.PushSubscription, "sealed"),
)
"""What is sealed by those who write it, beside the fields that are so by themselves."""


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


def broken_seals(*, secret: str = "") -> Iterator[str]:
    """Yield one line for each table whose sealed texts the key (this one's, or that) cannot open.

    Nothing is lost by it: with the key by which they were sealed they are read again.
    """
    own: list[tuple[type[Model], str]] = [
        (model, field.attname)
        for model in apps.get_app_config("store").get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, SealedField)
    ]
    for model, name in (*own, *_SEALED):
        whole = broken = 0
        rows = model._base_manager.annotate(as_it_lies=Cast(F(name), TextField()))
        for text in rows.exclude(as_it_lies="").values_list("as_it_lies", flat=True).iterator():
            whole += 1
            try:
                unseal(text=text, secret=secret)
            except CannotUnseal:
                broken += 1
        if broken:
            yield (
                f"{model._meta.db_table}.{name}: {broken} of {whole} sealed with another key"
                " (HUIYIN_SECRET_KEY, or the file secret_key)"
            )
