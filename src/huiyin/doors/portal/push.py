"""A customer's telephone asks to be told of his complaint, or no longer."""

from __future__ import annotations

import base64
from functools import lru_cache
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_private_key,
)
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from huiyin.core.push import allowed
from huiyin.store.ledger import pushes
from huiyin.store.read import tracking

_LONGEST: Final = 1000


def public_key() -> str:
    """Return the key that a browser binds its subscription to; empty where there are no notices."""
    return _public(settings.VAPID_KEY) if settings.HUIYIN.push_hosts else ""


@lru_cache(maxsize=4)
def _public(pem: str) -> str:
    key = load_pem_private_key(pem.encode(), password=None).public_key()
    point = key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return base64.urlsafe_b64encode(point).rstrip(b"=").decode()


@require_POST
def push(request: HttpRequest, number: str, token: str) -> HttpResponse:
    """Remember or forget a telephone."""
    try:
        complaint_id = tracking.complaint_of(number=number, token=token)
    except tracking.CannotTrack:
        return JsonResponse({"error": _("链接无效")}, status=404)
    given = {k: str(request.POST.get(k, "")) for k in ("endpoint", "p256dh", "auth")}
    if request.POST.get("off"):
        pushes.unsubscribe(complaint_id=complaint_id, endpoint=given["endpoint"])
        return HttpResponse(status=204)
    endpoint = given["endpoint"]
    if len(endpoint) > _LONGEST or not allowed(endpoint=endpoint, hosts=settings.HUIYIN.push_hosts):
        told = _("这个浏览器的推送服务不在支持之列，请用短信或邮件接收进展。")
        return JsonResponse({"error": told}, status=422)
    if not _keys(p256dh=given["p256dh"], auth=given["auth"]):
        return JsonResponse({"error": _("现在没能开启，请稍后再试。")}, status=422)
    taken = pushes.subscribe(
        complaint_id=complaint_id,
        given=given,
        language="en" if get_language() == "en" else "zh",
        now=timezone.now(),
    )
    if not taken:
        return JsonResponse({"error": _("这件投诉已经在多部手机上开启了提醒。")}, status=422)
    return HttpResponse(status=204)


def _keys(*, p256dh: str, auth: str) -> bool:
    """Whether a browser's keys are keys: a point on P-256 and 16 bytes (RFC 8291)."""
    try:
        point, secret = (
            base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)) for text in (p256dh, auth)
        )
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError:
        return False
    return len(secret) == 16
