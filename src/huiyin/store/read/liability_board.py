"""Liability on the board: who bore what, by party and by month, and how rulings came about."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils.translation import gettext as _

from huiyin.core.playbook import Playbook
from huiyin.core.remedy.journal import NOBODY
from huiyin.store import models
from huiyin.store.read import parties
from huiyin.store.read.pages import Series

MOST = 20
"""Parties drawn, those that bear most first."""


def series(
    *, playbook: Playbook, since: datetime, until: datetime, zone: ZoneInfo
) -> tuple[Series, ...]:
    """Return the figures of a period, amounts in yuan; empty where nothing was ruled or fined."""
    entries = (
        models.Entry.objects.filter(at__gte=since, at__lt=until)
        .filter(Q(account__startswith="cost:") | Q(account__startswith="fine:"))
        .exclude(account=NOBODY)
        .values_list("at", "account", "amount")
    )
    cost: dict[str, int] = defaultdict(int)
    fines: dict[str, int] = defaultdict(int)
    months: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for at, account, amount in entries:
        kind, _colon, party = account.partition(":")
        (cost if kind == "cost" else fines)[party] += amount
        months[f"{at.astimezone(zone):%Y-%m}"][kind == "fine"] += amount
    ruled = _ruled(since=since, until=until)
    codes = sorted({*cost, *fines} - {""}, key=lambda p: -(cost[p] + fines[p]))[:MOST]
    names = parties.names(codes={*codes, *ruled}, playbook=playbook)
    if not codes and not ruled:
        return ()
    return (
        Series(
            code="liability",
            title=_("定责：各单位承担"),
            unit=_("元"),
            kind="bar",
            labels=tuple(names[p] for p in codes),
            rows=(
                (_("赔付"), tuple(cost[p] / 100 for p in codes)),
                (_("处罚"), tuple(fines[p] / 100 for p in codes)),
            ),
        ),
        Series(
            code="liability_month",
            title=_("定责：按月"),
            unit=_("元"),
            kind="bar",
            labels=tuple(sorted(months)),
            rows=(
                (_("赔付"), tuple(months[m][0] / 100 for m in sorted(months))),
                (_("处罚"), tuple(months[m][1] / 100 for m in sorted(months))),
            ),
        ),
        Series(
            code="liability_rulings",
            title=_("定责：裁定"),
            unit="",
            kind="bar",
            labels=tuple(names[p] for p in ruled),
            rows=(
                (_("生效"), tuple(float(r[0]) for r in ruled.values())),
                (_("其中缺席"), tuple(float(r[1]) for r in ruled.values())),
                (_("其中申诉"), tuple(float(r[2]) for r in ruled.values())),
                (_("申诉后改判"), tuple(float(r[3]) for r in ruled.values())),
            ),
        ),
    )


def _ruled(*, since: datetime, until: datetime) -> dict[str, tuple[int, int, int, int]]:
    """Return by party: final rulings, by default, appealed by it, its share changed by that."""
    out: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    rows = models.LiabilityMember.objects.filter(
        claim__final_at__gte=since, claim__final_at__lt=until
    ).values_list("party", "claim__by", "appealed", "first", "ruled")
    for party, by, appealed, first, ruled in rows:
        one = out[party]
        one[0] += 1
        one[1] += by == "default"
        one[2] += appealed
        # Another's appeal may change it, too; that one is not counted here.
        one[3] += appealed and first is not None and first != ruled
    order = sorted(out, key=lambda p: (-out[p][0], p))[:MOST]
    return {p: (out[p][0], out[p][1], out[p][2], out[p][3]) for p in order}
