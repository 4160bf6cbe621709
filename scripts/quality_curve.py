"""Draw docs/figures/quality.svg from the figures in quality.json; with --check only compare."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).parent.parent / "docs" / "figures"
WIDTH, HEIGHT, LEFT, TOP, RIGHT, BOTTOM = 760, 360, 46, 24, 190, 46
CURVES = (
    ("category_dev", "category F1, development", "#0b57d0", ""),
    ("category_held", "category F1, held out", "#0b57d0", "6 4"),
    ("urgency_dev", "urgency F1, development", "#b3540a", ""),
    ("urgency_held", "urgency F1, held out", "#b3540a", "6 4"),
    ("grave_dev", "high + critical found, dev.", "#1d6b48", ""),
    ("grave_held", "high + critical, held out", "#1d6b48", "6 4"),
)
"""Field, name, colour and dashes; the dashes tell the two sets apart without colour."""
LOWEST = 0.3


def drawn(*, rows: list[dict[str, Any]]) -> str:
    """Return the curves as SVG, one step per kept state, on a ground of their own."""
    wide = (WIDTH - LEFT - RIGHT) / max(len(rows) - 1, 1)

    def x(place: int) -> float:
        return LEFT + wide * place

    def y(share: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - share) / (1 - LOWEST)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"'
        ' font-family="sans-serif" font-size="11"><title>Quality of sorting by state</title>'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    ]
    for tenth in range(3, 11):
        at = y(tenth / 10)
        out.append(
            f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="#dfe3e8"/>'
            f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end" fill="#4a5260">'
            f"{tenth / 10:.1f}</text>"
        )
    for place, row in enumerate(rows):
        out.append(
            f'<text x="{x(place):.1f}" y="{HEIGHT - 24}" text-anchor="middle" fill="#4a5260">'
            f"{row['at'][5:10]}</text>"
            f'<text x="{x(place):.1f}" y="{HEIGHT - 10}" text-anchor="middle" fill="#4a5260">'
            f"{row['at'][11:]}</text>"
        )
    ends = sorted((y(rows[-1][field]), n) for n, (field, *_rest) in enumerate(CURVES))
    label_at: dict[int, float] = {}
    last = 0.0
    for at, number in ends:
        last = max(at, last + 14)
        label_at[number] = last
    for number, (field, name, colour, dashes) in enumerate(CURVES):
        points = " ".join(f"{x(i):.1f},{y(row[field]):.1f}" for i, row in enumerate(rows))
        dash = f' stroke-dasharray="{dashes}"' if dashes else ""
        out.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>'
            f'<text x="{WIDTH - RIGHT + 10}" y="{label_at[number] + 4:.1f}" fill="{colour}">'
            f"{name} {rows[-1][field]:.3f}</text>"
        )
    return "\n".join([*out, "</svg>"]) + "\n"


def main() -> int:
    """Write the picture, or tell whether the one that is there is current."""
    svg = drawn(rows=json.loads((FIGURES / "quality.json").read_text(encoding="utf-8")))
    file = FIGURES / "quality.svg"
    if "--check" in sys.argv:
        if not file.exists() or file.read_text(encoding="utf-8") != svg:
            sys.stderr.write("docs/figures/quality.svg is not current: run make docs\n")
            return 1
        return 0
    file.write_text(svg, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
