"""A worker that starts before anybody founded a company waits in peace."""

from __future__ import annotations

import logging

import pytest
from django.db import OperationalError

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


@pytest.mark.django_db
def test_a_worker_outlives_a_database_that_takes_no_sign_of_life(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(**_given: object) -> None:
        raise OperationalError("database or disk is full")

    rounds = iter((False, True))
    monkeypatch.setattr(loop.people, "sign_of_life", full)
    monkeypatch.setattr(loop, "INSIDE", (lambda: 1,))
    monkeypatch.setattr(loop.time, "monotonic", lambda: 1000.0)
    with caplog.at_level(logging.ERROR):
        loop._rounds(lambda: next(rounds))
    assert caplog.messages == ["_live failed"]
