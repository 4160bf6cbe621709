"""A playbook's procedure as a drawing: steps in layers, branches, joins, clocks, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from html import escape
from itertools import pairwise

from huiyin.core.playbook.lengths import length_words
from huiyin.core.playbook.names import URGENCIES
from huiyin.core.playbook.rules import bind, holds
from huiyin.core.playbook.saying import condition_words
from huiyin.core.playbook.schema import Clock, Playbook, Step

WIDTH, GAP_X, GAP_Y, LINE, LANE = 208, 20, 46, 17, 14
_CHARS = 14.0
"""Chinese characters on one line of a node; a Latin letter counts a little over half."""


@dataclass(frozen=True, slots=True)
class Node:
    """A box of the drawing; ``lines`` are (kind, text), kind one of name, role, clock, note."""

    id: str
    kind: str
    """start, step, optional or end."""
    x: float
    y: float
    height: float
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Drawing:
    """A laid-out procedure. ``edges`` are lists of points; ``words`` say the same in sentences."""

    title: str
    width: float
    height: float
    nodes: tuple[Node, ...]
    edges: tuple[tuple[tuple[float, float], ...], ...]
    words: tuple[str, ...]


def procedures(*, playbook: Playbook) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Return the procedures that differ: (category, branch, categories that go the same way)."""
    same: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for branch in playbook.branches:
        for category in playbook.categories:
            steps = playbook.steps_for(category=category.code, branch=branch.code)
            key = ("" if branch.archive else branch.code, tuple(s.id for s in steps))
            if key[1]:
                found = same.setdefault(key, [])
                if category.code not in found:
                    found.append(category.code)
    out = []
    for (code, _steps), categories in same.items():
        branch_code = code or next(b.code for b in playbook.branches if b.archive)
        out.append((categories[0], branch_code, tuple(categories)))
    return tuple(sorted(out, key=lambda p: (p[1] != "complaint", -len(p[2]))))


def draw(*, playbook: Playbook, category: str, branch: str, english: bool = False) -> Drawing:
    """Lay out the procedure of a category on a branch, from top to bottom.

    Raises KeyError for an unknown category.
    """
    steps = playbook.steps_for(category=category, branch=branch)
    clocks = _clocks(playbook, category, branch)
    language = "en" if english else "zh"
    before = {s.id: [a for a in s.after if any(a == o.id for o in steps)] for s in steps}
    title = f"{playbook.branch(code=branch).name.said(language=language)} · " + (
        playbook.category(code=category).name.said(language=language)
    )
    ended = _ended(steps, clocks)
    boxes: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
        "start": ("start", (("name", playbook.branch(code=branch).name.said(language=language)),))
    }
    for step in steps:
        kind = "optional" if step.optional else "step"
        boxes[step.id] = (kind, _lines(step, ended[step.id], before[step.id], playbook, english))
    ends = [s.id for s in steps if not any(s.id in b for b in before.values())]
    boxes["end"] = ("end", (("name", "End" if english else "结束"),))
    links = [(a, s.id) for s in steps for a in (before[s.id] or ["start"])]
    links += [(e, "end") for e in ends]
    nodes, edges, width, height = _lay_out(boxes, links)
    words = tuple(_said(s, ended[s.id], before[s.id], playbook, english) for s in steps)
    return Drawing(title, width, height, nodes, edges, words)


def _clocks(playbook: Playbook, category: str, branch: str) -> tuple[Clock, ...]:
    """Return the clocks that may run for such a complaint."""
    facts = bind(facts={"category": category, "branch": branch, "also": []})
    rules = playbook.clock_rules.conditions
    return tuple(
        c.then
        for c in rules
        if (c.from_ is None or c.from_ <= date.max) and holds(condition=c, facts=facts) is not False
    )


def _ended(steps: Sequence[Step], clocks: Iterable[Clock]) -> dict[str, list[Clock]]:
    """Return the clocks that end at each step: each is named at the first step that ends it."""
    out: dict[str, list[Clock]] = {s.id: [] for s in steps}
    for clock in clocks:
        for step in steps:
            if set(step.done_when) & set(clock.stops_on):
                out[step.id].append(clock)
                break
    return out


def _length(clock: Clock, english: bool) -> str:
    if isinstance(clock.for_, str):
        return length_words(length=clock.for_, english=english)
    first, last = clock.length(urgency=URGENCIES[0]), clock.length(urgency=URGENCIES[-1])
    one, other = (length_words(length=x, english=english) for x in (last, first))
    return f"{one}–{other}"


