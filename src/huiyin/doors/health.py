"""Signs of health for machines: /healthz and /metrics."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from huiyin.store.read import operations


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the inbox balance and outbox in Prometheus' text form."""
    registry = CollectorRegistry()
    page = operations.page()
    inbox = Gauge("huiyin_inbox", "Contacts by outcome", ["state"], registry=registry)
    for state in (*operations.STATES, "received", "duplicates"):
        inbox.labels(state).set(getattr(page.balance, state))
    balanced = Gauge("huiyin_inbox_balanced", "1 while nothing is lost", registry=registry)
    balanced.set(1 if page.balance.balanced else 0)
    outbox = Gauge("huiyin_outbox", "Outgoing messages by state", ["state"], registry=registry)
    outbox.labels("pending").set(page.outbox_pending)
    outbox.labels("dead").set(page.outbox_failed)
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)
