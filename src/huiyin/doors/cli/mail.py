"""``huiyin mail``: mails from a pipe, files, a Maildir or an mbox into the inbox."""

from __future__ import annotations

import itertools
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import click

from huiyin.channels.email import mbox
from huiyin.doors.cli.jsonl import write_line

BATCH = 50
TRY_AGAIN = 75
"""EX_TEMPFAIL of sysexits.h: a mail server keeps the mail and hands it over later."""
PATIENCE = 15.0
"""Seconds to wait for a mail that a worker decides at the same moment."""
_NAMES = {"opened": "created", "reopened": "joined"}

Found = tuple[str, bytes | OSError | None]
"""Where from, and the mail, why it cannot be read, or None where nothing is written there."""


def _mails(names: Sequence[str]) -> Iterator[Found]:
    """Yield mails with where they come from, in the order of ``names``."""
    for name in names:
        if name == "-":
            yield from _numbered(name, mbox.split(lines=sys.stdin.buffer))
            continue
        path = Path(name)
        if not path.exists():
            yield name, FileNotFoundError(2, "no such file or folder")
            continue
        for file in _files(path=path):
            try:
                with file.open("rb") as lines:
                    yield from _numbered(str(file), mbox.split(lines=lines))
            except OSError as error:
                yield str(file), error


def _files(*, path: Path) -> list[Path]:
    """Return the files to read below a path: a Maildir's mails, a folder's ``*.eml``, or itself."""
    if not path.is_dir():
        return [path]
    places = [path / "new", path / "cur"]
    if any(place.is_dir() for place in places):
        found = [f for place in places if place.is_dir() for f in place.iterdir()]
        # Names begin with the time of delivery, whichever of the two folders they lie in.
        return sorted((f for f in found if f.is_file()), key=lambda f: f.name)
    return sorted(f for f in path.glob("*.eml") if f.is_file())


def _numbered(name: str, mails: Iterator[bytes]) -> Iterator[Found]:
    number = 0
    for number, raw in enumerate(mails, start=1):
        yield (name if number == 1 else f"{name}#{number}"), raw
    if not number:
        yield name, None


@click.command("mail")
@click.argument("files", nargs=-1)
def command(files: tuple[str, ...]) -> None:
    """Take mails in; each becomes one JSON line with its outcome and number.

    FILES are RFC 5322 messages, mbox files, Maildirs or folders of .eml files; "-" or nothing is
    standard input. A mail that cannot be read is kept in quarantine. Exit status 75 asks a mail
    server to try again later; 1 says that a file could not be read.
    """
    from huiyin.config.start import prepare

    prepare()
    from django.db import DatabaseError

    from huiyin.store.read import office

    good = True
    try:
        if not office.company_exists():
            click.echo("no company yet: run 'huiyin up' and open the first-run page", err=True)
            sys.exit(TRY_AGAIN)
        mails = _mails(files or ("-",))
        while batch := list(itertools.islice(mails, BATCH)):
            good = _take(batch) and good
            sys.stdout.flush()
    except DatabaseError as error:
        click.echo(f"the database does not take mail now: {error}", err=True)
        sys.exit(TRY_AGAIN)
    if not good:
        sys.exit(1)


def _take(batch: Sequence[Found]) -> bool:
    """Accept and decide a batch and write a line for each; False when a file cannot be read."""
    from django.utils import timezone

    from huiyin.doors.worker.mail import accept
    from huiyin.flows import intake

    accepted = [accept(raw=raw) if isinstance(raw, bytes) else None for _source, raw in batch]
    fresh = [UUID(one[0]) for one in accepted if one is not None and not one[1]]
    intake.decide(now=timezone.now(), ids=fresh)
    good = True
    for (source, raw), one in zip(batch, accepted, strict=True):
        if one is not None:
            write_line(data=_line(source, UUID(one[0]), repeated=one[1]))
        elif isinstance(raw, OSError):
            good = False
            write_line(data={"source": source, "error": raw.strerror or str(raw)})
        else:
            write_line(data={"source": source, "outcome": "empty"})
    return good


def _line(source: str, inbox_id: UUID, *, repeated: bool) -> dict[str, Any]:
    from django.utils import timezone

    from huiyin.flows import intake
    from huiyin.store.read import programs

    ends = time.monotonic() + PATIENCE
    found = programs.receipt(inbox_id=inbox_id)
    while found["outcome"] == "pending" and time.monotonic() < ends:
        time.sleep(0.2)
        intake.decide(now=timezone.now(), ids=[inbox_id])
        found = programs.receipt(inbox_id=inbox_id)
    outcome = _NAMES.get(found["outcome"], found["outcome"])
    line = {
        "source": source,
        "outcome": "duplicate" if repeated else outcome,
        "number": found["number"] or None,
        "reopened": found["outcome"] == "reopened",
        "because": found["because"],
    }
    if repeated:
        line["first"] = outcome
    return line
