"""Reading ahead in a process beside changes only the time, and loses nothing when it dies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from company import LOST, World, arrival
from huiyin.flows import ahead, intake
from huiyin.flows.ahead import Reader
from huiyin.flows.contact import ReadContact, ground, read_contacts
from huiyin.store import models
from huiyin.store.ledger import inbox
from huiyin.store.ledger.inbox import Arrival, RawContact
from huiyin.store.read import audit, operations

SEVERAL = (
    arrival("portal", LOST, sender="13812345678", phone="13812345678"),
    arrival("phone", "快递员上门时骂人，态度恶劣", sender="13900001111"),
    arrival("web", "多收了我八块钱运费，运单JT5544332211009", sender="13700002222"),
    Arrival(channel="api", kind="contact", external_id="", raw=b'{"text": ', headers={}),
)


@pytest.fixture
def claimed(world: World) -> list[RawContact]:
    world.accept(*SEVERAL)
    return inbox.claim(now=world.now, lease=timedelta(seconds=60), limit=10)


@pytest.fixture
def reader() -> Iterator[Reader]:
    reader = Reader(beside=True)
    yield reader
    reader.close()


def same(one: object, other: object) -> bool:
    """Tell whether two readings agree in all but the id that each gives the message."""
    if not (isinstance(one, ReadContact) and isinstance(other, ReadContact)):
        return one == other
    names = [n for n in ReadContact.__slots__ if n != "message_id"]
    return all(getattr(one, n) == getattr(other, n) for n in names)


def test_beside_is_read_what_is_read_here(claimed: list[RawContact], reader: Reader) -> None:
    here = read_contacts(claimed=claimed, ground=ground())
    beside = reader.read(claimed=claimed)()
    assert len(beside) == len(SEVERAL)
    assert all(same(a, b) for a, b in zip(here, beside, strict=True))


def test_a_reader_that_dies_is_done_without(claimed: list[RawContact], reader: Reader) -> None:
    here = read_contacts(claimed=claimed, ground=ground())
    for _again in range(ahead.FAILURES + 1):
        result = reader.read(claimed=claimed)
        if reader._process is not None:
            reader._process.kill()
            reader._process.join()
        assert all(same(a, b) for a, b in zip(here, result(), strict=True))
    assert reader._process is None


@pytest.mark.parametrize("limit", [1, 2, 3, 200])
def test_all_is_worked_off_whatever_the_batch(world: World, limit: int) -> None:
    world.accept(*SEVERAL)
    done = intake.work_off(clock=lambda: world.now, reader=Reader(beside=False), limit=limit)
    assert done == len(SEVERAL)
    balance = operations.balance()
    assert (balance.opened, balance.quarantined, balance.pending) == (3, 1, 0)
    assert models.Complaint.objects.count() == 3
    assert list(audit.balance_faults()) == []


def test_no_further_batch_is_claimed_when_the_time_is_over(world: World) -> None:
    world.accept(*SEVERAL)
    done = intake.work_off(
        clock=lambda: world.now, reader=Reader(beside=False), limit=2, within=timedelta()
    )
    assert (done, operations.balance().pending) == (2, 2)
    assert models.InboxItem.objects.filter(lease_until__isnull=False).count() == 0
