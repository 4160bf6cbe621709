"""The way of a batch and of each complaint in it: one table of states, one order of steps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Step = Literal["judge", "propose", "grant", "answer"]

MOVES: Mapping[str, Mapping[str, str]] = {
    "waiting": {"release": "held", "call_back": "called_back"},
    "held": {"begin": "running", "call_back": "called_back"},
    "running": {"stop": "stopped", "finish": "done"},
    "stopped": {"retry": "held"},
    "done": {"retry": "held"},
    "called_back": {},
}
"""state → act → next state."""

RUN_NAMES: Mapping[str, tuple[str, str]] = {
    "waiting": ("等待放行", "Waiting for release"),
    "held": ("待发出，可撤回", "Held, can be called back"),
    "running": ("处理中", "Running"),
    "stopped": ("已停下", "Stopped"),
    "done": ("已完成", "Done"),
    "called_back": ("已撤回", "Called back"),
}
ITEM_NAMES: Mapping[str, tuple[str, str]] = {
    "pending": ("待处理", "Pending"),
    "done": ("已完成", "Done"),
    "failed": ("失败", "Failed"),
    "waiting": ("等待审批", "Waiting for approval"),
    "claimed": ("另一件投诉已赔，请人决定", "Settled on another complaint, for you to decide"),
    "left": ("未发出", "Not sent"),
}


class CannotMoveRun(ValueError):
    """The act is not possible in this state; ``zh`` and ``en`` say so."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Plan:
    """What is done with each complaint of a batch.

    ``kind`` of remedy ("" for none) with ``harm`` (kind of loss of the formula, "" for a sum by
    hand), ``answers`` and ``final`` (the answer that resolves); ``verdict`` with ``cause`` and
    ``department`` is given where a complaint has none yet. ``despite`` is the reason to send an
    answer in spite of what was found in it.
    """

    kind: str = ""
    harm: str = ""
    amount: int | None = None
    value_proven: bool = True
    reason: str = ""
    answers: bool = False
    final: bool = False
    verdict: str = ""
    cause: str = ""
    department: str = ""
    despite: str = ""

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of each complaint, in order."""
        out: list[Step] = []
        if self.verdict:
            out.append("judge")
        if self.kind:
            out += ["propose", "grant"]
        if self.answers:
            out.append("answer")
        return tuple(out)

    @property
    def by_formula(self) -> bool:
        """Whether the compensation formula yields the amount."""
        return bool(self.harm) and self.kind in {"amount", "fee_waiver"}

    def as_json(self) -> dict[str, Any]:
        """Return the plan as it is stored."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    @classmethod
    def from_json(cls, *, data: Mapping[str, Any]) -> Plan:
        """Rebuild a stored plan."""
        return cls(**{k: v for k, v in data.items() if k in cls.__dataclass_fields__})


def move_run(*, state: str, act: str) -> str:
    """Return the state of a batch after an act. Raises CannotMoveRun."""
    after = MOVES.get(state, {}).get(act)
    if after is None:
        zh, en = RUN_NAMES.get(state, (state, state))
        raise CannotMoveRun(
            zh=f"这个批次{zh}，不能再这样操作，请刷新查看",
            en=f"the batch is {en.lower()}; this is not possible now, reload",
        )
    return after


def next_step(*, plan: Plan, done: int) -> Step | None:
    """Return the step that follows after ``done`` of them, None when nothing is left."""
    steps = plan.steps
    return steps[done] if done < len(steps) else None
