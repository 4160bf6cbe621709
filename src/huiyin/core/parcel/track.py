"""The track of a parcel, the same whoever tells it: scans in time order and where it stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

STATES: Final[dict[str, tuple[str, str]]] = {
    "waiting": ("待揽收", "Waiting for pick-up"),
    "picked_up": ("已揽收", "Picked up"),
    "moving": ("运输中", "On its way"),
    "forwarded": ("转投", "Forwarded"),
    "delivering": ("派送中", "Out for delivery"),
    "problem": ("异常", "Exception"),
    "customs": ("清关", "Customs"),
    "signed": ("已签收", "Signed for"),
    "refused": ("拒签", "Refused"),
    "returning": ("退回中", "On its way back"),
    "returned": ("退回已签收", "Returned"),
    "unknown": ("暂无轨迹", "No track yet"),
}
"""Code → name; every source's own states become one of these."""
FINAL: Final = frozenset({"signed", "returned"})
SIGNERS: Final[dict[str, tuple[str, str]]] = {
    "person": ("本人签收", "signed in person"),
    "proxy": ("他人代收", "taken by somebody else"),
    "locker": ("快递柜", "put into a locker"),
    "station": ("驿站代收点", "left at a station"),
    "unknown": ("签收方式不明", "not said by whom"),
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One line of a track. ``state`` is one of STATES, "" where the source does not say it."""

    at: datetime
    text: str
    state: str = ""
    place: str = ""

    def as_json(self) -> dict[str, str]:
        """Return the scan as it is kept."""
        return {
            "at": self.at.isoformat(), "text": self.text, "state": self.state, "place": self.place
        }  # fmt: skip

    @classmethod
    def from_json(cls, *, data: dict[str, Any]) -> Scan:
        """Rebuild a kept scan."""
        return cls(
            at=datetime.fromisoformat(str(data["at"])),
            text=str(data["text"]),
            state=str(data.get("state", "")),
            place=str(data.get("place", "")),
        )


@dataclass(frozen=True, slots=True)
class Track:
    """What one source tells of a parcel. ``facts`` are further facts of the playbook it knows.

    ``promised_at`` is by when it was to be delivered, ``phone`` and ``name`` are the consignee's,
    where the source knows that.
    """

    waybill: str
    scans: tuple[Scan, ...]
    state: str = "unknown"
    carrier: str = ""
    signed_by: str = ""
    promised_at: datetime | None = None
    phone: str = ""
    name: str = ""
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def last(self) -> Scan | None:
        """The latest scan."""
        return self.scans[-1] if self.scans else None

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        return self.state in FINAL

    def as_json(self) -> dict[str, Any]:
        """Return the track as signals carry it."""
        return {
            "waybill": self.waybill,
            "carrier": self.carrier,
            "state": self.state,
            "signed_by": self.signed_by,
            "promised_at": self.promised_at.isoformat() if self.promised_at else "",
            "phone": self.phone,
            "name": self.name,
            "facts": self.facts,
            "scans": [s.as_json() for s in self.scans],
        }

    @classmethod
    def from_json(cls, *, data: dict[str, Any]) -> Track:
        """Rebuild a track. Raises KeyError, ValueError for what is none."""
        state = str(data.get("state") or "unknown")
        signed_by = str(data.get("signed_by") or "")
        if state not in STATES or (signed_by and signed_by not in SIGNERS):
            raise ValueError(f"no track: state {state!r}, signed by {signed_by!r}")
        promised = str(data.get("promised_at") or "")
        return cls(
            waybill=str(data["waybill"]).strip().upper()[:40],
            carrier=str(data.get("carrier") or "")[:20],
            state=state,
            signed_by=signed_by,
            promised_at=datetime.fromisoformat(promised) if promised else None,
            phone=str(data.get("phone") or "")[:40],
            name=str(data.get("name") or "")[:120],
            facts=dict(data.get("facts") or {}),
            scans=joined(known=(), fresh=(Scan.from_json(data=s) for s in data.get("scans", ()))),
        )


def joined(*, known: Iterable[Scan], fresh: Iterable[Scan]) -> tuple[Scan, ...]:
    """Return the scans of two tellings in time order, each once.

    Sources send the whole track or only the newest line, out of order and more than once.
    """
    found: dict[tuple[datetime, str], Scan] = {}
    for scan in (*known, *fresh):
        key = (scan.at, scan.text)
        before = found.get(key)
        if before is None or (scan.state and not before.state):
            found[key] = scan
    return tuple(sorted(found.values(), key=lambda s: s.at))


def merged(*, known: Track | None, fresh: Track) -> Track:
    """Return a track with what another telling adds; the later scan says where it stands."""
    if known is None:
        return _settled(fresh, scans=joined(known=(), fresh=fresh.scans), by=fresh)
    scans = joined(known=known.scans, fresh=fresh.scans)
    old, new = known.last, fresh.last
    later = fresh if old is None or (new is not None and new.at >= old.at) else known
    if later is fresh and fresh.state == "unknown":
        later = known
    return _settled(known, scans=scans, by=later, fresh=fresh)


def _settled(
    base: Track, *, scans: tuple[Scan, ...], by: Track, fresh: Track | None = None
) -> Track:
    new = fresh or base
    return Track(
        waybill=base.waybill,
        scans=scans,
        state=by.state,
        carrier=new.carrier or base.carrier,
        signed_by=by.signed_by if by.state in FINAL else "",
        promised_at=new.promised_at or base.promised_at,
        phone=new.phone or base.phone,
        name=new.name or base.name,
        facts={**base.facts, **new.facts},
    )
