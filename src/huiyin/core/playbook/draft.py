"""The way of a draft: written, submitted, approved by somebody else, in force on its day."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from huiyin.core.because import Reason

DraftAct = Literal[
    "save", "rebase", "submit", "approve", "return", "withdraw", "take_effect", "replace"
]

MOVES: dict[str, dict[str, str]] = {
    "draft": {"save": "draft", "rebase": "draft", "submit": "submitted", "withdraw": "withdrawn"},
    "submitted": {"approve": "approved", "return": "draft", "withdraw": "withdrawn"},
    "approved": {"take_effect": "in_force", "withdraw": "withdrawn"},
    "in_force": {"replace": "replaced"},
    "replaced": {},
    "withdrawn": {},
}
"""state → act → next state; what is not here is refused."""

STATE_NAMES: dict[str, tuple[str, str]] = {
    "draft": ("起草中", "Draft"),
    "submitted": ("待审批", "Waiting for approval"),
    "approved": ("已批准，待生效", "Approved, not yet in force"),
    "in_force": ("现行", "In force"),
    "replaced": ("已被替换", "Replaced"),
    "withdrawn": ("已撤回", "Withdrawn"),
}
ACT_NAMES: dict[str, tuple[str, str]] = {
    "begin": ("开始起草", "Begun"),
    "save": ("修改", "Changed"),
    "rebase": ("改为以现行版本为底", "Put on the version in force"),
    "submit": ("提交审批", "Submitted"),
    "approve": ("批准", "Approved"),
    "return": ("退回修改", "Sent back"),
    "withdraw": ("撤回", "Withdrawn"),
    "take_effect": ("生效", "In force"),
    "replace": ("被新版本替换", "Replaced"),
}
LATEST = timedelta(days=366)
"""How far ahead a version may be approved."""


class CannotChangeDraft(ValueError):
    """The act is not possible now; ``zh`` and ``en`` say why and what to do."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class DraftFacts:
    """A draft as far as its way goes.

    ``authors`` changed its text; ``base`` is the version it was begun from, ``current`` the one
    in force; ``changed`` is False where it says just what is in force.
    """

    state: str
    authors: frozenset[int]
    submitted_by: int | None = None
    base: str = ""
    current: str = ""
    problems: int = 0
    changed: bool = True
    version_taken: bool = False


@dataclass(frozen=True, slots=True)
class DraftStep:
    """What an act leads to."""

    state: str
    because: Reason


def step(
    *,
    facts: DraftFacts,
    act: DraftAct,
    by: int | None,
    now: datetime,
    words: str = "",
    effective_at: datetime | None = None,
) -> DraftStep:
    """Decide on an act of ``by`` (None for the house itself) upon a draft.

    Nobody approves a text that he had a hand in. Raises CannotChangeDraft.
    """
    after = MOVES.get(facts.state, {}).get(act)
    if after is None:
        name = STATE_NAMES.get(facts.state, (facts.state,) * 2)
        raise CannotChangeDraft(
            zh=f"草稿现在是“{name[0]}”，不能执行此操作，请刷新",
            en=f"the draft is {name[1].lower()}: this is not possible now, reload",
        )
    if act in {"submit", "approve"}:
        _sound(facts)
    if act == "approve":
        _another(facts, by)
        if effective_at is not None and effective_at - now > LATEST:
            raise CannotChangeDraft(
                zh="生效时间最远一年之内", en="it takes effect within a year at the latest"
            )
    if act == "return" and not words.strip():
        raise CannotChangeDraft(zh="请写明退回的原因", en="say why it is sent back")
    zh, en = ACT_NAMES[act]
    said = words.strip()
    return DraftStep(
        state=after,
        because=Reason(
            rule=f"draft.{act}",
            zh=zh + (f"：{said}" if said else ""),
            en=en + (f": {said}" if said else ""),
        ),
    )


def _sound(facts: DraftFacts) -> None:
    if facts.problems:
        raise CannotChangeDraft(
            zh=f"还有 {facts.problems} 处问题，改好后才能提交",
            en=f"{facts.problems} problems are left: mend them first",
        )
    if not facts.changed:
        raise CannotChangeDraft(
            zh="内容与现行版本相同，没有可提交的改动", en="it says just what is in force"
        )
    if facts.version_taken:
        raise CannotChangeDraft(
            zh="这个版本号已经用过，请改 version", en="this version was used before: change it"
        )
    if facts.base != facts.current:
        raise CannotChangeDraft(
            zh="起草以后，现行版本已经换过。请先对照现行版本，确认后改为以它为底",
            en="another version came into force since: compare with it and put the draft on it",
        )


def _another(facts: DraftFacts, by: int | None) -> None:
    barred: Collection[int | None] = {*facts.authors, facts.submitted_by}
    if by is None or by in barred:
        raise CannotChangeDraft(
            zh="改过这份草稿的人不能批准它，请另一位有权的同事审批",
            en="nobody approves a text that he had a hand in: ask somebody else",
        )
