"""Checks that need the whole playbook: names that must exist, order, reach, lengths, texts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo

from huiyin.core.playbook.conditions import always_true, check_condition
from huiyin.core.playbook.facts import FACTS
from huiyin.core.playbook.names import (
    BRANCHES,
    BUILT_IN_CALENDARS,
    CATEGORIES,
    EVENTS,
    LADDER,
    MONEY_KINDS,
    OWN_CLOCKS,
    PLACEHOLDERS,
    URGENCIES,
)
from huiyin.core.playbook.part import Escalation, Part, Ruled, Text
from huiyin.core.playbook.proactive_checks import check_proactive
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.problem import unknown as _unknown
from huiyin.core.playbook.procedure_checks import check_procedure
from huiyin.core.playbook.schema import ByUrgency, CheckItem, Playbook, UninsuredCap

_BRACES = re.compile(r"\{([^{}]*)\}|([{}])")
_LENGTH = re.compile(r"P(?:([0-9]+)D|T(?:([0-9]+)H)?(?:([0-9]+)M)?)")


def check(*, playbook: Playbook, language_signals: frozenset[str] | None) -> list[Finding]:
    """Return everything that is wrong with a playbook of the right shape; [] when sound."""
    return [
        *_unique(playbook),
        *_complete(playbook),
        *_references(playbook),
        *_calendars(playbook),
        *_events(playbook),
        *_rules(playbook, language_signals),
        *_clocks(playbook),
        *_steps(playbook),
        *check_procedure(playbook=playbook),
        *_conduct(playbook),
        *_money(playbook),
        *_survey(playbook),
        *_care(playbook, language_signals),
        *check_proactive(playbook=playbook),
        *(f for f in _texts(part=playbook, path=()) if f.path[:1] != ("proactive",)),
    ]


def minutes(*, length: str) -> int:
    """Return an ISO length of a playbook in minutes; a calendar day counts 1440."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise ValueError(f"not a length: {length}")
    days, hours, rest = (int(g or 0) for g in found.groups())
    return days * 1440 + hours * 60 + rest


def _unique(playbook: Playbook) -> Iterator[Finding]:
    lists: list[tuple[str, str, Sequence[Part]]] = [
        ("departments", "code", playbook.departments),
        ("regions", "code", playbook.regions),
        ("cause_groups", "code", playbook.cause_groups),
        ("causes", "code", playbook.causes),
        ("categories", "code", playbook.categories),
        ("branches", "code", playbook.branches),
        ("remedies", "id", playbook.remedies),
        ("steps", "id", playbook.steps),
        ("forms", "id", playbook.forms),
        ("urgency", "id", playbook.urgency),
        ("routing", "id", playbook.routing),
        ("clocks", "id", playbook.clocks),
        ("authority", "role", playbook.authority),
        ("alerts", "id", playbook.alerts),
    ]
    for name, key, parts in lists:
        yield from _twice([((name, n, key), str(getattr(p, key))) for n, p in enumerate(parts)])
    teams: list[tuple[Path, str]] = [
        (("departments", n, "teams", m, "code"), team.code)
        for n, department in enumerate(playbook.departments)
        for m, team in enumerate(department.teams)
    ]
    yield from _twice(teams)
    scripts: list[tuple[Path, str]] = [
        (("scripts", n, "id"), s.id) for n, s in enumerate(playbook.scripts)
    ]
    scripts += [
        (("categories", n, "scripts", m, "id"), s.id)
        for n, c in enumerate(playbook.categories)
        for m, s in enumerate(c.scripts)
    ]
    yield from _twice(scripts)
    general: list[tuple[Path, str]] = [
        (("checklist", n, "id"), i.id) for n, i in enumerate(playbook.checklist)
    ]
    yield from _twice(general)
    taken = {i.id for i in playbook.checklist}
    for n, category in enumerate(playbook.categories):
        own: list[tuple[Path, str]] = []
        for m, item in enumerate(category.checklist):
            path: Path = ("categories", n, "checklist", m, "id")
            if item.id in taken:
                yield _again(path, item.id)
            own.append((path, item.id))
        yield from _twice(own)


