"""Who really sent a mail: what our own mail server found out (RFC 8601), and how it is told."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email.message import Message
from typing import Any

from huiyin.channels.email import headers

METHODS = ("spf", "dkim", "dmarc")
RESULTS = frozenset(
    {"pass", "fail", "softfail", "neutral", "none", "temperror", "permerror", "policy",
     "bestguesspass"}
)  # fmt: skip
MICROSOFT = "microsoft365"
"""Stands for Exchange Online, which names no server in its results and renames what comes in."""
_COMMENT = re.compile(r"\((?:[^()\\]|\\.)*\)")
_RESULT = re.compile(r"^\s*([a-z][a-z0-9-]{0,30})(?:/\d+)?\s*=\s*([a-z]{2,20})\b(.*)$", re.I | re.S)
_PROPERTY = re.compile(
    r"\b((?:smtp|header)\.[a-z-]{1,20})\s*=\s*(\"[^\"]{0,300}\"|[^\s;]{1,300})", re.I
)
_MOST_HEADERS = 20
_DOMAINS = {
    "spf": ("smtp.mailfrom", "smtp.helo"), "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}  # fmt: skip


def found_by_server(*, message: Message, trusted: frozenset[str]) -> dict[str, Any]:
    """Return {"by", "spf", "dkim", "dmarc", "domains"} from our server's own header; {} for none.

    Only the first header of a server named in ``trusted`` counts: a mail can bring any number of
    such headers with it, but ours puts its own above them (RFC 8601 section 5). What no trusted
    server said is nothing.
    """
    if not trusted:
        return {}
    for value in message.get_all("Authentication-Results", [])[:_MOST_HEADERS]:
        flat = _COMMENT.sub(" ", headers.text(value=str(value)))
        server, _, results = flat.partition(";")
        by = server.split()[0].lower().rstrip(".") if server.split() else ""
        if "=" in by and MICROSOFT in trusted:
            by, results = MICROSOFT, flat
        if by not in trusted:
            continue
        return {"by": by, **_results(results)}
    return {}


def _results(text: str) -> dict[str, Any]:
    said: dict[str, Any] = {}
    domains: dict[str, str] = {}
    for piece in text.split(";"):
        found = _RESULT.match(piece)
        if found is None:
            continue
        method, result = found.group(1).lower(), found.group(2).lower()
        if method not in METHODS or result not in RESULTS:
            continue
        # A mail may bear several signatures: one that holds is enough.
        if method in said and (said[method] == "pass" or result != "pass"):
            continue
        said[method] = result
        properties = {n.lower(): v.strip('"') for n, v in _PROPERTY.findall(found.group(3))}
        named = next((properties[n] for n in _DOMAINS[method] if n in properties), "")
        domains[method] = named.rpartition("@")[2].lower()[:120]
    return {**said, "domains": {m: d for m, d in domains.items() if d}}


def kept(*, server: Mapping[str, Any], own: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return what is kept with a message: our server's word, then what we verified ourselves."""
    return [dict(one) for one in (server, own) if any(m in one for m in METHODS)]
