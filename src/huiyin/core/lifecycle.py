"""The ways a complaint may go: one table of status, action and next status."""

from __future__ import annotations

from dataclasses import dataclass

from huiyin.core.because import Reason

LIVE: frozenset[str] = frozenset(
    {"new", "assigned", "working", "waiting_customer", "waiting_approval", "resolved"}
)
"""Statuses in which a complaint still needs somebody."""

ENDED: frozenset[str] = frozenset({"closed", "merged", "archived"})

STATUS_NAMES: dict[str, tuple[str, str]] = {
    "new": ("待分派", "Unassigned"),
    "assigned": ("待受理", "Assigned"),
    "working": ("处理中", "In progress"),
    "waiting_customer": ("等客户", "Waiting for customer"),
    "waiting_approval": ("待审批", "Waiting for approval"),
    "resolved": ("已答复", "Resolved"),
    "closed": ("已办结", "Closed"),
    "merged": ("已合并", "Merged"),
    "archived": ("已存档", "Archived"),
}

_OPEN = ("new", "assigned", "working", "waiting_customer", "waiting_approval")

MOVES: dict[str, dict[str, str]] = {
    "new": {"assign": "assigned", "take": "working", "archive": "archived"},
    "assigned": {"take": "working", "return": "new", "archive": "archived"},
    "working": {"ask_customer": "waiting_customer", "return": "new"},
    "waiting_customer": {"customer_answered": "working", "ask_customer": "waiting_customer"},
    "waiting_approval": {"decided": "working"},
    "resolved": {"close": "closed", "rehandle": "assigned", "reopen": "working"},
    "closed": {"reopen": "assigned", "rehandle": "assigned"},
    "merged": {"unmerge": "working"},
    "archived": {"reopen": "assigned"},
}
for _status in _OPEN:
    MOVES[_status].update(
        {"hand_over": "assigned", "merge": "merged", "reply": "working", "note": _status}
    )
    MOVES[_status].update({"collaborate": _status, "call": _status, "rehandle": "assigned"})
for _status in ("new", "assigned", "working", "waiting_customer"):
    MOVES[_status].update({"verdict": "working", "propose": "working", "resolve": "resolved"})
MOVES["working"]["submit"] = "waiting_approval"
for _status in ("new", "assigned", "waiting_customer"):
    MOVES[_status]["submit"] = "waiting_approval"
MOVES["waiting_approval"]["reply"] = "waiting_approval"
MOVES["resolved"]["reply"] = "resolved"
MOVES["resolved"]["note"] = "resolved"
MOVES["closed"]["note"] = "closed"
MOVES["resolved"]["call"] = "resolved"
MOVES["closed"]["call"] = "closed"
MOVES["waiting_approval"]["take"] = "waiting_approval"
MOVES["waiting_customer"]["take"] = "waiting_customer"
MOVES["waiting_customer"]["reply"] = "waiting_customer"


class CannotMove(ValueError):
    """The action is not allowed in this status; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Progress:
    """What resolving depends on: a verdict, an answer sent, remedies still waiting."""

    verdict: str = ""
    answered: bool = False
    remedies_waiting: int = 0


def allowed_actions(*, status: str) -> tuple[str, ...]:
    """Return the actions that a status allows, in a stable order."""
    return tuple(sorted(MOVES.get(status, {})))


def move(*, status: str, action: str, progress: Progress | None = None) -> str:
    """Return the status after an action. Raises CannotMove.

    Resolving needs a verdict and no remedy waiting for approval; the answer itself is sent with
    the resolving.
    """
    after = MOVES.get(status, {}).get(action)
    if after is None:
        name = STATUS_NAMES.get(status, (status, status))
        raise CannotMove(
            zh=f"投诉当前为“{name[0]}”，不能执行此操作，请刷新页面查看最新状态",
            en=f"the complaint is {name[1].lower()}; this action is not possible now, reload",
        )
    if action == "resolve":
        facts = progress or Progress()
        if not facts.verdict:
            raise CannotMove(zh="请先给出核查结论（成立/不成立）", en="give a verdict first")
        if facts.remedies_waiting:
            raise CannotMove(
                zh="有补偿方案等待审批，审批后才能答复办结",
                en="a remedy still waits for approval",
            )
    return after


def reason(*, action: str, before: str, after: str) -> Reason:
    """Return the reason that an event of a move carries."""
    one, other = STATUS_NAMES.get(before, (before,) * 2), STATUS_NAMES.get(after, (after,) * 2)
    return Reason(
        rule=f"lifecycle.{action}", zh=f"{one[0]} → {other[0]}", en=f"{one[1]} → {other[1]}"
    )
