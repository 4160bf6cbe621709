"""OAuth 2 for mailboxes: an access token for all workers, got with the refresh token."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from urllib.parse import urlencode

from django.utils import timezone

from huiyin.channels.protocol import Call, Response
from huiyin.doors.worker.provider import CannotReach, call
from huiyin.store.ledger import accounts
from huiyin.store.read import accounts as reading
from huiyin.store.read.accounts import Account

EARLY = timedelta(minutes=5)
PATIENCE = 30.0
"""Seconds that a worker waits for another one that asks for the token already."""


class CannotGetToken(Exception):
    """The token server refuses or cannot be reached; what it tells holds no secret."""


def token(*, account_id: int) -> str:
    """Return an access token of a mailbox. Raises CannotGetToken.

    A refresh token that the server replaces by a new one (RFC 6749 section 6) is kept before the
    access token is used.
    """
    ends = time.monotonic() + PATIENCE
    while True:
        now = timezone.now()
        account = reading.one(id=account_id)
        if account is None:
            raise CannotGetToken("the account is gone")
        if account.token and account.token_until and account.token_until > now:
            return account.token
        if accounts.claim_token(id=account_id, now=now):
            return _asked(account)
        if time.monotonic() > ends:
            raise CannotGetToken("another worker waits for the access token")
        time.sleep(0.2)


def drop(*, account_id: int, token: str) -> None:
    """Forget a token that the mail server no longer takes."""
    accounts.drop_token(id=account_id, token=token)


def _asked(account: Account) -> str:
    granted, until = "", None
    try:
        said = _answer(call(call=_request(account)))
        granted = str(said["access_token"])
        lasts = timedelta(seconds=_seconds(said.get("expires_in")))
        until = timezone.now() + lasts - min(EARLY, lasts / 5)
        renewed = said.get("refresh_token")
        if isinstance(renewed, str) and renewed and renewed != account.settings["refresh_token"]:
            accounts.keep_secret(id=account.id, name="refresh_token", value=renewed)
        return granted
    except CannotReach as error:
        raise CannotGetToken(f"the token server cannot be reached: {error}") from error
    finally:
        accounts.keep_token(id=account.id, token=granted, until=until)


def _request(account: Account) -> Call:
    given = account.settings
    if not given.get("token_url") or not given.get("refresh_token"):
        raise CannotGetToken("token address or refresh token is missing")
    form = {
        "grant_type": "refresh_token",
        "refresh_token": given["refresh_token"],
        "client_id": given.get("client_id", ""),
        "client_secret": given.get("client_secret", ""),
        "scope": given.get("scope", ""),
    }
    return Call(
        method="POST",
        url=str(given["token_url"]),
        headers={
            "content-type": "application/x-www-form-urlencoded",
            "accept": "application/json",
        },
        body=urlencode({k: v for k, v in form.items() if v}).encode(),
    )


def _answer(answer: Response) -> dict[str, object]:
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise CannotGetToken(f"the token server answers {answer.status} and no JSON")
    if answer.status != 200 or not isinstance(said.get("access_token"), str):
        # RFC 6749 section 5.2: a code such as invalid_grant, and words for people
        told = f"{said.get('error', '')} {said.get('error_description', '')}".strip()
        raise CannotGetToken(f"the token server answers {answer.status}: {told}"[:200])
    return said


def _seconds(value: object) -> int:
    """Return how long a token lasts; an hour where the server says nothing usable."""
    try:
        return max(60, min(int(str(value)), 86_400))
    except ValueError:
        return 3600
