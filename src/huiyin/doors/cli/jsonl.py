"""JSON lines in, JSON lines out: the manner of every batch command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from typing import IO, Any

import click


class UnreadableLine(ValueError):
    """One input line cannot be used; it becomes an output line with ``error``."""


def read_lines(*, source: str) -> Iterator[tuple[int, dict[str, Any] | UnreadableLine]]:
    """Yield (line number, object) for each non-empty line of a file, or of standard input for "-".

    A line that is not UTF-8 or not a JSON object is yielded as :class:`UnreadableLine`.
    Raises click.ClickException when the file cannot be opened.
    """
    stream: IO[bytes]
    if source == "-":
        stream = sys.stdin.buffer
    else:
        try:
            stream = open(source, "rb")  # noqa: SIM115 - closed with the generator's end
        except OSError as error:
            raise click.ClickException(f"cannot read {source}: {error.strerror}") from error
    with stream:
        for number, raw in enumerate(stream, start=1):
            if number == 1 and raw.startswith(b"\xef\xbb\xbf"):
                raw = raw[3:]
            if not raw.strip():
                continue
            try:
                data = json.loads(raw.decode("utf-8"))
            except UnicodeDecodeError as error:
                yield number, UnreadableLine(f"line {number} is not UTF-8: {error.reason}")
                continue
            except (ValueError, RecursionError) as error:
                yield number, UnreadableLine(f"line {number} is not JSON: {error}")
                continue
            if isinstance(data, dict):
                yield number, data
            else:
                yield number, UnreadableLine(f"line {number} is not a JSON object")


def write_line(*, data: dict[str, Any]) -> None:
    """Write one object as one UTF-8 line to standard output."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), default=str)
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass") + b"\n")


def run_lines(*, source: str, handle: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Pass each input object through ``handle`` and write what it returns.

    ``handle`` may raise ValueError (or a subclass): the line becomes {"id", "error"} and the rest
    goes on.
    """
    for _number, data in read_lines(source=source):
        if isinstance(data, UnreadableLine):
            write_line(data={"id": None, "error": str(data)})
            continue
        try:
            result = handle(data)
        except (ValueError, TypeError, KeyError) as error:
            text = f"missing field {error}" if isinstance(error, KeyError) else str(error)
            write_line(data={"id": data.get("id"), "error": text})
            continue
        write_line(data=result)
    sys.stdout.flush()
