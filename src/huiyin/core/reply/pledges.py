"""What a person confirms of the promises found, and what keeps a promise."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from huiyin.core.reply.promises import Promise, PromiseKind

RULES: Final[Mapping[PromiseKind, str]] = {"contact": "promise", "deed": "promise_deed"}
"""The clock on which a promise of each kind runs."""

By = Literal["reply", "call", "missed_call", "hand"]


class CannotPromise(ValueError):
    """A promise was given a time that is past or too far away; ``zh`` says which."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person did to a promise found: another time, or none because it is no promise."""

    key: str
    due: datetime | None = None
    dropped: bool = False


@dataclass(frozen=True, slots=True)
class Pledge:
    """A promise that will be watched: its words, its kind, and until when."""

    words: str
    kind: PromiseKind
    due: datetime


LONGEST_DAYS: Final = 366


def pledges(
    *, found: Sequence[Promise], edits: Sequence[Edit], now: datetime
) -> tuple[Pledge, ...]:
    """Return the promises to watch, as found and as a person changed them.

    A promise found with a time already past is left out unless it was given a new one. Raises
    CannotPromise for a time given that is past, or more than a year away.
    """
    by_key = {edit.key: edit for edit in edits}
    out = []
    for promise in found:
        edit = by_key.get(promise.key, Edit(promise.key))
        if edit.dropped:
            continue
        due = edit.due or promise.due
        if due <= now:
            if edit.due is None or edit.due == promise.due:
                continue
            raise CannotPromise(
                zh=f"承诺“{promise.words}”的时间已经过去，请改成之后的时间",
                en=f"the time of the promise “{promise.words}” is past; give a later one",
            )
        if (due - now).days > LONGEST_DAYS:
            raise CannotPromise(
                zh=f"承诺“{promise.words}”的时间太远，请改近一些",
                en=f"the time of the promise “{promise.words}” is too far away",
            )
        out.append(Pledge(promise.words, promise.kind, due))
    return tuple(out)


def keeps(*, kind: PromiseKind, by: By) -> bool:
    """Tell whether something keeps a promise.

    A promise to be in touch is kept by a reply or a call that was answered; a deed only by
    somebody who confirms it.
    """
    return by == "hand" or (kind == "contact" and by in {"reply", "call"})


def kind_of(*, rule: str) -> PromiseKind | None:
    """Return the kind of promise that a clock times, None for a clock of another kind."""
    return next((kind for kind, name in RULES.items() if name == rule), None)
