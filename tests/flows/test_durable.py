"""What is acknowledged has reached the disk, under an id that can be read back."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from company import LOST, arrival
from huiyin.flows import intake
from huiyin.store import models
from huiyin.store.durable import on_disk
from huiyin.store.ids import new_id


@pytest.mark.django_db(transaction=True)
def test_a_contact_is_on_the_disk_before_it_is_acknowledged() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL always waits for the disk")
    with CaptureQueriesContext(connection) as said:
        intake.accept(now=timezone.now(), arrivals=[arrival("api", LOST)])
    words = [q["sql"] for q in said.captured_queries]
    assert words[0] == "PRAGMA synchronous=FULL"
    assert words[-1] == "PRAGMA synchronous=NORMAL"
    assert words.index("COMMIT") == len(words) - 2
    assert models.InboxItem.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_failure_leaves_nothing_and_waits_no_longer_than_before() -> None:
    with pytest.raises(RuntimeError), on_disk():
        models.Tally.objects.create(name="x", value=1)
        raise RuntimeError
    assert not models.Tally.objects.filter(name="x").exists()
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous")
            assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("year", [1, 1969, 1970, 2026, 9999])
def test_an_id_is_one_whatever_the_moment(year: int) -> None:
    made = new_id(now=datetime(year, 6, 1, tzinfo=UTC))
    assert UUID(made.hex) == made
