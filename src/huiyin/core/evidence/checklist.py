"""An item of the checklist from missing to requested, received or waived: every step and word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from huiyin.core.because import Reason

FROM_HANDLER, FROM_CUSTOMER = "handler", "customer"
"""Whom an item may be asked of, beside departments."""

STATE_NAMES: dict[str, tuple[str, str]] = {
    "missing": ("还没有", "Missing"),
    "requested": ("已要", "Requested"),
    "received": ("已收到", "Received"),
    "waived": ("不需要", "Waived"),
}

MOVES: dict[str, dict[str, str]] = {
    "missing": {"request": "requested", "receive": "received", "waive": "waived"},
    "requested": {"request": "requested", "receive": "received", "waive": "waived"},
    "received": {"request": "requested", "receive": "received"},
    "waived": {"request": "requested", "receive": "received"},
}
"""state → act → next state. What came in is never waived away; more of it may be asked for."""

EVENT_OF: dict[str, str] = {
    "request": "EvidenceRequested",
    "receive": "EvidenceAdded",
    "waive": "EvidenceWaived",
}
REASON_LIMIT = 500


class CannotGather(ValueError):
    """The step is not possible; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class ItemStep:
    """What an act on an item leads to."""

    state: str
    event: str
    because: Reason


def step(
    *, state: str, act: str, of: str = "", known: Collection[str] = (), reason: str = ""
) -> ItemStep:
    """Decide an act on an item: request it ``of`` somebody, receive a piece, or waive it.

    ``known`` are the codes of the departments that may be asked. Raises CannotGather.
    """
    after = MOVES.get(state, {}).get(act)
    if after is None:
        name = STATE_NAMES.get(state, (state, state))
        raise CannotGather(
            zh=f"这一项当前“{name[0]}”，不能这样操作，请刷新页面",
            en=f"the item is {name[1].lower()}; this is not possible now, reload",
        )
    said = " ".join(reason.split())
    if len(said) > REASON_LIMIT:
        raise CannotGather(
            zh=f"说明超过 {REASON_LIMIT} 字", en=f"more than {REASON_LIMIT} characters"
        )
    if act == "waive" and not said:
        raise CannotGather(zh="请写明为什么不需要这一项", en="say why it is not needed")
    if act == "request" and of not in {FROM_HANDLER, FROM_CUSTOMER, *known}:
        raise CannotGather(zh="请选择向谁要", en="choose whom to ask")
    before, now = STATE_NAMES[state], STATE_NAMES[after]
    return ItemStep(
        state=after,
        event=EVENT_OF[act],
        because=Reason(
            rule=f"evidence.{act}",
            zh=f"{before[0]} → {now[0]}" + (f"：{said[:200]}" if said else ""),
            en=f"{before[1]} → {now[1]}" + (f": {said[:200]}" if said else ""),
        ),
    )


def replaces(*, item: str, older_item: str | None, taken: bool) -> None:
    """Check that a piece for ``item`` may take the place of an older one.

    ``older_item`` is the older piece's item, None when there is no such piece on this complaint;
    ``taken``: another piece took its place already. Raises CannotGather.
    """
    if older_item is None:
        raise CannotGather(zh="找不到要替换的材料", en="there is no such piece to replace")
    if older_item != item:
        raise CannotGather(
            zh="只能替换同一项的材料", en="a piece replaces one of the same item only"
        )
    if taken:
        raise CannotGather(
            zh="这份材料已有更新的版本，请替换最新的一份",
            en="a newer piece took its place already: replace the newest",
        )
