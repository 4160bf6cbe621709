"""Lays a paper out as a Word file that can still be edited."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from io import BytesIO

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_BREAK
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.run import Run
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

LATIN, HAN = "Times New Roman", "宋体"
"""Fonts that office programs in China have or replace by their own."""

_ALIGN = {
    "left": WD_ALIGN_PARAGRAPH.LEFT,
    "center": WD_ALIGN_PARAGRAPH.CENTER,
    "right": WD_ALIGN_PARAGRAPH.RIGHT,
}
_QUIET = RGBColor(98, 108, 118)
_WIDTH = Mm(210 - 2 * 25)


def docx(*, paper: Paper) -> bytes:
    """Return the paper as a Word file (docx); equal papers give equal bytes."""
    document = Document()
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.left_margin = section.right_margin = Mm(25)
    section.top_margin = section.bottom_margin = Mm(22)
    about = document.core_properties
    about.title, about.author, about.comments = paper.title, paper.issuer, ""
    about.created = about.modified = paper.at.replace(tzinfo=None)
    about.language = paper.language
    style = document.styles["Normal"]
    style.font.name, style.font.size = LATIN, Pt(12)
    style.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HAN)
    if paper.issuer:
        _say(document, paper.issuer, size=10, quiet=True)
    _say(document, paper.title, size=18, strong=True, align="center")
    if paper.subtitle:
        _say(document, paper.subtitle, size=10, quiet=True, align="center")
    for block in paper.blocks:
        _block(document, block)
    if paper.foot:
        _style(section.footer.paragraphs[0].add_run(paper.foot), size=9, quiet=True)
    return _same(document, paper)


def _same(document: WordDocument, paper: Paper) -> bytes:
    """Write the file with the paper's own time in place of the time of writing."""
    raw, out = BytesIO(), BytesIO()
    document.save(raw)
    at = max(paper.at.replace(tzinfo=None).timetuple()[:6], (1980, 1, 1, 0, 0, 0))
    with (
        zipfile.ZipFile(raw) as given,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made,
    ):
        for entry in given.infolist():
            made.writestr(
                zipfile.ZipInfo(entry.filename, date_time=at),
                given.read(entry),
                zipfile.ZIP_DEFLATED,
            )
    return out.getvalue()


def _style(run: Run, *, size: float, strong: bool = False, quiet: bool = False) -> None:
    run.font.size, run.bold = Pt(size), strong
    run.font.name = LATIN
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), HAN)
    if quiet:
        run.font.color.rgb = _QUIET


def _clean(text: str) -> str:
    """Leave out what XML does not allow."""
    return "".join(c for c in text if c.isprintable() or c in "\n\t")


def _say(
    document: WordDocument,
    text: str,
    *,
    size: float = 12,
    strong: bool = False,
    quiet: bool = False,
    align: str = "left",
) -> None:
    for line in _clean(text).split("\n"):
        paragraph = document.add_paragraph()
        paragraph.alignment = _ALIGN[align]
        paragraph.paragraph_format.space_after = Pt(4)
        paragraph.paragraph_format.line_spacing = 1.5
        _style(paragraph.add_run(line), size=size, strong=strong, quiet=quiet)


def _table(document: WordDocument, rows: Sequence[tuple[str, ...]], *, head: bool) -> None:
    table = document.add_table(rows=0, cols=max(len(r) for r in rows))
    table.style = "Table Grid"
    for number, row in enumerate(rows):
        for cell, text in zip(table.add_row().cells, row, strict=False):
            run = cell.paragraphs[0].add_run(_clean(text))
            _style(run, size=10.5, strong=head and number == 0)
    document.add_paragraph()


def _block(document: WordDocument, block: Block) -> None:
    match block:
        case Heading():
            _say(document, block.text, size=13, strong=True)
        case Text():
            _say(
                document,
                block.text,
                size=10 if block.tone == "quiet" else 12,
                strong=block.tone == "strong",
                quiet=block.tone == "quiet",
                align=block.align,
            )
        case Facts():
            if block.rows:
                _table(document, list(block.rows), head=False)
        case Table():
            _table(document, [block.head, *block.rows], head=True)
            if not block.rows:
                _say(document, block.empty, size=10, quiet=True)
        case Bar():
            total = sum(p.size for p in block.parts)
            if total > 0:
                rows = [(p.label, p.said, f"{p.size / total:.0%}") for p in block.parts]
                _table(document, rows, head=False)
        case Picture():
            with Image.open(BytesIO(block.data)) as image:
                width = min(_WIDTH, Mm(image.size[0] * 25.4 / 150))
            document.add_picture(BytesIO(block.data), width=width)
            if block.caption:
                _say(document, block.caption, size=10, quiet=True)
        case Signatures():
            _say(document, "        ".join(f"{label}：__________" for label in block.labels))
        case NewPage():
            document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
