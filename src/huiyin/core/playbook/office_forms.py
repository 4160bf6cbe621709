"""Forms for what stands around the procedure: calendars, departments, survey, liability, events."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from huiyin.core.playbook.fields import (
    FormField,
    Group,
    at,
    both,
    calendars_of,
    codes_of,
    entries_at,
    field_at,
    group_at,
    ladder,
)
from huiyin.core.playbook.liability import PARTS
from huiyin.core.playbook.names import LADDER
from huiyin.core.playbook.problem import Path

_PARTS: dict[str, tuple[str, str]] = {
    "headquarters": ("总部", "Headquarters"), "origin": ("收件网点", "Origin outlet"),
    "pickup_courier": ("收件员", "Pick-up courier"), "origin_hub": ("始发分拨", "Origin hub"),
    "destination_hub": ("目的分拨", "Destination hub"),
    "delivering": ("派件网点", "Delivering outlet"), "courier": ("派件员", "Courier"),
    "customer": ("客户", "Customer"),
}  # fmt: skip
_LIMITS: tuple[tuple[str, str, str], ...] = (
    ("evidence", "举证", "Statements"), ("ruling", "裁定", "Ruling"),
    ("appeal", "申诉期", "Time to appeal"), ("appeal_ruling", "申诉裁定", "Ruling on an appeal"),
    ("late", "超期后再给多久", "Left once it is late"),
)  # fmt: skip


def calendars(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the company's own calendars."""
    found = data.get("calendars")
    for code, entry in (found if isinstance(found, Mapping) else {}).items():
        if not isinstance(entry, Mapping):
            continue
        path: Path = ("calendars", code)
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "名称", "Name"),
                field_at(data, (*path, "days"), "星期几（1 为周一）", "Weekdays (1 is Monday)",
                         "days"),
                field_at(data, (*path, "hours"), "几点到几点", "Hours", "hours"),
                field_at(data, (*path, "holidays"), "节假日和调休", "Holidays", "choice",
                         ("china", "none")),
            ),
            listed=True,
        )  # fmt: skip


def departments(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the departments with the clock by which each answers the others."""
    for n, _entry in entries_at(data, ("departments",)):
        path: Path = ("departments", n)
        clock: Path = (*path, "collaboration")
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "名称", "Name"),
                field_at(data, (*path, "head_role"), "负责人的级别", "Rank of the head", "choice",
                         LADDER),
                field_at(data, (*clock, "for"), "协办多久内答复", "Answers others within", "length",
                         english=english),
                field_at(data, (*clock, "calendar"), "协办日历", "On the calendar", "choice",
                         calendars_of(data)),
                field_at(data, (*clock, "warn_share"), "用掉多少时提醒（0–1）",
                         "Warn at share (0–1)", "number"),
                *ladder(data, (*clock, "escalate"), english),
            ),
        )  # fmt: skip


def care(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield survey, promises and call-backs."""
    if isinstance(data.get("survey"), Mapping):
        yield Group(("survey",), "Survey" if english else "评价", "survey",
                    tuple(_survey(data, english)))  # fmt: skip
    yield Group(
        ("promises",), "Promises to customers" if english else "对客户的承诺", "promises",
        (
            field_at(data, ("promises", "day_ends"), "“今天”到几点为止", "Until when is today"),
            field_at(data, ("promises", "warn_share"), "用掉多少时提醒（0–1）",
                     "Warn at share (0–1)", "number"),
            *ladder(data, ("promises", "escalate"), english),
        ),
    )  # fmt: skip
    yield Group(
        ("aftercare",), "Call-backs" if english else "回访", "aftercare",
        (
            field_at(data, ("aftercare", "attempts"), "最多打几次", "Attempts", "number"),
            field_at(data, ("aftercare", "again_after"), "没打通隔多久再打", "Try again after",
                     "length", english=english),
        ),
    )  # fmt: skip
    for n, _entry in entries_at(data, ("aftercare", "calls")):
        path: Path = ("aftercare", "calls", n)
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "名称", "Name"),
                field_at(data, (*path, "on"), "什么时候", "When", "choice",
                         ("resolved", "silent", "last_level", "promise_broken")),
                field_at(data, (*path, "when"), "条件", "Condition"),
                field_at(data, (*path, "within"), "多久之内", "Within", "length", english=english),
                field_at(data, (*path, "calendar"), "日历", "Calendar", "choice",
                         calendars_of(data)),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def _survey(data: Mapping[str, Any], english: bool) -> Iterator[FormField]:
    yield from both(data, ("survey", "question"), "问题", "Question")
    stars = at(data=data, path=("survey", "stars"))
    for n in range(len(stars) if isinstance(stars, list) else 0):
        yield from both(data, ("survey", "stars", n), f"{n + 1} 星", f"{n + 1} stars")
    yield from both(data, ("survey", "words_question"), "请写几句的提示", "Asked for words")
    for key, zh, en in (
        ("threshold", "低于几星算不满意", "Dissatisfied below stars"),
        ("reminders", "最多提醒几次", "Reminders"),
    ):
        yield field_at(data, ("survey", key), zh, en, "number")
    for key, zh, en in (
        ("send_after", "答复后多久发出", "Sent after"),
        ("reminder_after", "多久没评就提醒", "Reminder after"),
        ("expires", "多久后失效", "Expires after"),
        ("auto_close_after", "多久没评就办结", "Closed unanswered after"),
    ):
        yield field_at(data, ("survey", key), zh, en, "length", english=english)
    yield field_at(data, ("survey", "rehandle_levels"), "不满意时依次交给", "Handled again by",
                   "names", LADDER)  # fmt: skip
    for key, zh, en in (
        ("incentive", "完成评价的奖励", "Incentive"),
        ("by_sms", "短信里添的一句（可直接回复数字）", "What an SMS adds (answer by a figure)"),
        ("thanks", "满意后的话", "Thanks"),
        ("sorry", "不满意后的话", "Sorry"),
    ):  # fmt: skip
        yield from both(data, ("survey", key), zh, en, "area")


