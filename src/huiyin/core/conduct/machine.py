"""The way of a file on service attitude, from the form to the filed paper.

The superior answers the complainant, then a sanction or a notice follows for the employee, who may
object exactly once; it is reported to the administration manager, who decides an objection and
files it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from huiyin.core.because import Reason

STAGE_NAMES: dict[str, tuple[str, str]] = {
    "recorded": ("等上级答复", "Waits for the superior"),
    "answered": ("已答复，等处理", "Answered, measure due"),
    "measured": ("已处理，等上报", "Measured, report due"),
    "reported": ("已报行政经理", "Reported"),
    "filed": ("已归档", "Filed"),
}
OBJECTION_NAMES: dict[str, tuple[str, str]] = {
    "open": ("可申辩一次", "May object once"),
    "raised": ("已申辩，等裁定", "Objected, to be decided"),
    "decided": ("申辩已裁定", "Objection decided"),
    "none": ("没有申辩", "No objection"),
}
ACT_EVENTS: dict[str, str] = {
    "state": "ConductStated",
    "answer": "ConductAnswered",
    "sanction": "ConductSanctioned",
    "notice": "ConductNoticed",
    "object": "ConductObjected",
    "accept": "ConductAccepted",
    "decide": "ConductDecided",
    "report": "ConductReported",
    "file": "ConductFiled",
}
VERDICTS: tuple[str, ...] = ("upheld", "partly_upheld", "not_upheld")
DECISIONS: tuple[str, ...] = ("kept", "changed", "lifted")
WORDS_LIMIT = 5000

_MAY_BE_SILENT = frozenset({"accept", "report"})
_SAY: dict[str, tuple[str, str]] = {
    "state": ("请写下您的说明", "write your statement"),
    "answer": ("请写明怎样答复了投诉人", "write how the complainant was answered"),
    "sanction": ("请写明处理的理由", "write the reason for the sanction"),
    "notice": ("请写明告知的内容", "write what the employee is told"),
    "object": ("请写明申辩的理由", "write why you object"),
    "decide": ("请写明裁定的理由", "write the reason for the decision"),
    "file": ("请写下行政经理意见", "write the administration manager's opinion"),
}


class CannotHear(ValueError):
    """The act is not possible; ``zh`` and ``en`` say what to do instead."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a file stands. ``object_until`` is by when the employee may object."""

    stage: str = "recorded"
    objection: str = "open"
    verdict: str = ""
    stated: bool = False
    object_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class ConductStep:
    """What an act leads to."""

    stage: str
    objection: str
    event: str
    because: Reason


def _over(at: Standing, now: datetime) -> bool:
    return at.object_until is not None and now > at.object_until


def _can_state(at: Standing, now: datetime) -> bool:
    return at.stage == "recorded" and not at.stated


def _can_answer(at: Standing, now: datetime) -> bool:
    return at.stage == "recorded"


def _can_sanction(at: Standing, now: datetime) -> bool:
    return at.stage == "answered" and at.verdict in {"upheld", "partly_upheld"}


def _can_notice(at: Standing, now: datetime) -> bool:
    return at.stage == "answered"


def _can_object(at: Standing, now: datetime) -> bool:
    return at.stage in {"measured", "reported"} and at.objection == "open" and not _over(at, now)


def _can_accept(at: Standing, now: datetime) -> bool:
    return at.stage in {"measured", "reported"} and at.objection == "open"


def _can_decide(at: Standing, now: datetime) -> bool:
    return at.objection == "raised"


def _can_report(at: Standing, now: datetime) -> bool:
    return at.stage == "measured"


def _can_file(at: Standing, now: datetime) -> bool:
    settled = at.objection in {"decided", "none"} or (at.objection == "open" and _over(at, now))
    return at.stage == "reported" and settled


_CAN: dict[str, Callable[[Standing, datetime], bool]] = {
    "state": _can_state, "answer": _can_answer, "sanction": _can_sanction, "notice": _can_notice,
    "object": _can_object, "accept": _can_accept, "decide": _can_decide, "report": _can_report,
    "file": _can_file,
}  # fmt: skip
_STAGE: dict[str, str] = {
    "answer": "answered", "sanction": "measured", "notice": "measured", "report": "reported",
    "file": "filed",
}  # fmt: skip
_OBJECTION: dict[str, str] = {"object": "raised", "accept": "none", "decide": "decided"}


def possible(*, at: Standing, now: datetime) -> tuple[str, ...]:
    """Return the acts that are possible now, in the order of the flow."""
    return tuple(act for act in ACT_EVENTS if _CAN[act](at, now))


def step(
    *,
    at: Standing,
    act: str,
    now: datetime,
    words: str = "",
    verdict: str = "",
    decision: str = "",
) -> ConductStep:
    """Decide an act on a file. ``verdict`` goes with answer, ``decision`` with decide.

    Raises CannotHear.
    """
    if act not in _CAN or not _CAN[act](at, now):
        raise CannotHear(**_why_not(at, act, now))
    said = words.strip()
    if len(said) > WORDS_LIMIT:
        raise CannotHear(
            zh=f"内容超过 {WORDS_LIMIT} 字，请精简",
            en=f"more than {WORDS_LIMIT} characters, shorten it",
        )
    if not said and act not in _MAY_BE_SILENT:
        zh, en = _SAY[act]
        raise CannotHear(zh=zh, en=en)
    if act == "answer" and verdict not in VERDICTS:
        raise CannotHear(zh="请选择成立、部分成立或不成立", en="choose a verdict")
    if act == "decide" and decision not in DECISIONS:
        raise CannotHear(zh="请选择维持、变更或撤销", en="choose kept, changed or lifted")
    stage = _STAGE.get(act, at.stage)
    objection = _OBJECTION.get(act, at.objection)
    if act == "file" and objection == "open":
        objection = "none"
    before, after = STAGE_NAMES[at.stage], STAGE_NAMES[stage]
    one, other = OBJECTION_NAMES[at.objection], OBJECTION_NAMES[objection]
    moved = stage != at.stage
    return ConductStep(
        stage=stage,
        objection=objection,
        event=ACT_EVENTS[act],
        because=Reason(
            rule=f"conduct.{act}",
            zh=f"{before[0]} → {after[0]}" if moved else f"{one[0]} → {other[0]}",
            en=f"{before[1]} → {after[1]}" if moved else f"{one[1]} → {other[1]}",
        ),
    )


def _why_not(at: Standing, act: str, now: datetime) -> dict[str, str]:
    if act == "object" and at.objection in {"raised", "decided"}:
        return {"zh": "申辩只能提一次，您已经提过", "en": "one may object once only, and you did"}
    if act == "object" and at.objection == "none":
        return {"zh": "您已表示没有申辩", "en": "you said that you do not object"}
    if act == "object" and _over(at, now):
        return {"zh": "申辩的期限已过", "en": "the time to object is over"}
    if act == "state" and at.stated:
        return {"zh": "书面说明已经交过", "en": "the statement was given already"}
    if act == "sanction" and at.stage == "answered":
        return {
            "zh": "投诉不成立，不能处理当事人，请告知结果",
            "en": "not upheld: no sanction, give notice",
        }
    if act == "file" and at.stage == "reported":
        return {
            "zh": "当事人还可以申辩，或申辩还没有裁定，暂不能归档",
            "en": "an objection is still possible or not decided: it cannot be filed yet",
        }
    name = STAGE_NAMES.get(at.stage, (at.stage, at.stage))
    return {
        "zh": f"档案当前“{name[0]}”，不能这样操作，请刷新页面",
        "en": f"the file stands at: {name[1].lower()}; this is not possible now, reload",
    }
