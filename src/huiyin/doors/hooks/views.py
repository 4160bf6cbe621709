"""Callbacks of channel accounts, and the generic webhook signed with the shared secret."""

from __future__ import annotations

import hashlib
import hmac
import json
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from huiyin.channels.protocol import CannotTake, Request
from huiyin.channels.registry import channel as channel_of
from huiyin.doors import phoned
from huiyin.flows import intake, taking
from huiyin.store.ledger.inbox import Arrival
from huiyin.store.read import accounts, asked

WINDOW = 300
"""Seconds a signature stays valid."""
MOST = 500


@csrf_exempt
@require_POST
def hook(request: HttpRequest, channel: str) -> JsonResponse:
    """Accept contacts {"id","channel","sender","text",…}, one or a list, signed.

    Headers: X-Huiyin-Timestamp (seconds) and X-Huiyin-Signature (hex).
    """
    secret = settings.HUIYIN.webhook_secret
    if channel != "webhook" or not secret:
        return JsonResponse({"error": "no such hook, or it has no secret"}, status=404)
    stamp = request.headers.get("X-Huiyin-Timestamp", "")
    given = request.headers.get("X-Huiyin-Signature", "")
    body = request.body
    wanted = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
        return JsonResponse({"error": "wrong signature"}, status=401)
    if not (stamp.isdecimal() and len(stamp) < 16) or abs(time.time() - int(stamp)) > WINDOW:
        return JsonResponse({"error": "the timestamp is more than 5 minutes off"}, status=401)
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    items = data if isinstance(data, list) else [data]
    if len(items) > MOST:
        return JsonResponse({"error": f"at most {MOST} contacts a call"}, status=413)
    arrivals = []
    for place, item in enumerate(items):
        known = item if isinstance(item, dict) else {}
        if known.get("files"):
            # a hash is no proof: it may name what another customer sent
            told = f"files: none are taken here (contact {place + 1})"
            return JsonResponse({"error": told}, status=422)
        raw = json.dumps(item, ensure_ascii=False).encode(errors="replace") if known else body
        arrivals.append(
            Arrival(
                channel=_plain(known.get("channel", "api"))[:20],
                kind="contact",
                # Where the sender gives no id, the signature tells a call that is sent again.
                external_id=_plain(known.get("id") or f"{given[:64]}-{place}"),
                raw=raw,
                headers={},
            )
        )
    accepted = intake.accept(now=timezone.now(), arrivals=arrivals)
    return JsonResponse(
        {"accepted": [{"id": a.id.hex, "repeated": a.repeated} for a in accepted]}, status=202
    )


def _plain(value: object) -> str:
    """Return what can be stored of a value: no halves of characters."""
    return str(value).encode(errors="replace").decode()


@csrf_exempt
def account_hook(request: HttpRequest, channel: str, account: int) -> HttpResponse:
    """Take a provider's callback: prove it, store what it brings, answer as he wants to hear.

    Nothing is answered with success before it is stored.
    """
    found = channel_of(code=channel)
    own = accounts.known().get(account)
    if found is None or found.take is None or own is None or own.code != channel:
        return HttpResponse("no such hook", status=404, content_type="text/plain")
    now = timezone.now()
    query = request.META.get("QUERY_STRING", "")
    given = Request(
        method=request.method or "GET",
        # the charset of a body is not that of an address
        query={k: str(v) for k, v in QueryDict(query, encoding="utf-8").items()},
        headers={k.lower(): v for k, v in request.headers.items()},
        body=request.body,
        at=now,
    )
    try:
        taken = found.take(given, {**own.settings, "site": settings.HUIYIN.site_url})
    except CannotTake as error:
        return HttpResponse(error.told, status=error.status, content_type="text/plain")
    taking.keep(account=own, channel=found, pieces=taken.pieces, now=now)
    if any(piece.kind in phoned.KINDS for piece in taken.pieces):
        # a telephone rings: its card is on somebody's screen before the worker's next round
        phoned.work()
    answer = taken.answer
    if taken.asks:
        told = asked.progress(channel=found.spoken, address=taken.asks.address)
        answer = taken.asks.say(told)
    return HttpResponse(answer.body, status=answer.status, content_type=answer.content_type)
