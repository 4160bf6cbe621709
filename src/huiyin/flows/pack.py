"""Pack: one file with the summary, the originals, their hashes and the chain of events."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from huiyin.core.access import may
from huiyin.core.evidence import pack as core
from huiyin.flows.facts import thing_of
from huiyin.store import files
from huiyin.store.ledger import Pen
from huiyin.store.read import packing
from huiyin.store.read.packing import PackContents
from huiyin.store.read.viewer import Viewer


class CannotPack(ValueError):
    """The pack cannot be made; ``zh`` and ``en`` say why."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


@dataclass(frozen=True, slots=True)
class Packed:
    """A pack as made: its bytes, their hash, and that of its manifest."""

    number: str
    content: bytes
    sha256: str
    manifest_sha256: str


def make(
    *,
    pen: Pen,
    complaint_id: UUID,
    viewer: Viewer,
    reason: str,
    summary: Callable[[PackContents], bytes],
) -> Packed:
    """Make the pack of a complaint as it stands; ``summary`` prints its first paper.

    The pack holds personal data unmasked: making it is recorded as looking at it, with the reason
    and the pack's hash, so that a copy can be compared with the ledger later. Raises CannotPack,
    PermissionError, CannotSee.
    """
    case = pen.case(id=complaint_id)
    allowed = may(actor=viewer.actor, action="pack", thing=thing_of(case=case))
    if not allowed:
        raise PermissionError(allowed.zh)
    said = " ".join(reason.replace("\x00", "").split())[:300]
    if not said:
        raise CannotPack(zh="请写明证据包给谁、做什么用", en="say what the pack is for")
    whole = packing.contents(viewer=viewer, complaint_id=case.id, now=pen.now, reason=said)
    entries: dict[str, bytes] = {}
    for one in whole.originals:
        try:
            entries[one.path] = files.fetch(sha256=one.sha256)
        except files.CannotFindFile as error:
            raise CannotPack(
                zh=f"原件“{one.name}”在数据目录里找不到，请先从备份恢复",
                en=f"the original {one.name!r} is not in the data directory: restore it first",
            ) from error
    entries[core.EVENTS] = core.events_text(events=whole.events)
    entries[core.SUMMARY] = summary(whole)
    content = core.write(manifest=whole.manifest, files=entries)
    checked = core.check(content=content)
    if not checked.ok:
        fault = checked.faults[0]
        raise CannotPack(
            zh=f"核对没有通过：{fault.file} {fault.zh}", en=f"{fault.file}: {fault.en}"
        )
    packed = Packed(
        number=case.number,
        content=content,
        sha256=core.sha256(content=content),
        manifest_sha256=checked.manifest_sha256,
    )
    pen.record(case=case, kind="Revealed", data={"field": "pack"})
    pen.record(
        case=case,
        kind="PackMade",
        data={
            "sha256": packed.sha256,
            "manifest": packed.manifest_sha256,
            "size": len(content),
            "files": checked.files,
            "reason": said,
        },
    )
    return packed
