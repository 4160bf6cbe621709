"""HTML of mails: to readable text with its structure, and to HTML that is safe to show."""

from __future__ import annotations

import html
import re

import nh3

MOST_CHARACTERS = 1_000_000
MOST_SHOWN = 500_000
MOST_DEPTH = 400
"""Elements inside each other; deeper HTML is read as text but not shown as HTML."""

_TOKEN = re.compile(
    r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<[!?][^>]*(?:>|\Z)"
    r"|<(?P<close>/?)(?P<tag>[A-Za-z][A-Za-z0-9:-]{0,40})(?P<attributes>[^<>]*)(?:>|(?=<)|\Z)"
    r"|(?P<text>(?:[^<]|<(?![A-Za-z/!?]))+|<)",
    re.DOTALL,
)
_SILENT = frozenset({"script", "style", "head", "title", "template", "noscript", "object", "svg"})
_BLOCKS = frozenset(
    {"address", "article", "center", "dd", "div", "dl", "dt", "fieldset", "footer", "form", "h1",
     "h2", "h3", "h4", "h5", "h6", "header", "li", "main", "ol", "p", "pre", "section", "table",
     "tr", "ul", "blockquote", "includetail", "hr", "caption", "thead", "tbody"}
)  # fmt: skip
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre"})
_VOID = frozenset({"br", "hr", "img", "input", "meta", "link", "col", "base", "area", "wbr"})
_HREF = re.compile(r"""href\s*=\s*["']?\s*(https?://[^\s"'<>]{4,500})""", re.IGNORECASE)
_ALT = re.compile(r"""alt\s*=\s*(?:"([^"]{1,40})"|'([^']{1,40})')""", re.IGNORECASE)
_HEAD_OF_QUOTE = re.compile(
    r"""(?:class|id)\s*=\s*["']?[^"'>]*(?:gmail_attr|moz-cite-prefix|yahoo_quoted_begin)""",
    re.IGNORECASE,
)
_HIDDEN = re.compile(
    r"""style\s*=\s*["'][^"']*(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all"""
    r"""|font-size\s*:\s*0(?:px|pt|em|rem|%)?\s*(?:[;"'!]|$)"""
    r"""|(?<![\w-])opacity\s*:\s*0(?:\.0+)?\s*(?:[;"'!]|$))|(?:^|\s)hidden(?:\s|=|$)""",
    re.IGNORECASE,
)
_INDENT = re.compile(r"border\s*:\s*none|margin:\s*0(?:px)? 0(?:px)? 0(?:px)? 40px", re.IGNORECASE)
_KEPT_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan", "align"},
    "th": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "blockquote": {"type"},
}
_TAGS = {
    "a", "b", "blockquote", "br", "caption", "center", "code", "dd", "del", "div", "dl", "dt", "em",
    "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li", "ol", "p", "pre", "s",
    "small", "span", "strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th",
    "thead", "tr", "u", "ul",
}  # fmt: skip


def to_text(*, source: str) -> str:
    """Return the readable text of HTML: lines for blocks, tabs for cells, "> " for quotes.

    What the sender hid from readers is left out, unless nothing else is there or it never ends.
    """
    source = source[:MOST_CHARACTERS]
    return _seen(source=source, hiding=True) or _seen(source=source, hiding=False)


def _seen(*, source: str, hiding: bool) -> str:
    """Return the text that a reader sees; "" where a hidden element never ends."""
    out = _Lines()
    silent = hidden = ""
    levels = 0
    endless: set[str] = set()
    for found in _TOKEN.finditer(source):
        tag = (found["tag"] or "").lower()
        if silent:
            if tag == silent and found["close"]:
                silent = ""
            continue
        attributes = found["attributes"] or ""
        if hidden:
            if tag == hidden:
                levels += -1 if found["close"] else not attributes.endswith("/")
                hidden = hidden if levels else ""
            continue
        if found["text"] is not None:
            out.say(html.unescape(found["text"]))
        elif tag:
            if tag in _SILENT:
                # One that never ends would hide all that follows, so it hides nothing.
                if found["close"] or attributes.endswith("/") or tag in endless:
                    continue
                if re.compile(rf"</{tag}\b", re.IGNORECASE).search(source, found.end()):
                    silent = tag
                else:
                    endless.add(tag)
            elif found["close"]:
                out.close(tag)
            elif hiding and tag not in _VOID and tag != "body" and _HIDDEN.search(attributes):
                hidden, levels = tag, 1
            else:
                out.open(tag, attributes)
    return "" if hidden else out.done()


