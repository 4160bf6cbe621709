"""What a complaint may be merged into: each complaint once, and what cannot be chosen says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from huiyin.store.read.pages import ComplaintPage


@dataclass(frozen=True, slots=True)
class MergeChoice:
    """A complaint that another may be merged into; one that has ended is shown and not chosen."""

    number: str
    title: str
    why: str
    status_label: str
    opened_at: datetime
    ended: bool
    selected: bool = False


def choices(*, page: ComplaintPage) -> tuple[MergeChoice, ...]:
    """Return the complaints to choose from: first those that may be the same matter.

    The likeliest one is chosen beforehand, unless it has ended.
    """
    out: dict[str, MergeChoice] = {}
    for n, same in enumerate(page.maybe_same):
        out[same.number] = MergeChoice(
            same.number, same.title, _("可能是同一件事"), same.status_label, same.opened_at,
            same.other_ended, selected=n == 0 and not same.other_ended,
        )  # fmt: skip
    for other in page.related:
        if other.number not in out:
            out[other.number] = MergeChoice(
                other.number, other.title, other.why, other.status_label, other.opened_at,
                other.ended,
            )  # fmt: skip
    return tuple(sorted(out.values(), key=lambda c: c.ended))
