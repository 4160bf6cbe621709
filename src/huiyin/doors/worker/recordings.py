"""Recordings of calls fetched from the telephone system: each becomes evidence of its complaint."""

from __future__ import annotations

import base64
import logging
from collections.abc import Mapping
from datetime import UTC
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import filetype
from django.utils import timezone

from huiyin.channels import asterisk
from huiyin.channels.protocol import Call
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.flows import gather, journey
from huiyin.store import files
from huiyin.store.ledger import calls
from huiyin.store.ledger.calls import Recording
from huiyin.store.read import accounts
from huiyin.store.read import phone as phone_read

log = logging.getLogger(__name__)

SOUNDS: Final = frozenset(
    {"audio/x-wav", "audio/wav", "audio/mpeg", "audio/ogg", "audio/amr", "audio/mp4", "audio/m4a",
     "audio/x-m4a", "audio/x-flac", "audio/aac", "video/mp4", "video/webm"}
)  # fmt: skip


class CannotKeep(ValueError):
    """A recording that is not to be had, or is none."""


def fetch() -> int:
    """Fetch recordings of calls that belong to a complaint; returns how many were kept."""
    kept = 0
    for recording in calls.claim_recordings(now=timezone.now(), limit=10):
        try:
            _keep(recording)
            kept += 1
        except CannotReach as error:
            _failed(recording, str(error), final=False)
        except (CannotKeep, PermissionError, ValueError) as error:
            _failed(recording, str(error), final=True)
    return kept


def _failed(recording: Recording, told: str, *, final: bool) -> None:
    log.warning("the recording of call %s: %s", recording.call_id, told)
    calls.recording_failed(recording=recording, now=timezone.now(), error=told, final=final)


def address(*, where: str, settings: Mapping[str, Any]) -> str:
    """Return a recording's whole address, below the prefix of the account. Raises CannotKeep."""
    base = str(settings.get("base") or "").rstrip("/")
    if not base:
        raise CannotKeep("没有填录音地址前缀")
    if "://" not in where:
        ari = where.startswith("ari/")
        where = f"{base}/{where if ari else quote(PurePosixPath(where).name, safe='')}"
    parts, below = urlsplit(where), urlsplit(base)
    same = (parts.scheme, parts.netloc) == (below.scheme, below.netloc)
    steps = unquote(parts.path).split("/")
    if not same or not parts.path.startswith(below.path + "/") or ".." in steps:
        raise CannotKeep("录音地址不在填写的前缀之下")
    return where


def _pass(*, settings: Mapping[str, Any], code: str) -> dict[str, str]:
    own = str(settings.get("recording_pass") or "")
    if not own:
        ari = code == "asterisk" and settings.get("way") == "ari"
        return {"Authorization": asterisk.ari_pass(settings)} if ari else {}
    if ":" in own:
        return {"Authorization": "Basic " + base64.b64encode(own.encode()).decode()}
    return {"Authorization": f"Bearer {own}"}


def _keep(recording: Recording) -> None:
    account = accounts.one(id=recording.account_id) if recording.account_id else None
    if account is None:
        raise CannotKeep("电话系统的账号已不在")
    answer = call(
        call=Call(
            method="GET",
            url=address(where=recording.where, settings=account.settings),
            headers=_pass(settings=account.settings, code=account.code),
            timeout=60,
        )
    )
    if answer.status in {202, 404, 408, 425, 429} or answer.status >= 500:
        # often it is told before it is written
        raise CannotReach(f"HTTP {answer.status}", maybe=False)
    if answer.status != 200:
        raise CannotKeep(f"HTTP {answer.status}")
    kind = filetype.guess(answer.body)
    if kind is None or kind.mime not in SOUNDS:
        raise CannotKeep("取到的不是录音")
    started = recording.started_at.astimezone(UTC)
    with journey.writing(now=timezone.now(), actor="system") as pen:
        gather.add(
            pen=pen,
            complaint_id=recording.complaint_id,
            actor=phone_read.actor_of(person=recording.person_id),
            item="",
            files=[
                {
                    "name": f"call-{started:%Y%m%d-%H%M%S}.{kind.extension}",
                    "content_type": kind.mime,
                    "size": len(answer.body),
                    "sha256": files.keep(content=answer.body),
                }
            ],
            note=f"通话录音（{account.name}）",
            of_time=recording.started_at,
        )
        calls.recording_kept(call_id=recording.call_id)
