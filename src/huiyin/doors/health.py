"""Signs of health for machines: /healthz and /metrics."""

from __future__ import annotations

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from huiyin.doors.clients import is_here
from huiyin.store.read import operations


def healthz(request: HttpRequest) -> JsonResponse:
    """Answer 200 while the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
    return JsonResponse({"status": "ok"})


def metrics(request: HttpRequest) -> HttpResponse:
    """Return the inbox balance and outbox in Prometheus' text form.

    To this machine, and to who shows the token that is set.
    """
    token = settings.HUIYIN.metrics_token
    shown = request.headers.get("Authorization", "")
    if not (
        is_here(request=request) or (token and constant_time_compare(shown, f"Bearer {token}"))
    ):
        return HttpResponse(
            "只给本机；别处请用 HUIYIN_METRICS_TOKEN\n"
            "for this machine only; elsewhere by HUIYIN_METRICS_TOKEN\n",
            status=403,
            content_type="text/plain; charset=utf-8",
        )
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