def _twice(named: Sequence[tuple[Path, str]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for path, name in named:
        if name in seen:
            yield _again(path, name)
        seen.add(name)


def _again(path: Path, name: str) -> Finding:
    return Finding(
        path, f"“{name}”重复", f"{name!r} is used twice", "换一个名称", "choose another name"
    )


def _complete(playbook: Playbook) -> Iterator[Finding]:
    wanted = (
        ("categories", CATEGORIES, {c.code for c in playbook.categories}),
        ("branches", BRANCHES, {b.code for b in playbook.branches}),
    )
    for name, needed, there in wanted:
        for code in needed:
            if code not in there:
                yield Finding(
                    (name,), f"缺少“{code}”", f"{code!r} is missing",
                    "每一类都要写明由谁处理", "every one must say who handles it", on_key=True,
                )  # fmt: skip
    for name, rules in (("urgency", playbook.urgency), ("routing", playbook.routing)):
        last = rules[-1] if rules else None
        if last is None or last.from_ is not None or not always_true(when=last.when):
            yield Finding(
                (name, len(rules) - 1) if rules else (name,),
                "最后没有兜底规则：可能有投诉无规则可用",
                "no default rule at the end: a complaint may find no rule",
                "在最后加一条没有 when 和 from 的规则",
                "end the list with a rule that has neither when nor from",
            )


def _check_items(playbook: Playbook, who: Collection[str]) -> Iterator[Finding]:
    calendars = {*BUILT_IN_CALENDARS, *playbook.calendars}
    items: list[tuple[Path, CheckItem]] = [
        (("checklist", n), i) for n, i in enumerate(playbook.checklist)
    ]
    items += [
        (("categories", n, "checklist", m), i)
        for n, category in enumerate(playbook.categories)
        for m, i in enumerate(category.checklist)
    ]
    for path, item in items:
        if item.of not in who:
            yield _unknown((*path, "of"), ("提供者", "giver"), item.of, who)
        if item.calendar not in calendars:
            yield _unknown((*path, "calendar"), ("日历", "calendar"), item.calendar, calendars)
        if item.within is not None:
            yield from _days_only_always((*path, "within"), item.within, item.calendar)


def _cause_tree(playbook: Playbook) -> Iterator[Finding]:
    above = {c.code: c for c in playbook.causes if c.under is None}
    named = {g.code for g in playbook.cause_groups}
    for n, one in enumerate(playbook.causes):
        if named and one.group not in named:
            yield _unknown(("causes", n, "group"), ("原因分支", "branch"), one.group, named)
        if one.under is None:
            continue
        if one.under not in above:
            yield _unknown(("causes", n, "under"), ("上一级原因", "upper cause"), one.under, above)
        elif above[one.under].group != one.group:
            yield Finding(
                ("causes", n, "group"), "与上一级原因不在同一分支",
                "is on another branch than the cause above",
                f"写 group: {above[one.under].group}", f"write group: {above[one.under].group}",
            )  # fmt: skip


def _references(playbook: Playbook) -> Iterator[Finding]:
    departments = {d.code: {t.code for t in d.teams} for d in playbook.departments}
    causes = {c.code for c in playbook.causes}
    remedies = {r.id for r in playbook.remedies}
    steps = {s.id for s in playbook.steps}
    scripts = {s.id for s in playbook.scripts} | {
        s.id for c in playbook.categories for s in c.scripts
    }
    department, cause = ("部门", "department"), ("原因", "cause")
    yield from _check_items(playbook, {"handler", "customer", *departments})
    yield from _cause_tree(playbook)
    for n, category in enumerate(playbook.categories):
        here: Path = ("categories", n)
        if category.department not in departments:
            yield _unknown((*here, "department"), department, category.department, departments)
        if not category.causes:
            yield Finding(
                here, "没有可选的原因，核查时无法下结论",
                "has no causes: no verdict could name one",
                "在 causes 下至少列一个", "list at least one under causes",
            )  # fmt: skip
        for m, name in enumerate(category.causes):
            if name not in causes:
                yield _unknown((*here, "causes", m), cause, name, causes)
        for m, name in enumerate(category.remedies):
            if name not in remedies:
                yield _unknown((*here, "remedies", m), ("补救方式", "remedy"), name, remedies)
        for m, name in enumerate(category.steps):
            if name not in steps:
                yield _unknown((*here, "steps", m), ("步骤", "step"), name, steps)
    for n, branch in enumerate(playbook.branches):
        if branch.department not in departments:
            yield _unknown(
                ("branches", n, "department"), department, branch.department, departments
            )
    for n, rule in enumerate(playbook.routing):
        then = rule.then
        if then.department is not None and then.department not in departments:
            yield _unknown(
                ("routing", n, "then", "department"), department, then.department, departments
            )
        if then.team is not None:
            teams = (
                departments.get(then.department, set())
                if then.department
                else {t for d in departments.values() for t in d}
            )
            if then.team not in teams:
                yield _unknown(("routing", n, "then", "team"), ("小组", "team"), then.team, teams)
    for n, step in enumerate(playbook.steps):
        if step.script is not None and step.script not in scripts:
            yield _unknown(("steps", n, "script"), ("话术", "script"), step.script, scripts)


def _calendars(playbook: Playbook) -> Iterator[Finding]:
    try:
        ZoneInfo(playbook.timezone)
    except (ValueError, OSError, KeyError):
        yield Finding(
            ("timezone",), f"没有时区“{playbook.timezone}”", "there is no such time zone",
            "写作 Asia/Shanghai", "write Asia/Shanghai",
        )  # fmt: skip
    for name, calendar in playbook.calendars.items():
        path: Path = ("calendars", name)
        if name in BUILT_IN_CALENDARS:
            yield Finding(
                path, f"“{name}”是内置日历，不能改写", f"{name!r} is built in",
                "换一个名称", "choose another name", on_key=True,
            )  # fmt: skip
        if len(set(calendar.days)) != len(calendar.days) or not calendar.days:
            yield Finding(
                (*path, "days"), "星期重复或为空", "weekdays are repeated or missing",
                "1 至 7 各写一次，1 是星期一", "1 to 7, each once; 1 is Monday",
            )  # fmt: skip
        flat = [t for span in calendar.hours for t in span]
        if not flat or any(a >= b for a, b in pairwise(flat)):
            yield Finding(
                (*path, "hours"), "时段应从早到晚、互不重叠", "hours must run on without overlap",
                '例如 [["09:00", "12:00"], ["13:30", "18:00"]]',
                'for example [["09:00", "12:00"], ["13:30", "18:00"]]',
            )  # fmt: skip
    known = {*BUILT_IN_CALENDARS, *playbook.calendars}
    used: list[tuple[Path, str]] = [
        *((("clocks", n, "calendar"), c.calendar) for n, c in enumerate(playbook.clocks)),
        *((("steps", n, "calendar"), s.calendar) for n, s in enumerate(playbook.steps)),
        *(
            (("departments", n, "collaboration", "calendar"), d.collaboration.calendar)
            for n, d in enumerate(playbook.departments)
        ),
    ]
    for path, name in used:
        if name not in known:
            yield _unknown(path, ("日历", "calendar"), name, known)


def _events(playbook: Playbook) -> Iterator[Finding]:
    named: list[tuple[Path, Sequence[str]]] = []
    for n, clock in enumerate(playbook.clocks):
        named += [
            (("clocks", n, key), getattr(clock, key))
            for key in ("starts_on", "stops_on", "pauses_on", "resumes_on")
        ]
    named += [(("steps", n, "done_when"), s.done_when) for n, s in enumerate(playbook.steps)]
    for path, events in named:
        for m, event in enumerate(events):
            if event not in EVENTS:
                yield _unknown((*path, m), ("事件", "event"), event, EVENTS)


def _rules(playbook: Playbook, signals: frozenset[str] | None) -> Iterator[Finding]:
    if signals is not None:
        signals = signals | playbook.words.signals.keys()
    lists: tuple[tuple[str, Sequence[Ruled]], ...] = (
        ("urgency", playbook.urgency),
        ("routing", playbook.routing),
    )
    for name, rules in lists:
        earlier: dict[str, str] = {}
        default = ""
        for n, rule in enumerate(rules):
            said = " ".join((rule.when or "true").split())
            if default or said in earlier:
                before = default or earlier[said]
                yield Finding(
                    (name, n, "id"), f"永远轮不到：前面的“{before}”总是先成立",
                    f"is never reached: {before!r} before it always holds first",
                    "把它移到前面，或删去", "move it before that rule or delete it",
                )  # fmt: skip
            if rule.from_ is None:
                earlier.setdefault(said, rule.id)
                if always_true(when=rule.when):
                    default = default or rule.id
    conditions: list[tuple[Path, str | None]] = []
    for name, rules in (*lists, ("clocks", playbook.clocks), ("remedies", playbook.remedies)):
        conditions += [((name, n, "when"), r.when) for n, r in enumerate(rules)]
    conditions += [(("steps", n, "when"), s.when) for n, s in enumerate(playbook.steps)]
    for path, when in conditions:
        if when is not None:
            yield from check_condition(text=when, path=path, language_signals=signals)
    for n, remedy in enumerate(playbook.remedies):
        if isinstance(remedy.amount, str) and remedy.amount != "policy":
            yield from check_condition(
                text=remedy.amount, path=("remedies", n, "amount"),
                language_signals=signals, gives="int",
            )  # fmt: skip


def _clocks(playbook: Playbook) -> Iterator[Finding]:
    for n, clock in enumerate(playbook.clocks):
        path: Path = ("clocks", n)
        lengths: list[tuple[Path, str]]
        if isinstance(clock.for_, ByUrgency):
            lengths = [((*path, "for", u), getattr(clock.for_, u)) for u in URGENCIES]
            size = [minutes(length=value) for _, value in lengths]
            if any(a < b for a, b in pairwise(size)):
                yield Finding(
                    (*path, "for"), "越紧急，时限应越短", "the more urgent, the shorter it must be",
                    "调整 low、normal、high、critical 的时长",
                    "adjust the lengths of low, normal, high, critical",
                )  # fmt: skip
        else:
            lengths = [((*path, "for"), clock.for_)]
        for place, length in lengths:
            if minutes(length=length) == 0:
                yield _zero(place)
        lengths += [
            ((*path, "escalate", m, "after"), e.after) for m, e in enumerate(clock.escalate)
        ]
        for place, length in lengths:
            yield from _days_only_always(place, length, clock.calendar)
        if clock.legal and clock.calendar != "always":
            yield Finding(
                (*path, "calendar"), "法定时限按自然日计算", "legal limits run in calendar days",
                "calendar 写 always", "write calendar: always",
            )  # fmt: skip
        if clock.legal and clock.pauses_on:
            yield Finding(
                (*path, "pauses_on"), "法定时限不得暂停", "a legal clock is never paused",
                "删去 pauses_on", "delete pauses_on", on_key=True,
            )  # fmt: skip
        if bool(clock.pauses_on) != bool(clock.resumes_on):
            yield Finding(
                path, "pauses_on 与 resumes_on 应成对出现",
                "pauses_on and resumes_on belong together",
                "写明暂停后由什么事件恢复", "say which events resume it",
            )  # fmt: skip
        yield from _ladder((*path, "escalate"), clock.escalate)
    for n, step in enumerate(playbook.steps):
        within: Path = ("steps", n, "within")
        if step.within is not None:
            yield from _days_only_always(within, step.within, step.calendar)
            if minutes(length=step.within) == 0:
                yield _zero(within)
        yield from _ladder(("steps", n, "escalate"), step.escalate)
    for n, department in enumerate(playbook.departments):
        asked = department.collaboration
        path = ("departments", n, "collaboration")
        if minutes(length=asked.for_) == 0:
            yield _zero((*path, "for"))
        yield from _ladder((*path, "escalate"), asked.escalate)
        for place, length in (
            ((*path, "for"), asked.for_),
            *(((*path, "escalate", m, "after"), e.after) for m, e in enumerate(asked.escalate)),
        ):
            yield from _days_only_always(place, length, asked.calendar)


def _zero(path: Path) -> Finding:
    return Finding(path, "时限为零", "the limit is zero", "写一个大于零的时长", "make it longer")


def _ladder(path: Path, rungs: Sequence[Escalation]) -> Iterator[Finding]:
    after = [minutes(length=e.after) for e in rungs]
    ranks = [LADDER.index(e.to) for e in rungs]
    if any(a >= b for a, b in pairwise(after)) or any(a >= b for a, b in pairwise(ranks)):
        yield Finding(
            path, "升级应一级比一级晚、一级比一级高",
            "each escalation must be later and higher than the one before",
            "按时间和职级从小到大排列", "order them by time and rank",
        )  # fmt: skip


def _days_only_always(path: Path, length: str, calendar: str) -> Iterator[Finding]:
    if length.endswith("D") and calendar != "always":
        hours = minutes(length=length) // 60
        yield Finding(
            path, f"“{length}”是自然日，只能用于日历 always",
            f"{length} is calendar days, possible on the calendar always only",
            f"把日历改为 always，或改写为工作小时（如 PT8H），不是 PT{hours}H",
            "use the calendar always, or write working hours such as PT8H",
        )  # fmt: skip


def _steps(playbook: Playbook) -> Iterator[Finding]:
    seen: set[str] = set()
    everything = {s.id for s in playbook.steps}
    for n, step in enumerate(playbook.steps):
        for m, name in enumerate(step.after):
            if name not in everything:
                yield _unknown(("steps", n, "after", m), ("步骤", "step"), name, everything)
            elif name not in seen:
                yield Finding(
                    ("steps", n, "after", m), f"“{name}”排在后面，不能作为前提",
                    f"{name!r} comes later and cannot come before",
                    "把它移到本步骤之前", "move it before this step",
                )  # fmt: skip
        for m, name in enumerate(step.needs):
            if name not in FACTS:
                yield _unknown(("steps", n, "needs", m), ("事实", "fact"), name, FACTS)
        seen.add(step.id)


def _money(playbook: Playbook) -> Iterator[Finding]:
    for n, remedy in enumerate(playbook.remedies):
        money = remedy.kind in MONEY_KINDS
        if money and remedy.amount is None:
            yield Finding(
                ("remedies", n), "没有写金额", "has no amount",
                "amount 写 policy、整数（分）或算式", "give amount: policy, whole fen or CEL",
            )  # fmt: skip
        if not money and (remedy.amount is not None or remedy.cap is not None):
            yield Finding(
                ("remedies", n, "kind"), f"“{remedy.kind}”不涉及金额",
                f"{remedy.kind} carries no money",
                "删去 amount 和 cap", "delete amount and cap",
            )  # fmt: skip
    roles = [a.role for a in playbook.authority]
    if roles != [r for r in LADDER if r in roles] or "administrator" not in roles:
        yield Finding(
            ("authority",), "审批阶梯应自下而上，并以 administrator 结尾",
            "the ladder must rise and end with administrator",
            "顺序：" + "、".join(LADDER), "in the order " + ", ".join(LADDER), on_key=True,
        )  # fmt: skip
    top = 10**15
    before = (0, 0, 0)
    for n, authority in enumerate(playbook.authority):
        now = (
            top if authority.per_case is None else authority.per_case,
            top if authority.per_day is None else authority.per_day,
            top if authority.per_customer is None else authority.per_customer,
        )
        if any(mine < below for mine, below in zip(now, before, strict=True)):
            yield Finding(
                ("authority", n), "额度低于下一级", "grants less than the rank below",
                "上一级的额度应不低于下一级", "a higher rank may not grant less",
            )  # fmt: skip
        if now[1] < now[0]:
            yield Finding(
                ("authority", n, "per_day"), "每日额度低于每件额度",
                "the limit per day is below that per case",
                "提高 per_day 或降低 per_case", "raise per_day or lower per_case",
            )  # fmt: skip
        before = now
    terms = playbook.compensation
    yield from _twice(
        [(("compensation", "carriers", n, "code"), c.code) for n, c in enumerate(terms.carriers)]
    )
    yield from _cap(terms.uninsured_cap, ("compensation", "uninsured_cap"))
    for n, carrier in enumerate(terms.carriers):
        if carrier.uninsured_cap is not None:
            yield from _cap(carrier.uninsured_cap, ("compensation", "carriers", n, "uninsured_cap"))
    departments = {d.code for d in playbook.departments}
    for n, code in enumerate(playbook.settlement.paid_by):
        if code not in departments:
            yield _unknown(("settlement", "paid_by", n), ("部门", "department"), code, departments)


def _cap(cap: UninsuredCap, path: Path) -> Iterator[Finding]:
    there = {k for k in ("retail", "monthly", "amount") if getattr(cap, k) is not None}
    wanted = {"multiple": {"retail", "monthly"}, "fixed": {"amount"}, "none": set()}[cap.kind]
    if there != wanted:
        names = "、".join(sorted(wanted)) or "—"
        yield Finding(
            path, f"“{cap.kind}”应写且只写：{names}",
            f"{cap.kind} takes exactly: {names.replace('、', ', ')}",
            "multiple 写 retail 和 monthly，fixed 写 amount（分）",
            "multiple takes retail and monthly, fixed takes amount (fen)",
        )  # fmt: skip


def _conduct(playbook: Playbook) -> Iterator[Finding]:
    """Check the flow of complaints about somebody's manner."""
    conduct = playbook.conduct
    departments = {d.code for d in playbook.departments}
    if conduct.report_to is not None and conduct.report_to not in departments:
        department = ("部门", "department")
        yield _unknown(("conduct", "report_to"), department, conduct.report_to, departments)
    calendars = {*BUILT_IN_CALENDARS, *playbook.calendars}
    if conduct.calendar not in calendars:
        yield _unknown(("conduct", "calendar"), ("日历", "calendar"), conduct.calendar, calendars)
    path: Path = ("conduct", "answer_within")
    yield from _days_only_always(path, conduct.answer_within, conduct.calendar)
    measures = conduct.measures
    yield from _twice(
        [(("conduct", "measures", n, "code"), m.code) for n, m in enumerate(measures)]
    )
    if measures and {m.kind for m in measures} != {"sanction", "notice"}:
        yield Finding(
            ("conduct", "measures"), "处理和告知各至少列一种",
            "list at least one sanction and one notice",
            "成立的用 sanction，不成立的用 notice", "sanction where upheld, notice where not",
        )  # fmt: skip


def _survey(playbook: Playbook) -> Iterator[Finding]:
    survey = playbook.survey
    if survey.reminders and minutes(length=survey.reminder_after) >= minutes(length=survey.expires):
        yield Finding(
            ("survey", "reminder_after"), "提醒晚于评价截止", "reminds after the survey is over",
            "缩短 reminder_after 或延长 expires", "shorten reminder_after or lengthen expires",
        )  # fmt: skip
    ranks = [LADDER.index(r) for r in survey.rehandle_levels]
    if not ranks or any(a >= b for a, b in pairwise(ranks)):
        yield Finding(
            ("survey", "rehandle_levels"), "重新处理的级别应逐级升高，且不能为空",
            "re-handling levels must rise and not be empty",
            "例如 [supervisor, manager]", "for example [supervisor, manager]",
        )  # fmt: skip


def _care(playbook: Playbook, signals: frozenset[str] | None) -> Iterator[Finding]:
    """Check promises, call-backs, and the formal letter."""
    for n, clock in enumerate(playbook.clocks):
        if clock.id in OWN_CLOCKS:
            yield Finding(
                ("clocks", n, "id"), f"“{clock.id}”是系统给承诺用的名称",
                f"{clock.id!r} is what promises run on", "换一个名称", "choose another name",
            )  # fmt: skip
    yield from _ladder(("promises", "escalate"), playbook.promises.escalate)
    departments = {d.code for d in playbook.departments}
    for n, name in enumerate(playbook.doubts.reviewed_by):
        if name not in departments:
            yield _unknown(("doubts", "reviewed_by", n), ("部门", "department"), name, departments)
    calls = playbook.aftercare.calls
    yield from _twice([(("aftercare", "calls", n, "id"), c.id) for n, c in enumerate(calls)])
    known = {*BUILT_IN_CALENDARS, *playbook.calendars}
    conditions: list[tuple[Path, str | None]] = [
        (("aftercare", "calls", n, "when"), call.when) for n, call in enumerate(calls)
    ]
    for n, call in enumerate(calls):
        path: Path = ("aftercare", "calls", n)
        if call.calendar not in known:
            yield _unknown((*path, "calendar"), ("日历", "calendar"), call.calendar, known)
        yield from _days_only_always((*path, "within"), call.within, call.calendar)
    if playbook.letter is not None:
        conditions.append((("letter", "when"), playbook.letter.when))
    for path, when in conditions:
        if when is not None:
            yield from check_condition(text=when, path=path, language_signals=signals)


def _texts(*, part: object, path: Path) -> Iterator[Finding]:
    """Check the placeholders of every text, wherever it stands."""
    if isinstance(part, Text):
        used: dict[str, set[str]] = {}
        for language in ("zh", "en"):
            names = used.setdefault(language, set())
            for found in _BRACES.finditer(getattr(part, language)):
                name = found.group(1)
                if name is None:
                    yield Finding(
                        (*path, language), "花括号不成对", "a brace without its partner",
                        "写作 {customer}", "write {customer}",
                    )  # fmt: skip
                elif name not in PLACEHOLDERS:
                    yield _unknown((*path, language), ("占位符", "placeholder"), name, PLACEHOLDERS)
                else:
                    names.add(name)
        if used["zh"] != used["en"]:
            odd = "、".join(sorted(used["zh"] ^ used["en"]))
            yield Finding(
                path, f"中英文使用的占位符不一致：{odd}",
                f"the languages use different placeholders: {odd.replace('、', ', ')}",
                "两种语言都写上", "use them in both languages",
            )  # fmt: skip
    elif isinstance(part, Part):
        for name, field in type(part).model_fields.items():
            yield from _texts(part=getattr(part, name), path=(*path, field.alias or name))
    elif isinstance(part, tuple):
        for n, child in enumerate(part):
            yield from _texts(part=child, path=(*path, n))
    elif isinstance(part, dict):
        for key, child in part.items():
            yield from _texts(part=child, path=(*path, str(key)))
