"""Cut the fonts of printed papers out of Noto Sans CJK; run only to renew them.

    python scripts/paper_fonts.py /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc

Writes ``src/huiyin/paper/fonts/``: ``sans.otf`` with the characters of GB 2312, Latin, punctuation
and signs, ``sans-rare.otf`` with the other characters of GBK, which names are full of.
"""

from __future__ import annotations

import sys
from itertools import product
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTCollection, TTFont

FONTS = Path(__file__).resolve().parents[1] / "src" / "huiyin" / "paper" / "fonts"
FACE = "Noto Sans CJK SC"
SIGNS = (
    range(0x20, 0x7F),
    range(0xA0, 0x250),
    range(0x2000, 0x2070),
    range(0x20A0, 0x20C0),
    range(0x2100, 0x2C00),
    range(0x3000, 0x3100),
    range(0xFF00, 0xFFF0),
)


def characters(codec: str) -> set[int]:
    """Return every character that two bytes of a codec stand for."""
    found = set()
    for pair in product(range(0x81, 0xFF), range(0x40, 0xFF)):
        text = bytes(pair).decode(codec, errors="ignore")
        if len(text) == 1:
            found.add(ord(text))
    return found


def cut(source: Path, target: Path, codes: set[int]) -> None:
    """Write the part of the face that draws these characters."""
    faces = TTCollection(source, lazy=True).fonts
    number = next(i for i, face in enumerate(faces) if face["name"].getDebugName(4) == FACE)
    font = TTFont(source, fontNumber=number, recalcTimestamp=False)
    options = Options()
    options.layout_features = []
    options.hinting = False
    options.notdef_outline = True
    options.drop_tables += ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size} bytes")


def main() -> None:
    """Cut both fonts out of the collection named on the command line."""
    source = Path(sys.argv[1])
    usual = characters("gb2312") | {code for signs in SIGNS for code in signs}
    cut(source, FONTS / "sans.otf", usual)
    cut(source, FONTS / "sans-rare.otf", characters("gbk") - usual)


if __name__ == "__main__":
    main()
