"""Survey: is the customer satisfied? If not, someone else, higher up, handles it again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from huiyin.core.because import Reason
from huiyin.core.clocks import parse_duration
from huiyin.core.outgoing import Choice
from huiyin.core.rehandling import step
from huiyin.flows.again import ladder_of, standing_of, take_step
from huiyin.flows.telling import language_of, tell, tracking_url
from huiyin.store.case import Case, Happening
from huiyin.store.ids import new_id
from huiyin.store.ledger import Pen
from huiyin.store.read import cases, office


class CannotAnswerSurvey(ValueError):
    """The survey is over or the stars are not 1 to 5; ``zh`` says it to the customer."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def _after(moment: datetime, text: str) -> datetime:
    length = parse_duration(text=text)
    return moment + timedelta(days=length.days, seconds=length.seconds)


def ask(pen: Pen, events: Sequence[Happening]) -> None:
    """Ask the customer for stars and words after resolving."""
    for event in events:
        case = event.case
        playbook = office.playbook(version_id=case.playbook_version)
        rules = playbook.survey
        for old in cases.open_surveys(complaint_id=case.id):
            pen.alter(table="survey", key=old, state="cancelled")
        pen.add(
            table="survey",
            row={
                "id": new_id(now=pen.now),
                "complaint_id": case.id,
                "level": case.level,
                "sent_at": pen.now,
                "remind_at": _after(pen.now, rules.reminder_after) if rules.reminders else None,
                "reminders": 0,
                "expires_at": _after(pen.now, rules.expires),
                "answered_at": None,
                "stars": None,
                "words": "",
                "state": "open",
            },
        )
        tell(
            pen=pen,
            case=case,
            message=playbook.messages.survey,
            extra={
                "link": tracking_url(case_id=case.id, number=case.number, purpose="survey"),
            },
            also=partial(_by_figure, pen=pen, case=case),
        )
        pen.record(case=case, kind="SurveySent", data={"level": case.level}, actor="system")


def _by_figure(choice: Choice, *, pen: Pen, case: Case) -> str:
    """Return what an SMS adds: that a figure alone is an answer, where it will be clear of what."""
    said = office.playbook(version_id=case.playbook_version).survey.by_sms
    if said is None or choice.way is None or choice.channel != "sms":
        return ""
    number = choice.way.address
    waiting = cases.surveys_by_number(numbers=[number], now=pen.now).get(number, {})
    return "" if waiting.keys() - {case.id} else said.said(language=language_of(case=case))


def answer(*, pen: Pen, complaint_id: UUID, stars: int, words: str) -> None:
    """Take the customer's answer once. Raises CannotAnswerSurvey."""
    if stars not in (1, 2, 3, 4, 5):
        raise CannotAnswerSurvey(zh="请选择 1 到 5 颗星", en="choose 1 to 5 stars")
    case = pen.case(id=complaint_id)
    waiting = cases.open_surveys(complaint_id=case.id)
    if not waiting or case.status not in {"resolved", "closed"}:
        raise CannotAnswerSurvey(
            zh="这份评价已经提交或已过期，谢谢您", en="this survey was answered already or is over"
        )
    said = words.replace("\x00", "").strip()[:2000]
    pen.alter(
        table="survey",
        key=waiting[-1],
        answered_at=pen.now,
        stars=stars,
        words=said,
        state="answered",
    )
    if said:
        pen.message(
            case=case, direction="in", channel="survey", text=f"{'★' * stars} {said}", sender=""
        )
    pen.change(
        case=case,
        kind="SurveyAnswered",
        data={"stars": stars, "length": len(said)},
        actor="customer",
        stars=stars,
    )


def weigh(pen: Pen, events: Sequence[Happening]) -> None:
    """Below the playbook's threshold: handled again, one rank higher; else satisfied."""
    for event in events:
        case = event.case
        rules = office.playbook(version_id=case.playbook_version).survey
        stars = int(event.data["stars"])
        if stars >= rules.threshold:
            pen.record(case=case, kind="SatisfactionShown", data={"stars": stars}, actor="system")
            continue
        decided = step(
            standing=standing_of(case=case), what="dissatisfied", ladder=ladder_of(case=case)
        )
        below = Reason(
            rule="survey.below_threshold",
            zh=f"评价 {stars} 星，低于 {rules.threshold} 星",
            en=f"{stars} stars, below {rules.threshold}",
        )
        take_step(
            pen=pen,
            case=case,
            step=decided,
            ground="dissatisfied",
            data={"stars": stars},
            actor="system",
            also=(below,),
        )


def remind(*, pen: Pen, limit: int) -> int:
    """Remind customers who have not answered yet. Returns how many."""
    sent = 0
    for survey_id, complaint_id, reminders in cases.surveys_to_remind(now=pen.now, limit=limit):
        case = pen.case(id=complaint_id)
        playbook = office.playbook(version_id=case.playbook_version)
        more = reminders + 1 < playbook.survey.reminders
        pen.alter(
            table="survey",
            key=survey_id,
            reminders=reminders + 1,
            remind_at=_after(pen.now, playbook.survey.reminder_after) if more else None,
        )
        if case.status != "resolved":
            continue
        tell(
            pen=pen,
            case=case,
            message=playbook.messages.survey_reminder,
            extra={"link": tracking_url(case_id=case.id, number=case.number, purpose="survey")},
            also=partial(_by_figure, pen=pen, case=case),
        )
        pen.record(case=case, kind="SurveyReminded", actor="system")
        sent += 1
    return sent
