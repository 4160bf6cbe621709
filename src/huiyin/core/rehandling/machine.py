"""Handling again as a state machine: what may happen to a complaint, and what follows.

A complaint is handled, answered and, when the customer is not satisfied or goes to the regulator,
to court or to the media, handled again: by another person, one rank higher, on fresh clocks. At the
highest rank a dissatisfied customer is called by a supervisor, who then closes with his reason:
there is no state without a way to the end.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from huiyin.core.because import Reason
from huiyin.core.playbook.names import LADDER

State = Literal["first", "answered", "again", "answered_again", "last", "called", "ended"]
STATES: Final[tuple[State, ...]] = (
    "first", "answered", "again", "answered_again", "last", "called", "ended",
)  # fmt: skip

Ground = Literal["dissatisfied", "appealed", "court", "media"]
GROUNDS: Final[tuple[Ground, ...]] = ("dissatisfied", "appealed", "court", "media")
OUTSIDE: Final[frozenset[str]] = frozenset({"appealed", "court", "media"})
"""Grounds that somebody outside watches: only a supervisor closes after them."""

GROUND_NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "dissatisfied": ("客户不满意", "customer not satisfied"),
    "appealed": ("已向邮政管理部门申诉", "appealed to the postal regulator"),
    "court": ("已起诉", "gone to court"),
    "media": ("已被媒体曝光", "taken to the media"),
}

Input = Literal[
    "dissatisfied", "appealed", "court", "media", "resolved", "satisfied", "silent",
    "call_satisfied", "call_dissatisfied", "call_refused", "call_given_up", "close",
]  # fmt: skip
INPUTS: Final[tuple[Input, ...]] = (
    "dissatisfied", "appealed", "court", "media", "resolved", "satisfied", "silent",
    "call_satisfied", "call_dissatisfied", "call_refused", "call_given_up", "close",
)  # fmt: skip

OUTCOMES: Final[Mapping[str, tuple[str, str]]] = {
    "satisfied": ("客户满意", "satisfied"),
    "dissatisfied": ("客户不满意", "not satisfied"),
    "not_reached": ("没打通", "not reached"),
    "refused": ("客户不愿意说", "did not want to talk"),
}
"""What may come of a call-back."""

Effect = Literal["rehandle", "call_back", "close", "last_level"]


class CannotRehandle(ValueError):
    """What happened does not fit the state; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a complaint stands: state, handling level (0 first), grounds, survey still open."""

    state: State
    level: int = 0
    grounds: frozenset[str] = frozenset()
    survey_open: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """The ranks that handle again, lowest first, and the least rank of each ground outside."""

    ranks: tuple[str, ...]
    least: Mapping[str, str]

    def level_of(self, *, ground: str) -> int:
        """Return the level whose rank is at least the one a ground asks for."""
        wanted = self.least.get(ground)
        if wanted is None:
            return 1
        at_least = LADDER.index(wanted)
        for n, rank in enumerate(self.ranks, start=1):
            if LADDER.index(rank) >= at_least:
                return n
        return len(self.ranks)


@dataclass(frozen=True, slots=True)
class Step:
    """The standing afterwards, what the flows have to do, and why."""

    after: Standing
    effects: tuple[Effect, ...]
    because: Reason


def state_of(*, status: str, level: int, flags: frozenset[str], from_regulator: bool) -> State:
    """Return the state of a complaint from what is stored of it.

    ``flags`` are those of the complaint: its grounds, ``last_level`` and ``called_back``.
    """
    if status in {"closed", "merged", "archived"}:
        return "ended"
    again = level > 0 or from_regulator or bool(flags & OUTSIDE)
    if status != "resolved":
        return "again" if again else "first"
    if "called_back" in flags and (again or "last_level" in flags):
        return "called"
    if "last_level" in flags:
        return "last"
    return "answered_again" if again else "answered"


def step(
    *,
    standing: Standing,
    what: Input,
    ladder: Ladder,
    reason: str = "",
    rank: str = "",
) -> Step:
    """Decide what follows. ``rank`` and ``reason`` are those of the person who closes.

    Raises CannotRehandle where it does not fit the state.
    """
    if what in OUTSIDE:
        return _outside(standing, what, ladder)
    if what == "resolved":
        return _resolved(standing)
    if what == "close":
        return _close(standing, rank, reason)
    if what in {"dissatisfied", "call_dissatisfied"}:
        return _dissatisfied(standing, what, ladder)
    if what in {"satisfied", "call_satisfied"}:
        return _satisfied(standing, what)
    return _no_word(standing, what)


def _because(rule: str, zh: str, en: str) -> Reason:
    return Reason(rule=f"rehandling.{rule}", zh=zh, en=en)


def _wrong(zh: str, en: str) -> CannotRehandle:
    return CannotRehandle(zh=zh, en=en)


def _outside(standing: Standing, ground: str, ladder: Ladder) -> Step:
    highest = len(ladder.ranks)
    level = min(highest, max(standing.level + 1, ladder.level_of(ground=ground)))
    zh, en = GROUND_NAMES[ground]
    after = Standing("again", level, standing.grounds | {ground})
    return Step(
        after, ("rehandle",),
        _because(ground, f"{zh}，换一位{'同级的' if level == standing.level else '更高一级的'}人"
                         "重新处理，重新计时",
                 f"{en}: handled again by someone else on fresh clocks"),
    )  # fmt: skip


def _resolved(standing: Standing) -> Step:
    if standing.state not in {"first", "again"}:
        raise _wrong("投诉已答复过，请先重新打开", "it was answered already; reopen it first")
    answered: State = "answered" if standing.state == "first" else "answered_again"
    after = Standing(answered, standing.level, standing.grounds, survey_open=True)
    return Step(after, (), _because("answered", "已答复，等客户评价", "answered; customer asked"))


def _dissatisfied(standing: Standing, what: str, ladder: Ladder) -> Step:
    if standing.state in {"first", "again"}:
        raise _wrong("投诉还在处理中，请先答复", "it is still being handled; answer first")
    if standing.state in {"last", "called"}:
        if what == "dissatisfied":
            raise _wrong(
                "已由最高一级处理过，请回访后由主管办结",
                "the highest rank handled it; call back, then a supervisor closes",
            )
        after = Standing("called", standing.level, standing.grounds)
        return Step(
            after, (),
            _because("called", "回访过，客户仍不满意，由主管写明原因办结",
                     "called back, still not satisfied: a supervisor closes with his reason"),
        )  # fmt: skip
    grounds = standing.grounds | {"dissatisfied"}
    if standing.level >= len(ladder.ranks):
        after = Standing("last", standing.level, grounds)
        return Step(
            after, ("last_level", "call_back"),
            _because("last_level", "已由最高一级处理过，由主管回访后办结",
                     "the highest rank handled it already: a supervisor calls, then closes"),
        )  # fmt: skip
    after = Standing("again", standing.level + 1, grounds)
    return Step(
        after, ("rehandle",),
        _because("dissatisfied", "客户不满意，换上一级的另一位同事重新处理，重新计时",
                 "not satisfied: someone else, one rank higher, on fresh clocks"),
    )  # fmt: skip


def _satisfied(standing: Standing, what: str) -> Step:
    if standing.state in {"first", "again"}:
        raise _wrong("投诉还在处理中，请先答复", "it is still being handled; answer first")
    if standing.state == "ended":
        return Step(standing, (), _because("satisfied", "客户满意", "the customer is satisfied"))
    if standing.state in {"last", "called"} or standing.grounds & OUTSIDE:
        after = Standing("called", standing.level, standing.grounds)
        return Step(
            after, (),
            _because("satisfied_watched", "客户表示满意，由主管写明原因办结",
                     "the customer is satisfied; a supervisor closes with his reason"),
        )  # fmt: skip
    after = Standing("ended", standing.level, standing.grounds)
    return Step(after, ("close",), _because("satisfied", "客户满意", "the customer is satisfied"))


def _no_word(standing: Standing, what: str) -> Step:
    """Take silence, a refused call, or calls given up."""
    state = standing.state
    if state in {"first", "again"}:
        raise _wrong("投诉还在处理中，请先答复", "it is still being handled; answer first")
    if state in {"ended", "called"}:
        return Step(standing, (), _because(what, "没有新的意见", "nothing new was said"))
    if state == "answered":
        if what == "silent" or not standing.survey_open:
            after = Standing("ended", standing.level, standing.grounds)
            return Step(
                after, ("close",),
                _because(what, "答复后客户没有再提出意见", "no further word from the customer"),
            )  # fmt: skip
        return Step(standing, (), _because(what, "等客户评价", "the survey is still open"))
    if what == "silent":
        after = Standing(state, standing.level, standing.grounds)
        return Step(
            after, ("call_back",),
            _because("silent_again", "重新处理后客户没有评价，先回访",
                     "no answer after handling again: call back first"),
        )  # fmt: skip
    after = Standing("called", standing.level, standing.grounds)
    return Step(
        after, (),
        _because(what, "已回访，由主管写明原因办结",
                 "called back; a supervisor closes with his reason"),
    )  # fmt: skip


def _close(standing: Standing, rank: str, reason: str) -> Step:
    if standing.state in {"first", "again"}:
        raise _wrong("请先答复客户，再办结", "answer the customer before closing")
    if standing.state == "ended":
        raise _wrong("投诉已办结", "it is closed already")
    if standing.state == "last":
        raise _wrong(
            "最高一级处理后客户仍不满意：请先回访，再写明原因办结",
            "not satisfied after the highest rank: call back first, then close with a reason",
        )
    if rank not in LADDER or LADDER.index(rank) < LADDER.index("supervisor"):
        raise _wrong("只有主管及以上可以办结", "only a supervisor or above may close")
    if not reason.strip():
        raise _wrong("请写明办结原因", "give the reason for closing")
    said = reason.strip()
    return Step(
        Standing("ended", standing.level, standing.grounds),
        ("close",),
        _because("closed", said, said),
    )
