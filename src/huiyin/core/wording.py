"""Texts with {placeholders}: filling them, and saying until when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, tzinfo

_UNTIL = (
    ("最晚 {due} ", "尽快"),
    ("{due} 前", "尽快"),
    ("by {due} at the latest", "as soon as we can"),
    ("by {due}", "as soon as we can"),
    ("{due}", "尽快"),
)


def fill_in(*, text: str, values: Mapping[str, str]) -> str:
    """Put values into the {placeholders} of a text; an unknown placeholder stays readable.

    Where ``due`` is empty the text says "as soon as we can" in place of "by {due}".
    """
    if values.get("due") == "":
        for phrase, instead in _UNTIL:
            text = text.replace(phrase, instead)
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    return text


def next_due(*, dues: Iterable[datetime | None], now: datetime) -> datetime | None:
    """Return the next of several due times that can still be promised, None where there is none."""
    return min((due for due in dues if due is not None and due > now), default=None)


def time_said(*, moment: datetime | None, zone: tzinfo, english: bool = False) -> str:
    """Return a moment as it is said to customers; empty when there is none."""
    form = "%d/%m %H:%M" if english else "%m月%d日 %H:%M"
    return moment.astimezone(zone).strftime(form) if moment else ""
