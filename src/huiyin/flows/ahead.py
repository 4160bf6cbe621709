"""Reading ahead: while one batch is written, another process reads the words of the next.

Reading needs nothing but the contacts' bytes and the words in force, so a second processor core
can do it. Where there is no second process, or it fails, the batch is read here, with the same
result.
"""

from __future__ import annotations

import logging
import multiprocessing
from collections.abc import Callable, Sequence
from dataclasses import fields
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from operator import attrgetter
from typing import Any

from huiyin.channels.inbound import Inbound
from huiyin.core.because import Reason
from huiyin.core.matching import ComplaintFacts, ContactFacts
from huiyin.flows.beside import serve
from huiyin.flows.contact import Ground, ReadContact, ground, read_contacts
from huiyin.store.ledger.inbox import RawContact

log = logging.getLogger(__name__)

PATIENCE = 30.0
"""Seconds after which a reader that gives no answer is given up."""
FAILURES = 3
"""How often a reading process may fail before this worker does without."""
_APART = 4
"""The first fields of a read contact (raw, inbound, facts, opening), packed each for itself."""
_inbound = attrgetter(*(f.name for f in fields(Inbound)))
_facts = attrgetter(*(f.name for f in fields(ContactFacts)))
_opening = attrgetter(*(f.name for f in fields(ComplaintFacts)))
_rest = attrgetter(*(f.name for f in fields(ReadContact)[_APART:]))


class Reader:
    """Reads batches one after another, in a process of its own where ``beside`` is true."""

    def __init__(self, *, beside: bool) -> None:
        """Nothing is started before the first batch is handed over."""
        self._failures = 0 if beside else FAILURES
        self._process: SpawnProcess | None = None
        self._line: Connection | None = None

    def read(self, *, claimed: Sequence[RawContact]) -> Callable[[], list[ReadContact | Reason]]:
        """Begin to read claimed contacts; the function returned gives the result.

        It is to be called before the next batch is handed over.
        """
        if self._failures < FAILURES:
            try:
                self._started().send((list(claimed), ground()))
            except OSError:
                self._failed()
            else:
                return lambda: self._collected(claimed)
        return lambda: read_contacts(claimed=claimed, ground=ground())

    def _started(self) -> Connection:
        if self._line is None:
            spawn = multiprocessing.get_context("spawn")
            self._line, theirs = spawn.Pipe()
            self._process = spawn.Process(
                target=serve, args=(theirs, __name__, read_packed.__name__), daemon=True
            )
            self._process.start()
            theirs.close()
        return self._line

    def _collected(self, claimed: Sequence[RawContact]) -> list[ReadContact | Reason]:
        try:
            if self._line is None or not self._line.poll(PATIENCE):
                raise TimeoutError("no answer from the reading process")
            packed = self._line.recv()
        except (OSError, EOFError):
            self._failed()
            return read_contacts(claimed=claimed, ground=ground())
        return [_unpacked(one, raw) for one, raw in zip(packed, claimed, strict=True)]

    def _failed(self) -> None:
        self._failures += 1
        log.exception("the reading process failed, reading here")
        self.close()

    def close(self) -> None:
        """Stop the process, if there is one."""
        if self._line is not None:
            self._line.close()
        if self._process is not None:
            self._process.terminate()
            self._process.join(timeout=5)
        self._process = self._line = None


def read_packed(claimed: list[RawContact], known: Ground) -> list[Any]:
    """Read a batch in the process beside."""
    return [_packed(one) for one in read_contacts(claimed=claimed, ground=known)]


def _packed(one: ReadContact | Reason) -> Any:
    """Return plain values: dataclasses are slow to pickle."""
    if isinstance(one, Reason):
        return one
    return _inbound(one.inbound), _facts(one.facts), _opening(one.opening), _rest(one)


def _unpacked(packed: Any, raw: RawContact) -> ReadContact | Reason:
    if isinstance(packed, Reason):
        return packed
    inbound, facts, opening, rest = packed
    return ReadContact(
        raw, Inbound(*inbound), ContactFacts(*facts), ComplaintFacts(*opening), *rest
    )