class _Lines:
    """Text that grows by words and line ends."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.words: list[str] = []
        self.some = False
        self.quotes: list[bool] = []
        self.depth = 0
        self.lists: list[int] = []
        self.preformatted = 0
        self.link: tuple[str, int] | None = None

    def say(self, words: str) -> None:
        """Add words to the line; outside <pre> any run of white space is one blank."""
        words = words.replace("\xa0", " ").replace("\u200b", "")
        self.some = self.some or bool(words.strip())
        if self.preformatted:
            head, *rest = words.split("\n")
            self.words.append(head)
            for line in rest:
                self.end_line()
                self.words.append(line)
        else:
            self.words.append(re.sub(r"[ \t\r\n\f]+", " ", words))

    def end_line(self, *, blank: bool = False) -> None:
        """End the line if something stands on it; ``blank`` wants an empty line after it."""
        line = "".join(self.words)
        self.words.clear()
        self.some = False
        line = line.rstrip() if self.preformatted else re.sub(r" *\t *", "\t", line).strip(" \t")
        if line:
            self.lines.append(">" * self.depth + (" " if self.depth else "") + line)
        if blank:
            self.gap()

    def gap(self) -> None:
        """Leave one empty line."""
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(">" * self.depth)

    def open(self, tag: str, attributes: str) -> None:
        if tag == "br":
            self.end_line(blank=not self.some)
            return
        if tag in _BLOCKS:
            self.end_line(blank=tag in _SPACED)
        if tag == "blockquote":
            self.quotes.append(not _INDENT.search(attributes))
            self.depth = min(self.quotes.count(True), 5) if len(self.quotes) < 50 else 5
        elif _HEAD_OF_QUOTE.search(attributes):
            self.end_line(blank=True)
        elif tag == "pre":
            self.preformatted += 1
        elif tag in {"ul", "ol"}:
            self.lists.append(0 if tag == "ul" else 1)
        elif tag == "li":
            number = self.lists[-1] if self.lists else 0
            self.say(f"{number}. " if number else "- ")
            if number:
                self.lists[-1] += 1
        elif tag in {"td", "th"} and self.some:
            self.words.append("\t")
        elif tag == "a":
            found = _HREF.search(attributes)
            self.link = (html.unescape(found.group(1)), len(self.words)) if found else None
        elif tag == "img":
            alt = _ALT.search(attributes)
            shown = html.unescape(alt.group(1) or alt.group(2)) if alt else ""
            # Mail programs draw emoji as pictures and keep the character as text.
            if shown and len(shown) <= 4 and not shown.isalnum():
                self.say(shown)

    def close(self, tag: str) -> None:
        if tag == "a" and self.link is not None:
            address, since = self.link
            said = "".join(self.words[since:]).strip()
            self.link = None
            bare = re.sub(r"^https?://|/$", "", address)
            if said and bare not in re.sub(r"\s", "", said) and len(address) <= 200:
                self.words.append(f" ({address})")
        if tag in _BLOCKS:
            self.end_line(blank=tag in _SPACED)
        if tag == "blockquote" and self.quotes:
            self.quotes.pop()
            self.depth = min(self.quotes.count(True), 5) if len(self.quotes) < 50 else 5
        elif tag == "pre" and self.preformatted:
            self.preformatted -= 1
        elif tag in {"ul", "ol"} and self.lists:
            self.lists.pop()

    def done(self) -> str:
        self.end_line()
        return re.sub(r"\n{3,}", "\n\n", "\n".join(self.lines)).strip()


def safe(*, source: str) -> str:
    """Return HTML that may be shown to staff: no scripts, styles, forms or pictures from afar.

    Pictures of the mail itself (``cid:``) stay named. Returns "" where the HTML is too large or
    nested too deep to be cleaned in reasonable time; its text is read all the same.
    """
    if len(source) > MOST_SHOWN or _depth(source=source) > MOST_DEPTH:
        return ""
    return nh3.clean(
        source,
        tags=_TAGS,
        clean_content_tags={"script", "style", "head", "title", "svg", "math", "noscript"},
        attributes=_KEPT_ATTRIBUTES,
        attribute_filter=_no_pictures_from_afar,
        url_schemes={"http", "https", "mailto", "tel", "cid"},
        link_rel="noopener noreferrer nofollow",
    )


def _no_pictures_from_afar(tag: str, attribute: str, value: str) -> str | None:
    if tag == "img" and attribute == "src" and not value.lower().startswith("cid:"):
        return None
    return value


def _depth(*, source: str) -> int:
    """Return how deep elements may nest: unclosed ones counted as if they were open to the end."""
    depth = deepest = 0
    for found in _TOKEN.finditer(source):
        tag = (found["tag"] or "").lower()
        if not tag or tag in _VOID:
            continue
        if found["close"]:
            depth = max(0, depth - 1)
        elif not (found["attributes"] or "").endswith("/"):
            depth += tag not in {"p", "li", "td", "tr", "th", "option", "dt", "dd"}
            deepest = max(deepest, depth)
    return deepest
