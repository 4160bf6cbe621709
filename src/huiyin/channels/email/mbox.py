"""A stream of mails: one, or many in the form of an mbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_ENVELOPE = re.compile(rb"From \S.*\d{4}\s*$")
_QUOTED = re.compile(rb">+From ")


def split(*, lines: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the mails of a stream: one, or many when it begins as an mbox does.

    A line "From ... 2026" after an empty one begins the next mail; ">From " is "From " again.
    """
    mail: list[bytes] = []
    mbox = False
    empty_before = True
    for number, line in enumerate(lines):
        if number == 0 and line.startswith(b"From "):
            mbox = True
            continue
        if mbox and empty_before and _ENVELOPE.match(line):
            if mail:
                yield _joined(mail)
            mail = []
            continue
        empty_before = not line.strip()
        mail.append(line[1:] if mbox and _QUOTED.match(line) else line)
    if mail:
        yield _joined(mail)


def _joined(lines: list[bytes]) -> bytes:
    """Return a mail without the empty line that an mbox puts after it."""
    if len(lines) > 1 and not lines[-1].strip():
        lines = lines[:-1]
    return b"".join(lines)
