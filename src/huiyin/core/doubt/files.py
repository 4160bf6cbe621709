"""The same photo, or the same proof of value, on complaints of different parcels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from huiyin.core.because import Reason
from huiyin.core.doubt.finding import Finding, RuleName
from huiyin.core.doubt.phash import distance
from huiyin.core.incident.listing import waybill_key
from huiyin.core.playbook.incidents import SamePhoto, SameProof

_NEAR_DAYS = timedelta(days=1)
EXACT = -1


@dataclass(frozen=True, slots=True)
class Print:
    """The fingerprint of a file: sha256, and ``phash`` of what it shows or says.

    Of a picture that is its perceptual hash, of a document the digest of its content; "" where
    it is not known.
    """

    sha256: str
    is_picture: bool
    phash: str = ""
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """A file on a complaint: whose it is, which parcel, when it came."""

    print: Print
    complaint: str
    number: str
    customer: str
    waybill: str
    at: datetime
    incident: str = ""
    """The incident that the complaint belongs to, empty without one."""


def _alike(*, one: Print, other: Print, far: int) -> int | None:
    """Return how many bits two pictures are apart, 0 for two documents that say the same.

    EXACT for the same bytes, None for others.
    """
    if one.sha256 == other.sha256:
        return EXACT
    if one.is_picture != other.is_picture or not (one.phash and other.phash):
        return None
    if not one.is_picture:
        return 0 if one.phash == other.phash else None
    if one.plain or other.plain:
        return None
    bits = distance(one=one.phash, other=other.phash)
    return bits if bits <= far else None


def same_files(
    *, mine: Seen, others: Sequence[Seen], rule: SamePhoto | SameProof
) -> Finding | None:
    """Return what speaks for and against a file that other complaints have too; None for nothing.

    The customer who sends one photo twice about one parcel, or who complains of it again, raises
    nothing. A file on other complaints of the same parcel raises nothing either.
    """
    far = rule.distance if isinstance(rule, SamePhoto) else 0
    since = mine.at - timedelta(days=rule.days)
    hits: list[tuple[Seen, int]] = []
    for other in others:
        later = (other.at, other.complaint) > (mine.at, mine.complaint)
        if other.complaint == mine.complaint or other.at < since or later:
            continue
        same_parcel = waybill_key(text=mine.waybill) == waybill_key(text=other.waybill)
        if mine.waybill and same_parcel:
            continue
        if not mine.waybill and not other.waybill and mine.customer == other.customer:
            continue
        bits = _alike(one=mine.print, other=other.print, far=far)
        if bits is not None:
            hits.append((other, bits))
    if not hits:
        return None
    name: RuleName = "same_photo" if isinstance(rule, SamePhoto) else "same_proof"
    by_complaint = {seen.complaint: (seen, bits) for seen, bits in hits}
    found = list(by_complaint.values())
    return Finding(
        rule=name,
        key=f"{name}:{mine.complaint}:{mine.print.sha256[:32]}",
        others=tuple(seen.complaint for seen, _bits in found),
        speaks_for=(
            Reason(rule=name, zh=rule.because.zh, en=rule.because.en, source=rule.source),
            *_for(name=name, mine=mine, found=found),
        ),
        speaks_against=_against(mine=mine, found=found, common=rule.common),
    )


def _for(*, name: str, mine: Seen, found: Sequence[tuple[Seen, int]]) -> tuple[Reason, ...]:
    out = []
    for seen, bits in found[:5]:
        what_zh, what_en = ("照片", "photo") if name == "same_photo" else ("文件", "file")
        how_zh = "逐字节相同" if bits == EXACT else f"看起来一样（感知指纹 64 位里差 {bits} 位）"
        how_en = "is the same byte for byte" if bits == EXACT else f"differs in {bits} of 64 bits"
        if name == "same_proof" and bits != EXACT:
            how_zh, how_en = "内容相同，只是重新保存过", "says the same, only saved anew"
        out.append(
            Reason(
                rule=f"{name}.seen",
                zh=f"与投诉 {seen.number}（运单 {seen.waybill or '未提供'}）的{what_zh}{how_zh}",
                en=f"the {what_en} {how_en} as on complaint {seen.number}",
                words=(seen.number,),
            )
        )
    if mine.customer and any(s.customer and s.customer != mine.customer for s, _b in found):
        out.append(
            Reason(
                rule=f"{name}.people",
                zh="来自不同的客户",
                en="it came from different customers",
            )
        )
    return tuple(out)


def _against(*, mine: Seen, found: Sequence[tuple[Seen, int]], common: int) -> tuple[Reason, ...]:
    out = []
    if len(found) >= common:
        out.append(
            Reason(
                rule="files.common",
                zh=f"{len(found)} 件投诉都有它，可能是样图、截图或通用凭证",
                en=f"{len(found)} complaints have it: likely a sample, a screenshot or a form",
                words=(str(len(found)),),
            )
        )
    if any(s.customer and s.customer == mine.customer for s, _b in found):
        out.append(
            Reason(
                rule="files.same_customer",
                zh="同一位客户，可能一批货一起拍照、一张发票开了几件",
                en="the same customer: one photo or invoice may cover several parcels",
            )
        )
    if any(abs(s.at - mine.at) <= _NEAR_DAYS for s, _b in found):
        out.append(
            Reason(
                rule="files.same_day",
                zh="一天之内提出，可能是同一票货分开投诉",
                en="within a day: likely one consignment complained of in parts",
            )
        )
    if any(bits != EXACT for _s, bits in found):
        out.append(
            Reason(
                rule="files.not_exact",
                zh="不是同一个文件，只是看起来很像，请对照两张原图",
                en="not the same file, only alike: compare the originals",
            )
        )
    if any(not s.waybill for s, _b in found) or not mine.waybill:
        out.append(
            Reason(
                rule="files.no_waybill",
                zh="有一件没有运单号，可能说的是同一个包裹",
                en="one of them has no waybill: it may be the same parcel",
            )
        )
    if mine.incident and any(s.incident == mine.incident for s, _b in found):
        out.append(
            Reason(
                rule="files.incident",
                zh="属于同一个事件，可能转发了同一张现场照片",
                en="of one incident: they may have passed on the same picture of it",
            )
        )
    return tuple(out)