def _lines(
    step: Step, clocks: Sequence[Clock], before: Sequence[str], playbook: Playbook, english: bool
) -> tuple[tuple[str, str], ...]:
    language = "en" if english else "zh"
    out: list[tuple[str, str]] = []
    if len(before) > 1:
        every = ("after all of these", "以上全部完成后") if step.join == "all" else (
            "after any of these", "以上任一完成后"
        )  # fmt: skip
        out.append(("join", every[0] if english else every[1]))
    if step.when:
        said = condition_words(text=step.when, playbook=playbook, english=english)
        out += [("note", t) for t in _wrap(f"if {said}" if english else f"若{said}")[:3]]
    out += [("name", t) for t in _wrap(step.name.said(language=language))[:2]]
    role = ROLE_WORDS[step.role][english]
    if step.automatic is not None:
        role += " · by itself" if english else " · 自动"
    out.append(("role", role))
    if step.within is not None:
        said = length_words(length=step.within, english=english)
        out.append(("clock", f"this step: {said}" if english else f"本步时限 {said}"))
    for clock in clocks[:3]:
        said = f"{clock.name.said(language=language)} {_length(clock, english)}"
        out += [("clock", t) for t in _wrap(said)[:2]]
    return tuple(out)


ROLE_WORDS: dict[str, tuple[str, str]] = {
    "customer": ("客户", "Customer"),
    "agent": ("客服", "Agent"),
    "handler": ("部门处理人", "Handler"),
    "supervisor": ("主管", "Supervisor"),
    "process_owner": ("流程负责人", "Process owner"),
    "manager": ("经理", "Manager"),
    "administrator": ("管理员", "Administrator"),
}


def _said(
    step: Step, clocks: Sequence[Clock], before: Sequence[str], playbook: Playbook, english: bool
) -> str:
    language = "en" if english else "zh"
    names = [playbook.step(id=b).name.said(language=language) for b in before]
    parts = [f"{step.name.said(language=language)} ({ROLE_WORDS[step.role][english]})"]
    if names:
        one = step.join == "any" and len(names) > 1
        parts.append(
            f"after {'one of ' if one else ''}{', '.join(names)}" if english
            else f"在{'、'.join(names)}{'其中一项' if one else ''}之后"
        )  # fmt: skip
    if step.when:
        said = condition_words(text=step.when, playbook=playbook, english=english)
        parts.append(f"if {said}" if english else f"若{said}")
    if step.optional:
        parts.append("optional" if english else "非必办")
    if step.automatic is not None:
        parts.append("by itself" if english else "自动")
    if step.within is not None:
        said = length_words(length=step.within, english=english)
        parts.append(f"within {said}" if english else f"{said}内")
    for clock in clocks:
        name = clock.name.said(language=language)
        parts.append(
            f"ends the clock {name} ({_length(clock, english)})" if english
            else f"止住时限“{name}”（{_length(clock, english)}）"
        )  # fmt: skip
    return (", " if english else "，").join(parts)


def _wrap(text: str) -> list[str]:
    """Break a text into lines of a node's width."""
    lines, line, used = [], "", 0.0
    for char in text:
        wide = 1.0 if ord(char) > 0x2E80 else 0.56
        if used + wide > _CHARS and line:
            lines.append(line)
            line, used = "", 0.0
            if char == " ":
                continue
        line += char
        used += wide
    return [*lines, line] if line else lines


def _lay_out(
    boxes: dict[str, tuple[str, tuple[tuple[str, str], ...]]], links: list[tuple[str, str]]
) -> tuple[tuple[Node, ...], tuple[tuple[tuple[float, float], ...], ...], float, float]:
    """Put boxes into layers by their longest way from the start; long links keep a lane free."""
    layer: dict[str, int] = {}
    for id in boxes:
        layer[id] = max((layer[a] + 1 for a, b in links if b == id), default=0)
    depth = max(layer.values())
    layer["end"] = depth
    rows: list[list[str]] = [[] for _n in range(depth + 1)]
    for id in boxes:
        rows[layer[id]].append(id)
    chains: list[list[str]] = []
    for n, (a, b) in enumerate(links):
        chain = [a]
        for level in range(layer[a] + 1, layer[b]):
            lane = f"{n}|{level}"
            rows[level].append(lane)
            chain.append(lane)
        chains.append([*chain, b])
    comes = {b: [a for c in chains for a, to in pairwise(c) if to == b]
             for row in rows for b in row}  # fmt: skip
    place: dict[str, float] = {}
    for row in rows:
        row.sort(key=lambda id: _middle([place[a] for a in comes[id] if a in place]))
        at = 0.0
        for id in row:
            wide = WIDTH if id in boxes else LANE
            place[id] = at + wide / 2
            at += wide + GAP_X
        shift = (at - GAP_X) / 2
        for id in row:
            place[id] -= shift
    left = min(place[id] - (WIDTH if id in boxes else LANE) / 2 for row in rows for id in row)
    right = max(place[id] + (WIDTH if id in boxes else LANE) / 2 for row in rows for id in row)
    heights = {id: 20 + LINE * len(lines) for id, (_k, lines) in boxes.items()}
    y, top = 8.0, {}
    tall = [max(heights[id] for id in row if id in boxes) for row in rows]
    for n, row in enumerate(rows):
        for id in row:
            top[id] = y
        y += tall[n] + GAP_Y
    nodes = tuple(
        Node(id, kind, place[id] - left - WIDTH / 2 + 8, top[id], heights[id], lines)
        for id, (kind, lines) in boxes.items()
    )
    edges = []
    for chain in chains:
        points = []
        for n, id in enumerate(chain):
            x = place[id] - left + 8
            if n:
                points.append((x, top[id]))
            if n < len(chain) - 1:
                points.append(
                    (x, top[id] + (heights[id] if id in boxes else tall[layer_of(id, layer)]))
                )
        edges.append(tuple(points))
    return nodes, tuple(edges), right - left + 16, y - GAP_Y + 8


