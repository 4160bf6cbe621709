"""Notices to telephones: encrypted (RFC 8291), signed (RFC 8292), handed to their push service."""

from __future__ import annotations

import base64
import json
import time
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import http_ece
from cryptography.hazmat.primitives.asymmetric import ec
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override
from py_vapid import Vapid02

from huiyin.channels.protocol import Call, Response
from huiyin.core.outgoing import quiet_of, quiet_until
from huiyin.core.push import allowed
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows.telling import tracking_url
from huiyin.store.ledger import outbox, pushes
from huiyin.store.ledger.outbox import Parcel
from huiyin.store.read import office
from huiyin.store.read import pushes as telephones
from huiyin.store.read.pushes import Telephone

BATCH: Final = 40
KEPT: Final = 3 * 86400
"""Seconds that a push service keeps a notice for a telephone that is off."""
VALID: Final = 12 * 3600
"""Seconds that the signature of a call holds; a service takes 24 hours at most."""


def deliver() -> int:
    """Hand notices that are due to their push services; returns how many were taken."""
    parcels = outbox.claim(now=timezone.now(), channels=frozenset({pushes.SPOKEN}), limit=BATCH)
    return sum(_deliver(parcel) for parcel in parcels)


def _deliver(parcel: Parcel) -> bool:
    now = timezone.now()
    if parcel.payload.get("automatic") and (morning := _quiet(now)) is not None:
        outbox.postpone(parcel=parcel, until=morning)
        return False
    telephone = telephones.one(id=int(parcel.recipient))
    if telephone is None or not allowed(
        endpoint=telephone.endpoint, hosts=settings.HUIYIN.push_hosts
    ):
        outbox.moved(parcel=parcel, error="这部手机不再接收提醒")
        return False
    if not outbox.hold(parcel=parcel, now=now):
        return False
    try:
        answer = call(call=_call(telephone))
    except CannotReach as error:
        outbox.failed(parcel=parcel, now=now, error=f"推送服务没有应答：{error}")
        return False
    except ValueError:
        # keys that are no keys: the browser never had them
        pushes.gone(id=int(parcel.recipient))
        outbox.moved(parcel=parcel, error="这部手机给出的密钥无效")
        return False
    return _settle(parcel, answer, now)


def _settle(parcel: Parcel, answer: Response, now: datetime) -> bool:
    if 200 <= answer.status < 300:
        outbox.sent(id=parcel.id, now=now)
        return True
    if answer.status in {404, 410}:
        pushes.gone(id=int(parcel.recipient))
        outbox.moved(parcel=parcel, error="这部手机的提醒已失效")
        return False
    later = answer.status == 429 or answer.status >= 500
    outbox.failed(parcel=parcel, now=now, error=f"推送服务答复 {answer.status}", final=not later)
    return False


def _quiet(now: datetime) -> datetime | None:
    zone = ZoneInfo(office.current_playbook().timezone)
    return quiet_until(quiet=quiet_of(text=settings.HUIYIN.quiet_hours, zone=zone), now=now)


def _call(telephone: Telephone) -> Call:
    """Return the call that hands a notice over. Raises ValueError on keys that are none."""
    with override("en" if telephone.language == "en" else "zh-hans"):
        told = {
            "title": _("投诉 %(number)s 有新进展") % {"number": telephone.number},
            "body": _("点开查看"),
            "tag": telephone.number,
            "url": urlsplit(
                tracking_url(case_id=telephone.complaint_id, number=telephone.number)
            ).path,
        }
    return Call(
        method="POST",
        url=telephone.endpoint,
        headers={
            **_signed(telephone.endpoint),
            "Content-Type": "application/octet-stream",
            "Content-Encoding": "aes128gcm",
            "TTL": str(KEPT),
            "Urgency": "normal",
            # of several notices about one complaint a telephone that was off shows the last
            "Topic": telephone.complaint_id.hex,
        },
        body=_encrypted(told, telephone),
        timeout=10,
    )


def _encrypted(told: dict[str, Any], telephone: Telephone) -> bytes:
    sealed = http_ece.encrypt(
        json.dumps(told, ensure_ascii=False).encode(),
        private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_plain(telephone.p256dh),
        auth_secret=_plain(telephone.auth),
        version="aes128gcm",
    )
    return bytes(sealed)


def _signed(endpoint: str) -> dict[str, str]:
    parts = urlsplit(endpoint)
    signer = Vapid02.from_pem(settings.VAPID_KEY.encode())
    # a house that is tried out without https has no address that the strict form takes
    signer.conf = {"no-strict": True}
    claims = {
        "aud": f"{parts.scheme}://{parts.netloc}",
        "exp": int(time.time()) + VALID,
        "sub": settings.HUIYIN.site_url,
    }
    return dict(signer.sign(claims))


def _plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
