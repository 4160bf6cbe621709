"""Markdown to HTML that is safe to show, and to a few plain words."""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Final

import nh3
from markdown_it import MarkdownIt

_TAGS: Final = frozenset(
    {
        "a", "blockquote", "br", "code", "em", "h2", "h3", "h4", "hr", "li", "ol", "p", "pre",
        "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
    }
)  # fmt: skip
_ATTRIBUTES: Final = {"a": {"href", "title"}}
_SCHEMES: Final = frozenset({"http", "https", "mailto", "tel"})
_HEADING: Final = re.compile(r"<(/?)h([1-6])>")
_WITHIN: Final = re.compile(r"</?(?:a|code|em|strong)(?: [^>]*)?>")
_MARKS: Final = re.compile(r"<[^>]+>")
_SPACES: Final = re.compile(r"\s+")


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


def html_of(*, text: str) -> str:
    """Return the HTML of a Markdown text: headings begin at the second level, no pictures.

    HTML in the text is shown as it is written; what is left is cleaned by a list of allowed tags.
    """
    made = _reader().render(text)
    made = _HEADING.sub(lambda m: f"<{m[1]}h{min(max(int(m[2]), 2), 4)}>", made)
    return nh3.clean(
        made,
        tags=set(_TAGS),
        attributes={k: set(v) for k, v in _ATTRIBUTES.items()},
        url_schemes=set(_SCHEMES),
        link_rel="noopener noreferrer nofollow",
    )


def plain_of(*, text: str) -> str:
    """Return the words of a Markdown text without its marks, in one line."""
    return _SPACES.sub(" ", _words(text)).strip()


def lines_of(*, text: str) -> str:
    """Return the words of a Markdown text without its marks, as they go into a letter."""
    lines = (_SPACES.sub(" ", line).strip() for line in _words(text).split("\n"))
    return "\n".join(line for line in lines if line)


def _words(text: str) -> str:
    return unescape(_MARKS.sub(" ", _WITHIN.sub("", _reader().render(text))))


def summary_of(*, text: str, length: int = 90) -> str:
    """Return the beginning of a Markdown text in plain words."""
    words = plain_of(text=text)
    return words if len(words) <= length else words[:length].rstrip("，,、；;：: ") + "…"