def layer_of(id: str, layer: dict[str, int]) -> int:
    """Return the layer of a box or of a lane that a long link keeps."""
    return layer[id] if id in layer else int(id.split("|")[1])


def _middle(places: list[float]) -> float:
    return sum(places) / len(places) if places else 0.0


def svg(*, drawing: Drawing, id: str, style: str = "") -> str:
    """Return a drawing as SVG text; colours come from the page, or from ``style``."""
    w, h = round(drawing.width), round(drawing.height)
    out = [
        f'<svg class="flow" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" '
        f'width="{w}" height="{h}" role="img" aria-labelledby="{id}-t" aria-describedby="{id}-w">',
        f'<title id="{id}-t">{escape(drawing.title)}</title>',
        f'<desc id="{id}-w">{escape("; ".join(drawing.words))}</desc>',
        f"<style>{style}</style>" if style else "",
        f'<defs><marker id="{id}-a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path class="flow-tip" d="M0 0 8 4 0 8z"/></marker></defs>',
    ]
    for points in drawing.edges:
        out.append(f'<path class="flow-way" marker-end="url(#{id}-a)" d="{_path(points)}"/>')
    for node in drawing.nodes:
        out.append(
            f'<g class="flow-node {node.kind}"><rect x="{node.x:.0f}" y="{node.y:.0f}" '
            f'width="{WIDTH}" height="{node.height:.0f}" rx="{16 if node.kind == "end" else 8}"/>'
        )
        y = node.y + 24
        for kind, text in node.lines:
            out.append(
                f'<text class="{kind}" x="{node.x + WIDTH / 2:.0f}" y="{y:.0f}" '
                f'text-anchor="middle">{escape(text)}</text>'
            )
            y += LINE
        out.append("</g>")
    return "".join(out) + "</svg>"


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Return a way that leaves and enters boxes straight and bends between the layers."""
    (x, y), *rest = points
    out = [f"M{x:.0f} {y:.0f}"]
    for n, (to_x, to_y) in enumerate(rest):
        if n % 2 == 0:
            half = (y + to_y) / 2
            out.append(f"C{x:.0f} {half:.0f} {to_x:.0f} {half:.0f} {to_x:.0f} {to_y:.0f}")
        else:
            out.append(f"L{to_x:.0f} {to_y:.0f}")
        x, y = to_x, to_y
    return "".join(out)


ALONE = (
    ".flow{font-family:'Noto Sans SC','Noto Sans CJK SC',sans-serif;background:#fff}"
    ".flow-node rect{fill:#f7f8fa;stroke:#848e9c}.flow-node.optional rect{stroke-dasharray:5 4}"
    ".flow-node.start rect,.flow-node.end rect{fill:#e7eefb;stroke:#b7caef}"
    ".flow text{font-size:13px;fill:#465162}.flow .name{font-weight:600;fill:#161e2b}"
    ".flow .clock{fill:#854e00}.flow .join{fill:#1f4fa8}.flow .note{font-size:11px}"
    ".flow-way{fill:none;stroke:#848e9c;stroke-width:1.5}.flow-tip{fill:#848e9c}"
    "@media (prefers-color-scheme:dark){.flow{background:#161b24}"
    ".flow-node rect{fill:#1b212b;stroke:#707c8e}.flow text{fill:#b8c1ce}"
    ".flow .name{fill:#e7ebf1}.flow .clock{fill:#f2c071}.flow .join{fill:#9db9ff}"
    ".flow-node.start rect,.flow-node.end rect{fill:#1c2842;stroke:#34507f}}"
)
"""Colours of a drawing that stands alone, light and dark."""
