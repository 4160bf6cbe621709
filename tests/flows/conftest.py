"""A founded company for every test of the journey."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from company import START, World, found
from huiyin.flows.receive import Decided


@pytest.fixture
def world(db: None) -> World:
    """The company on a Tuesday morning."""
    found(now=START)
    return World()


@pytest.fixture
def post(world: World) -> Callable[..., Decided]:
    """Accept and decide one contact: ``post(channel, text, **fields)``."""
    return world.post
