"""Lays a paper out on A4 pages and returns the PDF with its fonts inside."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from io import BytesIO

from fpdf import FPDF
from PIL import Image

from huiyin.paper.blocks import (
    Bar,
    Block,
    Facts,
    Heading,
    NewPage,
    Paper,
    Picture,
    Signatures,
    Table,
    Text,
)
from huiyin.paper.lines import lines as broken_lines
from huiyin.paper.type import Type

PAGE_WIDTH, PAGE_HEIGHT = 210.0, 297.0
MARGIN, TOP, BOTTOM = 18.0, 18.0, 20.0
LINE = PAGE_WIDTH - 2 * MARGIN
BODY, SMALL, BIG = 10.0, 8.5, 17.0
INK, QUIET, RULE, SHADE = (26, 32, 38), (98, 108, 118), (208, 213, 219), (243, 245, 247)
# Dark to light and each beside a lighter one: told apart in grey as well.
FILLS = (
    (15, 82, 87), (226, 160, 63), (74, 111, 165), (196, 214, 160), (140, 73, 94), (158, 190, 214),
    (90, 90, 90), (230, 205, 196),
)  # fmt: skip


def pdf(*, paper: Paper) -> bytes:
    """Return the paper as a PDF of A4 pages, fonts embedded; equal papers give equal bytes."""
    page = _Page(paper)
    for block, following in zip(paper.blocks, (*paper.blocks[1:], None), strict=True):
        page.set(block, following)
    return page.finish()


@dataclass(slots=True)
class _Cell:
    lines: list[str]
    right: bool


class _Page:
    """The pages being written and how far down they are, in mm."""

    def __init__(self, paper: Paper) -> None:
        self._paper = paper
        self._out = out = FPDF(format="A4", unit="mm")
        out.set_auto_page_break(False)
        out.set_margins(MARGIN, TOP, MARGIN)
        out.set_creation_date(paper.at)
        out.set_title(paper.title)
        out.set_author(paper.issuer)
        out.set_creator("Huiyin")
        out.set_lang(paper.language)
        self._type = Type(document=out)
        self._y = TOP
        self._open_page()
        self._head()

    # The letters ------------------------------------------------------------------------------

    def _broken(self, text: str, size: float, limit: float) -> list[str]:
        return broken_lines(
            text=self._type.printable(text=text),
            width=lambda piece: self._type.width(text=piece, size=size),
            limit=limit,
        )

    def _line(
        self,
        text: str,
        *,
        x: float,
        size: float,
        y: float | None = None,
        colour: tuple[int, int, int] = INK,
        strong: bool = False,
    ) -> None:
        self._out.set_text_color(*colour)
        self._out.set_draw_color(*colour)
        foot = (self._y if y is None else y) + size / self._out.k
        self._type.write(x=x, y=foot, text=text, size=size, strong=strong)

    def _height(self, size: float) -> float:
        return size / float(self._out.k) * 1.55

    # The page ---------------------------------------------------------------------------------

    def _open_page(self) -> None:
        self._out.add_page()
        self._y = TOP

    def _need(self, height: float) -> bool:
        """Begin a new page where ``height`` mm no longer fit; tell whether one was begun."""
        if self._y + height <= PAGE_HEIGHT - BOTTOM or self._y == TOP:
            return False
        self._open_page()
        return True

    def _head(self) -> None:
        paper = self._paper
        if paper.issuer:
            for line in self._broken(paper.issuer, SMALL, LINE):
                self._line(line, x=MARGIN, size=SMALL, colour=QUIET)
                self._y += self._height(SMALL)
        for line in self._broken(paper.title, BIG, LINE):
            self._line(line, x=MARGIN, size=BIG, strong=True)
            self._y += self._height(BIG)
        if paper.subtitle:
            for line in self._broken(paper.subtitle, BODY, LINE):
                self._line(line, x=MARGIN, size=BODY, colour=QUIET)
                self._y += self._height(BODY)
        self._rule(self._y + 1)
        self._y += 5

    def _rule(self, y: float, x: float = MARGIN, width: float = LINE) -> None:
        self._out.set_draw_color(*RULE)
        self._out.set_line_width(0.2)
        self._out.line(x, y, x + width, y)

    def finish(self) -> bytes:
        """Write the foot of every page and return the file."""
        pages = self._out.pages_count
        for number in range(1, pages + 1):
            self._out.page = number
            y = PAGE_HEIGHT - BOTTOM + 7
            self._rule(y - 2)
            foot = self._broken(self._paper.foot, SMALL, LINE - 20)[0]
            self._line(foot, x=MARGIN, y=y, size=SMALL, colour=QUIET)
            count = f"{number} / {pages}"
            x = MARGIN + LINE - self._type.width(text=count, size=SMALL)
            self._line(count, x=x, y=y, size=SMALL, colour=QUIET)
        return bytes(self._out.output())

    # The blocks -------------------------------------------------------------------------------

    def set(self, block: Block, following: Block | None) -> None:
        """Set one block below what is there."""
        match block:
            case Heading():
                self._heading(block, following)
            case Text():
                self._text(block)
            case Facts():
                self._facts(block, following)
            case Table():
                self._table(block)
            case Bar():
                self._bar(block)
            case Picture():
                self._picture(block)
            case Signatures():
                self._signatures(block)
            case NewPage():
                self._open_page()

    def _heading(self, block: Heading, following: Block | None) -> None:
        size = 12.0
        self._y += 3 if self._y > TOP else 0
        keep = 12.0 if following is None or isinstance(following, Text) else 24.0
        found = self._broken(block.text, size, LINE)
        self._need(self._height(size) * len(found) + keep)
        for line in found:
            self._line(line, x=MARGIN, size=size, strong=True)
            self._y += self._height(size)
        self._y += 1

    def _text(self, block: Text) -> None:
        size = SMALL if block.tone == "quiet" else BODY
        colour = QUIET if block.tone == "quiet" else INK
        for line in self._broken(block.text, size, LINE):
            self._need(self._height(size))
            left = LINE - self._type.width(text=line, size=size)
            x = MARGIN + {"left": 0.0, "center": left / 2, "right": left}[block.align]
            self._line(line, x=x, size=size, colour=colour, strong=block.tone == "strong")
            self._y += self._height(size)
        self._y += 2

    def _facts(self, block: Facts, following: Block | None) -> None:
        gap, label = 6.0, 24.0
        half = (LINE - gap) / 2

        def broken(row: tuple[str, str], width: float) -> tuple[list[str], list[str]]:
            return (
                self._broken(row[0], SMALL, label - 2),
                self._broken(row[1], BODY, width - label),
            )

        rows = list(block.rows)
        lines: list[list[tuple[list[str], list[str]]]] = []
        while rows:
            cells = [broken(rows[0], half)]
            if len(cells[0][1]) > 1:
                cells = [broken(rows[0], LINE)]
            elif len(rows) > 1 and len((second := broken(rows[1], half))[1]) == 1:
                cells.append(second)
            del rows[: len(cells)]
            lines.append(cells)
        tall = [max(len(part) for cell in cells for part in cell) for cells in lines]
        # Facts stay together and with the table they introduce, unless they fill half a page.
        height = sum(self._height(BODY) * rows + 0.8 for rows in tall)
        self._need(min(height + (20 if isinstance(following, Table) else 0), 130))
        for cells, rows_of in zip(lines, tall, strict=True):
            for number in range(rows_of):
                self._need(self._height(BODY))
                for column, (name, value) in enumerate(cells):
                    x = MARGIN + column * (half + gap)
                    if number < len(name):
                        self._line(name[number], x=x, y=self._y + 0.4, size=SMALL, colour=QUIET)
                    if number < len(value):
                        self._line(value[number], x=x + label, size=BODY)
                self._y += self._height(BODY)
            self._y += 0.8
        self._y += 2

    def _table(self, block: Table) -> None:
        shares = block.widths or (1.0,) * len(block.head)
        widths = [LINE * share / sum(shares) for share in shares]
        head = partial(self._row, block.head, widths, block.right, head=True)
        self._need(self._height(SMALL) * 4)
        head()
        if not block.rows:
            self._text(Text(text=block.empty, tone="quiet"))
        for row in block.rows:
            self._row(row, widths, block.right, again=head)
        self._y += 4

    def _row(
        self,
        texts: tuple[str, ...],
        widths: list[float],
        right: frozenset[int],
        head: bool = False,
        again: partial[None] | None = None,
    ) -> None:
        pad = 1.6
        cells = [
            _Cell(self._broken(text, SMALL, width - 2 * pad), index in right)
            for index, (text, width) in enumerate(zip(texts, widths, strict=True))
        ]
        step = self._height(SMALL)
        rows = max(len(cell.lines) for cell in cells)
        # A row goes to the next page whole, unless it is longer than a quarter of one.
        if self._need(step * min(rows, 14) + 2 * pad) and again is not None:
            again()
        if head:
            self._out.set_fill_color(*SHADE)
            self._out.rect(MARGIN, self._y, LINE, step * rows + 2 * pad, style="F")
        self._y += pad
        for number in range(rows):
            if self._need(step + pad) and again is not None:
                again()
                self._y += pad
            x = MARGIN
            for cell, width in zip(cells, widths, strict=True):
                if number < len(cell.lines):
                    text = cell.lines[number]
                    shift = (
                        width - 2 * pad - self._type.width(text=text, size=SMALL)
                        if cell.right
                        else 0.0
                    )
                    self._line(text, x=x + pad + shift, size=SMALL, strong=head)
                x += width
            self._y += step
        self._y += pad
        self._rule(self._y)

    def _bar(self, block: Bar) -> None:
        total = sum(part.size for part in block.parts)
        if total <= 0:
            return
        height = 9.0
        self._need(height + self._height(SMALL) * min(len(block.parts), 6) + 4)
        x = MARGIN
        for index, part in enumerate(block.parts):
            width = LINE * part.size / total
            fill = FILLS[index % len(FILLS)]
            self._out.set_fill_color(*fill)
            self._out.rect(x, self._y, width, height, style="F")
            letter = chr(ord("A") + index % 26)
            if width > 4:
                ink = (255, 255, 255) if sum(fill) < 380 else INK
                at = x + (width - self._type.width(text=letter, size=BODY)) / 2
                self._line(letter, x=at, y=self._y + 2.2, size=BODY, colour=ink)
            x += width
        self._y += height + 2
        for index, part in enumerate(block.parts):
            self._need(self._height(SMALL))
            self._out.set_fill_color(*FILLS[index % len(FILLS)])
            self._out.rect(MARGIN, self._y + 0.4, 3, 3, style="F")
            share = "<1%" if part.size * 200 < total else f"{part.size / total:.0%}"
            said = f"{chr(ord('A') + index % 26)}  {part.label}  {part.said}  {share}"
            self._line(self._broken(said, SMALL, LINE - 6)[0], x=MARGIN + 5, size=SMALL)
            self._y += self._height(SMALL)
        self._y += 3

    def _picture(self, block: Picture) -> None:
        with Image.open(BytesIO(block.data)) as image:
            wide, high = image.size
        width = min(LINE, wide * 25.4 / 150)
        height = width * high / wide
        most = PAGE_HEIGHT - TOP - BOTTOM - 10
        if height > most:
            width, height = width * most / height, most
        self._need(height + self._height(SMALL))
        self._out.image(BytesIO(block.data), x=MARGIN, y=self._y, w=width, h=height)
        self._y += height + 1
        if block.caption:
            self._text(Text(text=block.caption, tone="quiet"))

    def _signatures(self, block: Signatures) -> None:
        self._need(22)
        width = LINE / max(1, len(block.labels))
        self._y += 12
        for index, label in enumerate(block.labels):
            x = MARGIN + index * width
            self._rule(self._y, x=x, width=width - 8)
            self._line(
                self._broken(label, SMALL, width - 8)[0],
                x=x,
                y=self._y + 1.5,
                size=SMALL,
                colour=QUIET,
            )
        self._y += 10
