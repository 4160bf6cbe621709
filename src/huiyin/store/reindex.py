"""The search index written anew from the messages."""

from __future__ import annotations

from django.db import connection, transaction

from huiyin.store import models, search

_BATCH = 1000


def rebuild() -> int:
    """Empty the index and index every message again, all or nothing; returns how many."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("INSERT INTO search_words (search_words) VALUES ('delete-all')")
            cursor.execute("DELETE FROM search_entry")
        done = 0
        batch = []
        messages = models.Message.objects.select_related("complaint__customer").order_by("id")
        for message in messages.iterator(chunk_size=_BATCH):
            batch.append((message.complaint_id, message.id, _words(message=message)))
            if len(batch) == _BATCH:
                search.add(rows=batch)
                done += len(batch)
                batch = []
        search.add(rows=batch)
    return done + len(batch)


def _words(*, message: models.Message) -> str:
    said = f"{message.subject} {message.text}"
    if message.direction != "in":
        return said
    case = message.complaint
    phone = case.customer.phone if case.customer else ""
    return f"{case.number} {case.waybill} {phone} {message.sender_name} {said}"
