"""Why complaints arose: verdicts counted by the cause tree, and the tree as a verdict offers it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from huiyin.core.playbook import Playbook
from huiyin.store.read import labels
from huiyin.store.read.pages import Choice, Series

_VERDICTS = ("upheld", "partly_upheld", "not_upheld")


@dataclass(frozen=True, slots=True)
class CauseBranch:
    """A main branch of the cause tree with the causes that a verdict may name, in order.

    The label of a finer cause begins with the name of the cause above it.
    """

    label: str
    causes: tuple[Choice, ...]


def path(*, playbook: Playbook, code: str) -> str:
    """Return a cause with all above it: "branch › cause › finer cause"; the code when unknown."""
    try:
        return " › ".join(labels.said(t) for t in playbook.cause_path(code=code))
    except KeyError:
        return code


def branch(*, playbook: Playbook, code: str) -> str:
    """Return the name of a cause's main branch."""
    try:
        group = playbook.cause(code=code).group
    except KeyError:
        return code
    return next((labels.said(g.name) for g in playbook.cause_groups if g.code == group), group)


def tree(*, playbook: Playbook, category: str, chosen: str) -> tuple[CauseBranch, ...]:
    """Return the cause tree of a category, branches in the order of their first cause."""
    found: dict[str, list[Choice]] = {}
    for cause in playbook.causes_for(category=category):
        label = labels.said(cause.name)
        if cause.under:
            label = f"{labels.said(playbook.cause(code=cause.under).name)} › {label}"
        found.setdefault(branch(playbook=playbook, code=cause.code), []).append(
            Choice(code=cause.code, label=label, selected=cause.code == chosen)
        )
    return tuple(CauseBranch(label=name, causes=tuple(causes)) for name, causes in found.items())


def series(*, rows: Iterable[Mapping[str, Any]], playbook: Playbook) -> tuple[Series, Series]:
    """Return the verdicts of complaints by main branch and by cause, the most frequent first."""
    judged = [(str(r["cause"]), str(r["verdict"])) for r in rows if r["verdict"] and r["cause"]]
    counts = Counter(judged)

    def counted(code: str, title: str, unit: str, names: Mapping[str, str]) -> Series:
        sums: dict[str, Counter[str]] = {}
        for (cause, verdict), n in counts.items():
            sums.setdefault(names[cause], Counter())[verdict] += n
        order = sorted(sums, key=lambda name: (-sums[name].total(), name))
        return Series(
            code=code,
            title=title,
            unit=unit,
            kind="bar",
            labels=tuple(order),
            rows=tuple(
                (
                    labels.pick(labels.VERDICT_NAMES, verdict),
                    tuple(float(sums[name][verdict]) for name in order),
                )
                for verdict in _VERDICTS
            ),
        )

    causes = {cause for cause, _verdict in judged}
    return (
        counted(
            "cause_branch", _("结论按原因分支"), _("件"),
            {c: branch(playbook=playbook, code=c) for c in causes},
        ),
        # Too many for bars: a table without a unit.
        counted("cause", _("结论按原因"), "", {c: path(playbook=playbook, code=c) for c in causes}),
    )  # fmt: skip
