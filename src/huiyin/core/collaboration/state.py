"""The ways a request to another department may go: one table of state, act and next state."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from huiyin.core.because import Reason

STATE_NAMES: dict[str, tuple[str, str]] = {
    "asked": ("待接收", "Asked"),
    "accepted": ("处理中", "In progress"),
    "asked_back": ("待补充", "Asked back"),
    "answered": ("已答复", "Answered"),
    "returned": ("已退回", "Returned"),
    "withdrawn": ("已撤回", "Withdrawn"),
}

WITH_DEPARTMENT: frozenset[str] = frozenset({"asked", "accepted"})
"""States in which the department asked has the next move; its clock runs."""
OPEN: frozenset[str] = WITH_DEPARTMENT | {"asked_back", "returned"}
"""States in which somebody still has to do something."""

MOVES: dict[str, dict[str, str]] = {
    "asked": {
        "accept": "accepted", "answer": "answered", "return": "returned",
        "ask_back": "asked_back", "transfer": "asked", "withdraw": "withdrawn",
    },
    "accepted": {
        "answer": "answered", "return": "returned", "ask_back": "asked_back",
        "transfer": "asked", "withdraw": "withdrawn",
    },
    "asked_back": {
        "supply": "accepted", "answer": "answered", "return": "returned",
        "transfer": "asked", "withdraw": "withdrawn",
    },
    "returned": {"ask_again": "asked", "withdraw": "withdrawn"},
    "answered": {"ask_again": "asked"},
    "withdrawn": {},
}  # fmt: skip

ASKED_SIDE: tuple[str, ...] = ("accept", "answer", "ask_back", "return", "transfer")
"""What the department asked may do."""
ASKING_SIDE: tuple[str, ...] = ("supply", "ask_again", "withdraw")
"""What those who handle the complaint may do."""

EVENT_OF: dict[str, str] = {
    "ask": "CollaborationAsked",
    "accept": "CollaborationAccepted",
    "answer": "CollaborationAnswered",
    "return": "CollaborationReturned",
    "ask_back": "CollaborationAskedBack",
    "supply": "CollaborationSupplied",
    "transfer": "CollaborationTransferred",
    "ask_again": "CollaborationAskedAgain",
    "withdraw": "CollaborationWithdrawn",
}

_CLOCK: dict[str, str] = {
    "accept": "go_on", "answer": "meet", "return": "cancel", "ask_back": "pause",
    "supply": "resume", "transfer": "restart", "ask_again": "restart", "withdraw": "cancel",
}  # fmt: skip

_NEEDS_WORDS: dict[str, tuple[str, str]] = {
    "return": ("退回请写明原因", "give the reason for returning it"),
    "ask_back": ("请写明需要对方补充什么", "say what is missing"),
    "transfer": ("转给其他部门请写明原因", "give the reason for passing it on"),
    "ask_again": ("请写明还需要对方做什么", "say what is still needed"),
}
_NEEDS_SOMETHING: dict[str, tuple[str, str]] = {
    "answer": ("请写明答复，或附上材料", "write an answer or attach files"),
    "supply": ("请写明补充的内容，或附上材料", "write what was missing or attach files"),
}

WORDS_LIMIT = 5000
"""Characters of one message."""


class CannotCollaborate(ValueError):
    """The act is not possible; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Step:
    """What an act leads to.

    ``clock``: what becomes of the department's clock: go_on, meet, cancel, pause, resume or
    restart. ``department`` is the one asked from now on.
    """

    state: str
    event: str
    clock: str
    department: str
    because: Reason


def _fits(words: str) -> None:
    if len(words) > WORDS_LIMIT:
        raise CannotCollaborate(
            zh=f"内容超过 {WORDS_LIMIT} 字，请精简或作为附件上传",
            en=f"more than {WORDS_LIMIT} characters; shorten it or attach a file",
        )


def ask(
    *,
    departments: Sequence[str],
    question: str,
    known: Collection[str],
    owner: str | None,
    waiting: Collection[str],
) -> tuple[str, ...]:
    """Return the departments to ask, each once, in the order given.

    ``owner`` is the department that has the complaint and cannot be asked, ``waiting`` are those
    with an open request about it already. Raises CannotCollaborate.
    """
    wanted = tuple(dict.fromkeys(d for d in departments if d))
    if not wanted:
        raise CannotCollaborate(zh="请选择要协办的部门", en="choose a department")
    if not question.strip():
        raise CannotCollaborate(zh="请写明要对方查什么、做什么", en="write the question")
    _fits(question)
    for department in wanted:
        if department not in known:
            raise CannotCollaborate(zh="没有这个部门，请刷新页面", en="no such department")
        if department == owner:
            raise CannotCollaborate(
                zh="投诉就在本部门，请直接转交给同事，不必发起协办",
                en="the complaint is with this department: hand it over instead",
            )
        if department in waiting:
            raise CannotCollaborate(
                zh="该部门已有一件未完成的协办，请在那一件里补充或重新发起",
                en="this department has an open request already: go on there",
            )
    return wanted


def step(
    *,
    state: str,
    act: str,
    department: str,
    words: str = "",
    files: int = 0,
    target: str = "",
    known: Collection[str] = (),
    owner: str | None = None,
    waiting: Collection[str] = (),
) -> Step:
    """Decide an act on a request that is with ``department``.

    ``target`` is the department a transfer goes to; ``known``, ``owner`` and ``waiting`` are as in
    :func:`ask`. Raises CannotCollaborate.
    """
    after = MOVES.get(state, {}).get(act)
    if after is None:
        name = STATE_NAMES.get(state, (state, state))
        raise CannotCollaborate(
            zh=f"这件协办当前“{name[0]}”，不能这样操作，请刷新页面查看最新状态",
            en=f"the request is {name[1].lower()}; this is not possible now, reload",
        )
    said = words.strip()
    _fits(said)
    if act in _NEEDS_WORDS and not said:
        zh, en = _NEEDS_WORDS[act]
        raise CannotCollaborate(zh=zh, en=en)
    if act in _NEEDS_SOMETHING and not said and not files:
        zh, en = _NEEDS_SOMETHING[act]
        raise CannotCollaborate(zh=zh, en=en)
    goes_to = department
    if act == "transfer":
        if target == department:
            raise CannotCollaborate(zh="请选择另一个部门", en="choose another department")
        (goes_to,) = ask(
            departments=[target], question=said, known=known, owner=owner, waiting=waiting
        )
    before, now = STATE_NAMES[state], STATE_NAMES[after]
    moved = ("", "") if after != state else ("（换部门）", " (another department)")
    return Step(
        state=after,
        event=EVENT_OF[act],
        clock=_CLOCK[act],
        department=goes_to,
        because=Reason(
            rule=f"collaboration.{act}",
            zh=f"{before[0]} → {now[0]}{moved[0]}" + (f"：{said[:200]}" if said else ""),
            en=f"{before[1]} → {now[1]}{moved[1]}" + (f": {said[:200]}" if said else ""),
        ),
    )
