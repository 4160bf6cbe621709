"""The numbers of /metrics are for this machine, and for who shows the token."""

from __future__ import annotations

import dataclasses

import pytest
from django.conf import LazySettings
from django.test import Client

from company import World

TOKEN = "a-token-of-the-monitor"


def status(**how: str) -> int:
    headers = {name: how.pop(name) for name in ("Authorization", "X-Forwarded-For") if name in how}
    return Client().get("/metrics", headers=headers, **how).status_code


@pytest.mark.parametrize("near", ["127.0.0.1", "::1"])
def test_this_machine_reads_it(world: World, near: str) -> None:
    answer = Client().get("/metrics", REMOTE_ADDR=near)
    assert "huiyin_inbox_balanced 1.0" in answer.content.decode()


def test_nobody_else_does(world: World) -> None:
    assert status(REMOTE_ADDR="203.0.113.9") == 403
    assert status(REMOTE_ADDR="127.0.0.1", **{"X-Forwarded-For": "203.0.113.9"}) == 403
    assert status(REMOTE_ADDR="203.0.113.9", Authorization="Bearer ") == 403
    assert status(REMOTE_ADDR="") == 403


def test_who_shows_the_token_does(world: World, settings: LazySettings) -> None:
    settings.HUIYIN = dataclasses.replace(settings.HUIYIN, metrics_token=TOKEN)
    assert status(REMOTE_ADDR="203.0.113.9", Authorization=f"Bearer {TOKEN}") == 200
    assert status(REMOTE_ADDR="203.0.113.9", Authorization="Bearer é") == 403
    assert status(REMOTE_ADDR="203.0.113.9") == 403
