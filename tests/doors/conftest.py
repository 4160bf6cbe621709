"""A founded company for every test of a door."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.utils import timezone

from channels.conformance import sms_tencent as kit
from channels.conformance.provider_server import Provider, provider
from company import World, found
from huiyin.channels.sms_tencent import CHANNEL
from huiyin.flows.receive import Decided
from huiyin.store import models
from huiyin.store.ledger import accounts as ledger
from huiyin.store.read import accounts


@pytest.fixture
def world(db: None) -> World:
    """The company at the present moment, as the pages see it."""
    now = timezone.now()
    found(now=now)
    return World(now=now)


@pytest.fixture
def post(world: World) -> Callable[..., Decided]:
    """Accept and decide one contact: ``post(channel, text, **fields)``."""
    return world.post


@pytest.fixture
def as_person(world: World) -> Callable[[str], Client]:
    """Return a client in which a person is logged in."""

    def enter(username: str) -> Client:
        client = Client()
        client.force_login(
            models.User.objects.get(username=username),
            backend="django.contrib.auth.backends.ModelBackend",
        )
        return client

    return enter


@pytest.fixture
def there() -> Iterator[Provider]:
    """The SMS gateway of :func:`company`, where a module has no provider of its own."""
    with provider(kit._answers) as running:
        yield running


@pytest.fixture
def company(db: None, there: Provider, settings: object) -> Iterator[World]:
    """A company that reaches its customers by SMS and by mail."""
    accounts.forget()
    now = timezone.now()
    found(now=now)
    for code, spoken, given in (
        ("sms_tencent", "sms", kit._settings(there.base)),
        ("email", "email", {"smtp_host": "127.0.0.1"}),
    ):
        ledger.save(
            id=None, code=code, spoken=spoken, writes=True, name=f"{spoken}号", enabled=True,
            settings=given, secrets=CHANNEL.secrets, now=now,
        )  # fmt: skip
    yield World(now=now)
    accounts.forget()
