"""Checks of the part on liability: whole shares, a default, sound conditions and limits."""

from __future__ import annotations

from collections.abc import Iterator

from huiyin.core.playbook.checks import minutes
from huiyin.core.playbook.conditions import always_true, check_condition
from huiyin.core.playbook.names import BUILT_IN_CALENDARS
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.schema import Playbook

_WHOLE = 10_000


def check_liability(
    *, playbook: Playbook, language_signals: frozenset[str] | None
) -> Iterator[Finding]:
    """Yield everything that is wrong with the part ``liability``."""
    liability = playbook.liability
    seen: set[str] = set()
    lists = (("rules", liability.rules), ("fines", liability.fines))
    for name, rules in lists:
        for n, rule in enumerate(rules):
            path: Path = ("liability", name, n)
            if rule.id in seen:
                yield Finding(
                    (*path, "id"), f"“{rule.id}”重复", f"{rule.id!r} is used twice",
                    "换一个名称", "choose another name",
                )  # fmt: skip
            seen.add(rule.id)
            if rule.when is not None:
                yield from check_condition(
                    text=rule.when, path=(*path, "when"), language_signals=language_signals
                )
    yield from _rules(playbook)
    for n, fine in enumerate(liability.fines):
        if fine.least > fine.most:
            yield Finding(
                ("liability", "fines", n, "most"), "最高金额低于最低金额", "most is below least",
                "调整 least 或 most", "adjust least or most",
            )  # fmt: skip
        if not fine.on:
            yield Finding(
                ("liability", "fines", n, "on"), "没有写适用对象", "applies to nobody",
                "例如 [outlet, courier]", "for example [outlet, courier]",
            )  # fmt: skip
    known = {*BUILT_IN_CALENDARS, *playbook.calendars}
    for name in ("evidence", "ruling", "appeal", "appeal_ruling", "late"):
        within = getattr(liability, name)
        path = ("liability", name)
        if within.calendar not in known:
            yield Finding(
                (*path, "calendar"), f"日历“{within.calendar}”不存在",
                f"there is no calendar {within.calendar!r}",
                "已有：" + "、".join(sorted(known)), "there are " + ", ".join(sorted(known)),
            )  # fmt: skip
        if minutes(length=within.for_) == 0:
            yield Finding(
                (*path, "for"), "时限为零", "the limit is zero",
                "写一个大于零的时长", "make it longer",
            )  # fmt: skip
        if within.for_.endswith("D") and within.calendar != "always":
            yield Finding(
                (*path, "for"), f"“{within.for_}”是自然日，只能用于日历 always",
                f"{within.for_} is calendar days, possible on the calendar always only",
                "把日历改为 always，或改写为工作小时（如 PT18H）",
                "use the calendar always, or write working hours such as PT18H",
            )  # fmt: skip


def _rules(playbook: Playbook) -> Iterator[Finding]:
    rules = playbook.liability.rules
    default = ""
    for n, rule in enumerate(rules):
        total = sum(rule.then.shares.values())
        if total != _WHOLE:
            yield Finding(
                ("liability", "rules", n, "then", "shares"),
                f"比例合计 {total}，应为 {_WHOLE}（万分之一为单位，5000 即 50%）",
                f"the shares add up to {total}, they must make {_WHOLE} (5000 is 50 %)",
                "调整各方比例", "adjust the shares",
            )  # fmt: skip
        if default:
            yield Finding(
                ("liability", "rules", n, "id"), f"永远轮不到：前面的“{default}”总是先成立",
                f"is never reached: {default!r} before it always holds first",
                "把它移到前面，或删去", "move it before that rule or delete it",
            )  # fmt: skip
        elif rule.from_ is None and always_true(when=rule.when):
            default = rule.id
    if rules and not default:
        yield Finding(
            ("liability", "rules", len(rules) - 1), "最后没有兜底规则：可能有定责无规则可用",
            "no default rule at the end: a claim may find no rule",
            "在最后加一条没有 when 和 from 的规则",
            "end the list with a rule that has neither when nor from",
        )  # fmt: skip
