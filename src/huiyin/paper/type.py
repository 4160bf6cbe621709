"""The letters of a paper: which font draws which character, and how wide it is.

Two cuts of Noto Sans CJK lie beside this file: the usual characters, and the rare ones that names
are full of, which is loaded only where a paper needs it. What neither draws is printed as its
number, so that nothing is lost: 𠮷 as [U+20BB7].
"""

from __future__ import annotations

from importlib.resources import as_file, files

from fpdf import FPDF

USUAL, RARE = "sans", "sans-rare"


class Type:
    """Sets text on the pages of one document."""

    def __init__(self, *, document: FPDF) -> None:
        self._document = document
        self._widths: dict[str, dict[int, float]] = {}
        self._load(USUAL)

    def _load(self, name: str) -> None:
        with as_file(files("huiyin.paper").joinpath("fonts", f"{name}.otf")) as path:
            self._document.add_font(name, "", path)
        font = self._document.fonts[name]
        glyphs = font.ttfont["hmtx"].metrics  # type: ignore[union-attr]
        units = font.ttfont["head"].unitsPerEm  # type: ignore[union-attr]
        self._widths[name] = {
            code: glyphs[glyph][0] / units
            for code, glyph in font.ttfont.getBestCmap().items()  # type: ignore[union-attr]
        }

    def printable(self, *, text: str) -> str:
        """Return the text with every character that no font draws written as its number."""
        out = []
        for letter in text:
            code = ord(letter)
            if letter == "\n" or code in self._widths[USUAL]:
                out.append(letter)
                continue
            if code >= 0x2E80 and RARE not in self._widths:
                self._load(RARE)
            if code in self._widths.get(RARE, {}):
                out.append(letter)
            elif letter.isprintable():
                out.append(f"[U+{code:04X}]")
        return "".join(out)

    def width(self, *, text: str, size: float) -> float:
        """Return the width in mm of a printable text set in ``size`` points."""
        usual, rare = self._widths[USUAL], self._widths.get(RARE, {})
        return (
            sum(usual.get(ord(letter)) or rare.get(ord(letter), 0.0) for letter in text)
            * size
            / self._document.k
        )

    def write(self, *, x: float, y: float, text: str, size: float, strong: bool = False) -> None:
        """Set one line of printable text with its left end at ``x``, its foot at ``y`` (mm)."""
        document = self._document
        mode = "FILL_STROKE" if strong else "FILL"
        with document.local_context(text_mode=mode, line_width=size * 0.012):
            for name, run in self._runs(text):
                document.set_font(name, size=size)
                document.text(x, y, run)
                x += self.width(text=run, size=size)

    def _runs(self, text: str) -> list[tuple[str, str]]:
        runs: list[tuple[str, str]] = []
        for letter in text:
            name = USUAL if ord(letter) in self._widths[USUAL] else RARE
            if runs and runs[-1][0] == name:
                runs[-1] = (name, runs[-1][1] + letter)
            else:
                runs.append((name, letter))
        return runs
