"""Many parcels that one customer says were lost or damaged, within a window of the playbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiyin.core.because import Reason
from huiyin.core.doubt.finding import Finding
from huiyin.core.incident.listing import waybill_key
from huiyin.core.playbook.incidents import ManyParcels


@dataclass(frozen=True, slots=True)
class Claim:
    """A complaint of a customer: which parcel, which category, what was found of it."""

    complaint: str
    number: str
    waybill: str
    category: str
    at: datetime
    verdict: str = ""
    incident: bool = False


def many_parcels(
    *, customer: str, complaint: str, claims: Sequence[Claim], rule: ManyParcels, now: datetime
) -> Finding | None:
    """Return what speaks for and against a customer's many parcels; None below the limit.

    Parcels of an incident do not count, and a parcel complained of twice counts once.
    """
    since = now - timedelta(days=rule.days)
    within = [c for c in claims if c.at >= since and c.category in rule.categories]
    counted = {waybill_key(text=c.waybill): c for c in within if c.waybill and not c.incident}
    if len(counted) < rule.parcels:
        return None
    others = tuple(c.complaint for c in counted.values() if c.complaint != complaint)
    upheld = [c for c in counted.values() if c.verdict in {"upheld", "partly_upheld"}]
    refuted = [c for c in counted.values() if c.verdict == "not_upheld"]
    speaks_for = [
        Reason(rule="many_parcels", zh=rule.because.zh, en=rule.because.en, source=rule.source),
        Reason(
            rule="many_parcels.count",
            zh=f"{rule.days} 天内对 {len(counted)} 个包裹提出丢损（界限 {rule.parcels}）",
            en=f"{len(counted)} parcels within {rule.days} days (limit {rule.parcels})",
            words=(str(len(counted)), str(rule.parcels)),
        ),
    ]
    if refuted:
        speaks_for.append(
            Reason(
                rule="many_parcels.refuted",
                zh=f"其中 {len(refuted)} 件核查为不成立",
                en=f"{len(refuted)} of them were not upheld",
                words=tuple(c.number for c in refuted[:5]),
            )
        )
    against = [
        Reason(
            rule="many_parcels.sender",
            zh="经常寄件的商家本来就会有更多丢损，请先看他的发件量",
            en="who ships a lot loses a lot: look at how much he ships first",
        )
    ]
    if upheld:
        against.append(
            Reason(
                rule="many_parcels.upheld",
                zh=f"其中 {len(upheld)} 件核查为成立或部分成立，是我方的问题",
                en=f"{len(upheld)} of them were upheld: the fault was ours",
                words=tuple(c.number for c in upheld[:5]),
            )
        )
    left_out = len({waybill_key(text=c.waybill) for c in within if c.incident})
    if left_out:
        against.append(
            Reason(
                rule="many_parcels.incident",
                zh=f"另有 {left_out} 个包裹属于事件，没有计入",
                en=f"{left_out} more parcels belong to an incident and were not counted",
                words=(str(left_out),),
            )
        )
    # Raised again only when the number has doubled: a person looked at it before.
    rung = 0
    size = rule.parcels
    while size * 2 <= len(counted):
        size, rung = size * 2, rung + 1
    quarter = f"{now.year}-{(now.month - 1) // 3}"
    return Finding(
        rule="many_parcels",
        key=f"many_parcels:{customer}:{quarter}:{rung}",
        others=others,
        speaks_for=tuple(speaks_for),
        speaks_against=tuple(against),
    )
