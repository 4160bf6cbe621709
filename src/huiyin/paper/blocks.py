"""What a paper is made of; its texts come ready in the reader's language."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; kept on one page with what follows it."""

    text: str


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs, parted by line breaks. Tones: ``plain``, ``quiet`` or ``strong``."""

    text: str
    tone: str = "plain"
    align: str = "left"
    """``left``, ``center`` or ``right``."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Names and their values, two columns of pairs where they fit."""

    rows: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table whose head is repeated on every page it reaches.

    ``widths`` are the columns' shares of the line; columns in ``right`` hold figures.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[float, ...] = ()
    right: frozenset[int] = frozenset()
    empty: str = ""
    """What stands there when there are no rows."""


@dataclass(frozen=True, slots=True)
class BarPart:
    """One part of a bar: its size in any unit, and how the size is said."""

    label: str
    size: int
    said: str


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of parts with its key below; told apart by letter, not by colour alone."""

    parts: tuple[BarPart, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG or JPEG, shrunk to the line where it is wider."""

    data: bytes
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """Places to sign, beside each other."""

    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewPage:
    """What follows begins on a new page."""


Block = Heading | Text | Facts | Table | Bar | Picture | Signatures | NewPage


@dataclass(frozen=True, slots=True)
class Paper:
    """One printable paper.

    ``at`` is written into the file as the time of its making, so that equal papers give equal
    bytes. ``foot`` stands on every page beside the page's number.
    """

    title: str
    at: datetime
    blocks: tuple[Block, ...] = field(default=())
    subtitle: str = ""
    issuer: str = ""
    """The company's name, at the head of the first page."""
    foot: str = ""
    language: str = "zh-CN"
