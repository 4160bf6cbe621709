"""``huiyin mail``: mails from a pipe, files, a Maildir or an mbox into the inbox."""

from __future__ import annotations

import mailbox
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from huiyin.doors.cli.jsonl import write_line


def _messages(name: str) -> Iterator[bytes]:
    if name == "-":
        yield from _split(sys.stdin.buffer.read())
        return
    path = Path(name)
    if not path.exists():
        raise click.ClickException(f"no such file or folder: {name}")
    if path.is_dir():
        folders = [path / "new", path / "cur"]
        found = [f for d in folders if d.is_dir() for f in sorted(d.iterdir())]
        for file in found or sorted(path.glob("*.eml")):
            if file.is_file():
                yield file.read_bytes()
        return
    with path.open("rb") as opened:
        mbox = opened.read(5) == b"From "
    if mbox:
        box = mailbox.mbox(path, create=False)
        for key in box.iterkeys():
            yield box.get_bytes(key)
        return
    yield path.read_bytes()


def _split(raw: bytes) -> Iterator[bytes]:
    """Take standard input as one mail, or as an mbox when it begins like one."""
    if not raw.startswith(b"From "):
        yield raw
        return
    lines: list[bytes] = []
    for line in raw.splitlines(keepends=True):
        if line.startswith(b"From ") and (not lines or not lines[-1].strip()):
            if lines:
                yield b"".join(lines)
            lines = []
            continue
        lines.append(line[1:] if line.startswith(b">From ") else line)
    if lines:
        yield b"".join(lines)


@click.command("mail")
@click.argument("files", nargs=-1)
def command(files: tuple[str, ...]) -> None:
    """Take mails in; each becomes one JSON line with its outcome and number."""
    from huiyin.config.start import prepare

    prepare()
    from uuid import UUID

    from django.utils import timezone

    from huiyin.doors.worker.mail import accept
    from huiyin.flows import intake
    from huiyin.store.read import office, programs

    if not office.company_exists():
        raise click.ClickException("no company yet: run 'huiyin up' and open the first-run page")
    names = {"opened": "created", "reopened": "joined"}
    for name in files or ("-",):
        for raw in _messages(name):
            if not raw.strip():
                write_line(data={"outcome": "quarantined", "number": None, "error": "empty"})
                continue
            inbox_id, repeated = accept(raw=raw)
            if not repeated:
                intake.decide(now=timezone.now(), ids=[UUID(inbox_id)])
            found = programs.receipt(inbox_id=UUID(inbox_id))
            write_line(
                data={
                    "outcome": names.get(found["outcome"], found["outcome"]),
                    "number": found["number"] or None,
                    "repeated": repeated,
                    "reopened": found["outcome"] == "reopened",
                    "because": found["because"],
                }
            )
    sys.stdout.flush()
