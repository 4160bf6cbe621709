"""Event streams: a browser is told that something changed and then asks what.

Every stream keeps a thread of the server, so there are only so many; one thread of each process
looks into the database for all of them.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone

from huiyin.store.read import chats

log = logging.getLogger(__name__)

LOOK: Final = 0.4
"""Seconds between two looks into the database."""
BEAT: Final = 10.0
"""Seconds of silence after which a sign of life is sent, by which a lost browser is noticed."""
LASTS: Final = 55.0
"""Seconds of one stream; the browser comes again by itself."""
_BACK: Final = timedelta(seconds=10)
"""How far back changes are looked for: a transaction may end after a later one."""
_EVERYTHING: Final = UUID(int=0)


class Hub:
    """Tells the streams of one process what changed."""

    def __init__(self) -> None:
        self._told = threading.Condition()
        self._marks: dict[UUID, int] = {}
        self._known: dict[UUID, datetime] = {}
        self._count = 0
        self._open = 0
        self._running = False

    def enter(self, *, most: int) -> bool:
        """Take a place; False when all are taken."""
        with self._told:
            if self._open >= most:
                return False
            self._open += 1
            if not self._running:
                self._running = True
                threading.Thread(target=self._look, name="chat-streams", daemon=True).start()
            return True

    def leave(self) -> None:
        """Give a place back."""
        with self._told:
            self._open -= 1
            self._told.notify_all()

    @property
    def open(self) -> int:
        """How many places are taken."""
        return self._open

    def mark(self, *, about: UUID) -> int:
        """Return the number of the last change known of a session, or of all."""
        with self._told:
            return self._marks.get(about, 0)

    def wait(self, *, about: UUID, mark: int, seconds: float) -> int:
        """Wait until something changes after ``mark`` and return the new one, at most so long."""
        until = time.monotonic() + seconds
        with self._told:
            while (now := self._marks.get(about, 0)) == mark:
                left = until - time.monotonic()
                if left <= 0:
                    return mark
                self._told.wait(left)
            return now

    def _look(self) -> None:
        first = True
        try:
            while True:
                with self._told:
                    if self._open <= 0:
                        self._running = False
                        self._known.clear()
                        self._marks.clear()
                        return
                try:
                    self._compare(chats.changed(since=timezone.now() - _BACK), quiet=first)
                    first = False
                except DatabaseError:
                    log.warning("changes of chats cannot be read", exc_info=True)
                    connection.close()
                time.sleep(LOOK)
        finally:
            connection.close()

    def _compare(self, found: dict[UUID, datetime], *, quiet: bool) -> None:
        fresh = [id for id, at in found.items() if self._known.get(id) != at]
        self._known = found
        if not fresh or quiet:
            return
        with self._told:
            self._count += 1
            for id in (*fresh, _EVERYTHING):
                self._marks[id] = self._count
            self._told.notify_all()


HUB: Final = Hub()


class _Ticks:
    """The words of one stream; gives its place back when it is closed."""

    def __init__(self, about: UUID) -> None:
        self._about = about
        self._mark = HUB.mark(about=about)
        self._until = time.monotonic() + LASTS
        self._begun = False
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        if not self._begun:
            self._begun = True
            return b"retry: 1500\ndata: 0\n\n"
        left = self._until - time.monotonic()
        if left <= 0 or self._closed:
            raise StopIteration
        now = HUB.wait(about=self._about, mark=self._mark, seconds=min(left, BEAT))
        if now == self._mark:
            return b": \n\n"
        self._mark = now
        return f"data: {now}\n\n".encode()

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            HUB.leave()


def stream(*, about: UUID | None) -> HttpResponseBase:
    """Return a stream that ticks when a session changes (None: any); 204 when all are taken.

    A browser that hears 204 does not come again by itself and asks by time instead.
    """
    if not HUB.enter(most=settings.HUIYIN.chat_streams):
        return HttpResponse(status=204)
    response = StreamingHttpResponse(
        _Ticks(about or _EVERYTHING), content_type="text/event-stream; charset=utf-8"
    )
    response["Cache-Control"] = "no-cache, no-store"
    response["X-Accel-Buffering"] = "no"
    if not connection.in_atomic_block:
        connection.close()
    return response