def liability(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield the limits of a claim, the rules of who bears what, and the rules of fines."""
    limits: list[FormField] = []
    for key, zh, en in _LIMITS:
        path: Path = ("liability", key)
        limits += [
            field_at(data, (*path, "for"), zh, en, "length", english=english),
            field_at(data, (*path, "calendar"), f"{zh}的日历", f"{en}: calendar", "choice",
                     calendars_of(data)),
        ]  # fmt: skip
    yield Group(
        ("liability",), "Limits and judges" if english else "时限和裁定人", "liability",
        (
            *limits,
            field_at(data, ("liability", "silent"), "有一方沉默时", "Where a party is silent",
                     "choice", ("proposed", "silent_bears")),
            field_at(data, ("liability", "fine_silent"), "处罚申诉无人答复时",
                     "A fine whose appeal nobody answered", "choice", ("overturned", "sustained")),
            field_at(data, ("liability", "ruled_by"), "谁裁定", "Who rules", "choice",
                     ("supervisor", "manager")),
            field_at(data, ("liability", "appeal_by"), "谁裁申诉", "Who rules on appeals", "choice",
                     ("manager", "administrator")),
        ),
    )  # fmt: skip
    for n, _entry in entries_at(data, ("liability", "rules")):
        path = ("liability", "rules", n)
        yield group_at(
            data, path, english,
            (
                field_at(data, (*path, "when"), "条件（空为兜底）", "Condition (none: default)"),
                *(
                    field_at(data, (*path, "then", "shares", part), f"{_PARTS[part][0]}承担（%）",
                             f"{_PARTS[part][1]} bears (%)", "percent")
                    for part in PARTS
                ),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip
    for n, _entry in entries_at(data, ("liability", "fines")):
        path = ("liability", "fines", n)
        yield group_at(
            data, path, english,
            (
                *both(data, (*path, "name"), "处罚名称", "Fine"),
                field_at(data, (*path, "when"), "条件", "Condition"),
                field_at(data, (*path, "on"), "可以罚谁", "On whom", "names",
                         ("department", "hub", "outlet", "courier")),
                field_at(data, (*path, "least"), "最低（元）", "At least (yuan)", "money"),
                field_at(data, (*path, "most"), "最高（元）", "At most (yuan)", "money"),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


def events(data: Mapping[str, Any], english: bool) -> Iterator[Group]:
    """Yield what holds for work on many complaints, and what a person is to look at again."""
    yield Group(
        ("incidents",), "Work on many complaints" if english else "成批处理", "incidents",
        (
            field_at(data, ("incidents", "hold"), "发出前扣住多久", "Held before sending", "length",
                     english=english),
            field_at(data, ("incidents", "wide_percent"), "规则连上多少（%）要再确认",
                     "Confirm a rule that takes (%)", "number"),
        ),
    )  # fmt: skip
    yield Group(
        ("doubts",), "Who reviews" if english else "谁来核对", "doubts",
        (
            field_at(data, ("doubts", "reviewed_by"), "部门", "Departments", "names",
                     codes_of(data, "departments")),
        ),
    )  # fmt: skip
    for code, title, numbers in _DOUBTS:
        if not isinstance(at(data=data, path=("doubts", code)), Mapping):
            continue
        path: Path = ("doubts", code)
        yield Group(
            path, title[english], code,
            (
                *(field_at(data, (*path, key), zh, en, "number") for key, zh, en in numbers),
                *both(data, (*path, "because"), "为什么", "Why"),
                field_at(data, (*path, "source"), "依据", "Source"),
            ),
            listed=True,
        )  # fmt: skip


_DAYS = ("days", "看多少天以内的", "Within days")
_COMMON = ("common", "出现在多少件以上视为通用", "Common from so many complaints")
_DOUBTS: tuple[tuple[str, tuple[str, str], tuple[tuple[str, str, str], ...]], ...] = (
    ("same_photo", ("照片相同", "Same photo"),
     (_DAYS, ("distance", "差异不超过（0–7）", "Differ by at most (0–7)"), _COMMON)),
    ("same_proof", ("价值证明相同", "Same proof of value"), (_DAYS, _COMMON)),
    ("many_parcels", ("多个包裹丢损", "Many parcels"),
     (("parcels", "多少个包裹起", "From so many parcels"), _DAYS)),
)  # fmt: skip
