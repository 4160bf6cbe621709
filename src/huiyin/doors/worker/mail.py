"""Mail in: mailboxes are read; a mail counts as read only when it lies safely in the inbox."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from huiyin.channels.email.read import external_id
from huiyin.doors.worker import imap, mail_fetch, mail_proof
from huiyin.doors.worker.mail_fetch import MOST_FETCHED, CannotFetch, Fetched
from huiyin.doors.worker.mailboxes import Mailbox, mailboxes
from huiyin.flows import intake
from huiyin.store.ledger import jobs
from huiyin.store.ledger.inbox import Arrival

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=3)
BUDGET = 30.0
"""Seconds of one look into a mailbox; what is left comes with the next."""
BATCH = 50
"""Mails from before our time that are stored at once."""


def poll() -> int:
    """Look into every mailbox whose time has come; returns how many mails came."""
    return sum(look(box=box) for box in mailboxes() if box.imap_host)


def look(*, box: Mailbox) -> int:
    """Fetch mail that is new or unread, store it raw, and only then mark it as read.

    New is what came since the last look, whoever may have opened it meanwhile. A mail that cannot
    be fetched does not stop the next. What lay in the mailbox before we came is taken after what
    is new, batch by batch: a look that ends in the middle is gone on with by the next. Returns how
    many came.
    """
    every = timedelta(seconds=settings.HUIYIN.imap_poll_seconds)
    if not jobs.due(name=box.imap_job, now=timezone.now()):
        return 0
    if not jobs.claim(name=box.imap_job, now=timezone.now(), every=every, lease=LEASE):
        return 0
    seen: dict[str, Any] = jobs.state(name=box.imap_job)
    seen["left"] = []
    work = _Look(box=box, seen=seen)
    try:
        line = imap.opened(box=box)
        try:
            work.run(line)
        finally:
            imap.leave(line=line)
    except imap.BROKEN as error:
        said = imap.told(error=error, box=box)
        jobs.failed(name=box.imap_job, now=timezone.now(), error=said, remember=work.remembered())
        log.warning("the mailbox %s cannot be read: %s", box.name, said)
    else:
        jobs.worked(name=box.imap_job, now=timezone.now(), remember=work.remembered())
        if work.more:
            jobs.hasten(name=box.imap_job, now=timezone.now())
    return work.came


_REMEMBERED = (
    "place", "uid", "first", "waiting", "over", "over_days", "over_done", "over_total", "left",
)  # fmt: skip


class _Look:
    """One look into a mailbox. ``seen`` is what is remembered from look to look:

    ``place`` the mailbox by its own identity, ``uid`` up to where it was read, ``first`` up to
    where it was filled when we came, ``waiting`` how many unread ones are left; of the taking over
    ``over`` up to where it went, ``over_days`` how far back, ``over_done`` of ``over_total``.
    """

    def __init__(self, *, box: Mailbox, seen: dict[str, Any]) -> None:
        self._box = box
        self._seen = seen
        self._ends = time.monotonic() + BUDGET
        self.came = 0
        self.more = False
        """Whether something is left that the next look should take at once."""

    def remembered(self) -> dict[str, Any]:
        """Return what the next look must know."""
        return {word: self._seen[word] for word in _REMEMBERED if word in self._seen}

    def run(self, line: imap.Line) -> None:
        """Take what is new, then what is unread, then what is to be taken over."""
        self._find(line)
        known = int(self._seen["uid"])
        # A server answers "101:*" with the last mail even when its UID is smaller.
        for uid in sorted(u for u in mail_fetch.uids(line, f"UID {known + 1}:*") if u > known):
            if self._late():
                return
            self._take(line, uid)
        unread = sorted(u for u in mail_fetch.uids(line, "UNSEEN") if u <= known)
        for number, batch in enumerate(_batches(unread)):
            self._seen["waiting"] = len(unread) - number * BATCH
            if self._late():
                return
            self._take_many(line, batch, over=False)
        self._seen["waiting"] = 0
        self._take_over(line)

    def _late(self) -> bool:
        self.more = time.monotonic() > self._ends
        return self.more

    def _find(self, line: imap.Line) -> None:
        """Recognise the mailbox. Seen for the first time, what lies in it is from before us."""
        box = self._box
        status = line.folder.status(box.imap_folder, ["UIDVALIDITY", "UIDNEXT"])
        place = f"{box.imap_user}@{box.imap_host}/{box.imap_folder}#{status['UIDVALIDITY']}"
        if self._seen.get("place") != place:
            first = int(status["UIDNEXT"]) - 1
            left = self._seen.get("left", [])
            self._seen.clear()
            self._seen.update(place=place, uid=first, first=first, left=left)
        self._seen.setdefault("first", self._seen["uid"])

    def _take(self, line: imap.Line, uid: int) -> None:
        """Fetch, store and mark one new mail."""
        try:
            mail = mail_fetch.one(line, uid)
            if mail is not None:
                self.came += not accept(raw=mail.raw, **self._about(mail, over=False))[1]
            self._seen["uid"] = max(uid, int(self._seen["uid"]))
            if mail is not None:
                mail_fetch.mark(line, [uid])
        except CannotFetch as error:
            self._leave(uid, str(error))

    def _take_many(self, line: imap.Line, uids: list[int], *, over: bool) -> None:
        """Take mails from before our time, a few at once; one by one where that fails."""
        try:
            self._take_together(line, uids, over=over)
        except CannotFetch as error:
            if len(uids) == 1:
                self._leave(uids[0], str(error))
                return
            for uid in uids:
                self._take_many(line, [uid], over=over)

    def _take_together(self, line: imap.Line, uids: list[int], *, over: bool) -> None:
        fetched, too_large = mail_fetch.many(line, uids)
        for uid, size in too_large:
            self._leave(uid, f"{size} bytes, larger than {MOST_FETCHED}")
        accepted = intake.accept(
            now=timezone.now(),
            arrivals=[_arrival(raw=m.raw, **self._about(m, over=over)) for m in fetched],
        )
        self.came += sum(not one.repeated for one in accepted)
        mail_fetch.mark(line, [m.uid for m in fetched if not m.seen])

    def _take_over(self, line: imap.Line) -> None:
        """Go on taking over what lay in the mailbox, the oldest first."""
        days = self._box.take_over_days
        if not days:
            return
        seen = self._seen
        if days > int(seen.get("over_days", 0)):
            # What was taken already is recognised when it comes again.
            seen.update(over=0, over_done=0, over_days=days)
        since = (timezone.now() - timedelta(days=days)).strftime("%d-%b-%Y")
        rest = sorted(
            u
            for u in mail_fetch.uids(line, f"UID 1:{seen['first']} SINCE {since}")
            if int(seen.get("over", 0)) < u <= int(seen["first"])
        )
        done = int(seen.get("over_done", 0))
        seen["over_total"] = done + len(rest)
        for batch in _batches(rest):
            if self._late():
                return
            self._take_many(line, batch, over=True)
            done += len(batch)
            seen.update(over=batch[-1], over_done=done)
            jobs.progress(
                name=self._box.imap_job, now=timezone.now(), lease=LEASE,
                remember=self.remembered(),
            )  # fmt: skip

    def _about(self, mail: Fetched, *, over: bool) -> dict[str, Any]:
        """Return what is kept beside a mail's bytes.

        Old is what somebody has read before we came, and what the server has held for longer than
        the settings allow, whatever its own Date claims: it is never answered by itself.
        """
        held = timezone.now() - mail.at if mail.at else timedelta()
        old = (over and mail.seen) or held > timedelta(days=settings.HUIYIN.mail_old_days)
        about: dict[str, Any] = {"trusted": sorted(self._box.trusted)} if self._box.trusted else {}
        if old:
            about["old"] = True
        elif self._box.verify:
            about["verified"] = mail_proof.verified(raw=mail.raw)
        return {"about": about, "account_id": self._box.account_id}

    def _leave(self, uid: int, why: str) -> None:
        if len(self._seen["left"]) < 5:
            self._seen["left"].append(f"UID {uid}: {why}")


def _batches(uids: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(uids), BATCH):
        yield uids[start : start + BATCH]


def accept(
    *, raw: bytes, about: dict[str, Any] | None = None, account_id: int | None = None
) -> tuple[str, bool]:
    """Store one mail raw; returns the inbox id and whether it had come before.

    ``about`` tells what was found out while it was fetched: ``old``, ``trusted``, ``verified``.
    """
    accepted = intake.accept(
        now=timezone.now(),
        arrivals=[_arrival(raw=raw, about=about or {}, account_id=account_id)],
    )[0]
    return accepted.id.hex, accepted.repeated


def _arrival(*, raw: bytes, about: dict[str, Any], account_id: int | None) -> Arrival:
    return Arrival(
        channel="email",
        kind="email" if account_id is None else f"email:{account_id}",
        external_id=external_id(raw=raw),
        raw=raw,
        headers=about,
    )
