"""Checks of the part on care before a complaint: sound conditions, known facts and categories."""

from __future__ import annotations

import string
from collections.abc import Iterator

import cel

from huiyin.core.playbook.conditions import check_condition
from huiyin.core.playbook.names import CATEGORIES
from huiyin.core.playbook.problem import Finding, Path
from huiyin.core.playbook.rules import facts_asked
from huiyin.core.playbook.schema import Playbook

TRACK_FACTS = frozenset(
    {
        "track_state", "no_scan_hours", "signed_by", "days_late", "route", "fee", "premium",
        "insured", "insured_amount", "cod_amount", "region", "account", "last_scan",
    }
)  # fmt: skip
"""Facts that a track can know while nobody has complained."""
BLANKS = frozenset({"waybill", "place", "hours", "state", "last"})


def check_proactive(*, playbook: Playbook) -> Iterator[Finding]:
    """Yield everything that is wrong with the part ``proactive``."""
    seen: set[str] = set()
    for n, rule in enumerate(playbook.proactive.rules):
        path: Path = ("proactive", "rules", n)
        if rule.id in seen:
            yield Finding(
                (*path, "id"), f"“{rule.id}”重复", f"{rule.id!r} is used twice",
                "换一个名称", "choose another name",
            )  # fmt: skip
        seen.add(rule.id)
        if rule.then.category not in CATEGORIES:
            yield Finding(
                (*path, "then", "category"), f"没有类别“{rule.then.category}”",
                f"no category {rule.then.category!r}",
                "写十二个类别之一", "write one of the twelve categories",
            )  # fmt: skip
        for language in ("zh", "en"):
            text = getattr(rule.then.words, language)
            try:
                blanks = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            except ValueError:
                blanks = {"{"}
            for name in sorted(blanks - BLANKS):
                yield Finding(
                    (*path, "then", "words", language), f"不能填入“{name}”",
                    f"cannot be filled in: {name!r}",
                    "可用：" + "、".join(sorted(BLANKS)), "use " + ", ".join(sorted(BLANKS)),
                )  # fmt: skip
        if rule.when is None:
            yield Finding(
                path, "没有写条件：每一个包裹都会立案",
                "without a condition every parcel is a case",
                "写 when", "write when",
            )  # fmt: skip
            continue
        found = list(
            check_condition(text=rule.when, path=(*path, "when"), language_signals=frozenset())
        )
        yield from found
        if not found:
            for name in sorted(facts_asked(program=cel.compile(rule.when)) - TRACK_FACTS):
                yield Finding(
                    (*path, "when"), f"还没有人投诉，轨迹不知道“{name}”",
                    f"nobody has complained yet: a track does not know {name!r}",
                    "可用：" + "、".join(sorted(TRACK_FACTS)),
                    "use " + ", ".join(sorted(TRACK_FACTS)),
                )  # fmt: skip
