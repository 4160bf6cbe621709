"""A founded company for every test of a door."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from company import World, found
from huiyin.flows.receive import Decided
from huiyin.store import models


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
