"""A worker that starts before anybody founded a company waits in peace."""

from __future__ import annotations

import logging

import pytest

from huiyin.doors.worker import loop
from huiyin.store import models


@pytest.mark.django_db
def test_a_round_without_a_company_complains_of_nothing(caplog: pytest.LogCaptureFixture) -> None:
    assert not models.Company.objects.exists()
    with caplog.at_level(logging.WARNING):
        for part in (*loop.INSIDE, *loop.OUTSIDE):
            assert loop._round((part,)) == 0, part.__name__
    assert caplog.messages == []


@pytest.mark.django_db
def test_what_fails_is_told_and_stops_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> int:
        raise RuntimeError("no")

    with caplog.at_level(logging.ERROR):
        assert loop._round((broken, lambda: 2)) == 2
    assert caplog.messages == ["broken failed"]
