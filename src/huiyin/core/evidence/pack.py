"""Evidence packs: one file that holds the papers, the originals and the chain of events.

A pack is a zip without compression whose entries stand in one order with one date, so that equal
content gives equal bytes and any other form of the same content is seen as changed. Checking it
needs nothing but its bytes.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from typing import Any
from uuid import UUID

import orjson

from huiyin.core.chain import link

FORMAT = "huiyin-evidence-pack/1"
MANIFEST, SUMMARY, EVENTS = "manifest.json", "summary.pdf", "events.jsonl"
MOST_ENTRIES = 5000
_ORIGINAL = re.compile(r"originals/[0-9]{4}-[0-9a-f]{12}(\.[a-z0-9]{1,5})?")
_SHA = re.compile(r"[0-9a-f]{64}")
_EPOCH = (1980, 1, 1, 0, 0, 0)
_SAID_AT_MOST = 120
_UNREADABLE = (
    zipfile.BadZipFile, NotImplementedError, RuntimeError, ValueError, OSError, EOFError,
    struct.error,
)  # fmt: skip
"""What zipfile raises over bytes that are no whole archive."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with a pack.

    ``kind``: refused (not read at all), altered, missing, extra, chain or incomplete.
    """

    file: str
    kind: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Checked:
    """What checking a pack found; it is whole when there are no faults."""

    number: str = ""
    made_at: str = ""
    files: int = 0
    events: int = 0
    manifest_sha256: str = ""
    faults: tuple[Fault, ...] = field(default=())

    @property
    def ok(self) -> bool:
        """Tell whether the pack is whole and unchanged."""
        return not self.faults


def sha256(*, content: bytes) -> str:
    """Return the SHA-256 (hex) of bytes."""
    return hashlib.sha256(content).hexdigest()


def original_name(*, position: int, digest: str, name: str) -> str:
    """Return the name of an original in the pack; the given name lives in the manifest only."""
    ending = re.search(r"\.([A-Za-z0-9]{1,5})$", name)
    return f"originals/{position:04d}-{digest[:12]}" + (
        f".{ending.group(1).lower()}" if ending else ""
    )


def events_text(*, events: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the chain as JSON lines, one event each, in the order of the chain."""
    return b"".join(
        orjson.dumps(dict(e), option=orjson.OPT_SORT_KEYS | orjson.OPT_APPEND_NEWLINE)
        for e in events
    )


def write(*, manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> bytes:
    """Return the pack of these files, its manifest completed by their sizes and hashes."""
    whole = {
        **manifest,
        "format": FORMAT,
        "files": [
            {"path": path, "size": len(content), "sha256": sha256(content=content)}
            for path, content in sorted(files.items())
        ],
    }
    text = orjson.dumps(whole, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2)
    return _zip({MANIFEST: text, **files})


def _zip(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    order = sorted(files, key=lambda path: (path != MANIFEST, path))
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for path in order:
            entry = zipfile.ZipInfo(path, _EPOCH)
            entry.create_system = 3
            entry.external_attr = 0o100644 << 16
            archive.writestr(entry, files[path])
    return out.getvalue()


def _fault(file: str, kind: str, zh: str, en: str) -> Fault:
    shown = "".join(c if c.isprintable() else "?" for c in file)[:_SAID_AT_MOST]
    return Fault(file=shown, kind=kind, zh=zh, en=en)


class _Refused(Exception):
    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__()


def _read(content: bytes) -> dict[str, bytes]:
    """Return the entries of a pack. Raises _Refused for what must not be unpacked."""
    broken = _fault("", "refused", "不是完好的 zip 文件", "is not a whole zip file")
    try:
        archive = zipfile.ZipFile(BytesIO(content))
        entries = archive.infolist()
    except _UNREADABLE as error:
        raise _Refused(broken) from error
    found = list(_unsafe(entries, len(content)))
    if found:
        raise _Refused(*found[:50])
    out: dict[str, bytes] = {}
    for entry in entries:
        try:
            out[entry.filename] = archive.read(entry)
        except _UNREADABLE:
            # Damaged: it then differs from the manifest, which names it.
            out[entry.filename] = b""
    return out


def _unsafe(entries: Sequence[zipfile.ZipInfo], size: int) -> Iterator[Fault]:
    """Yield what speaks against reading an archive at all."""
    if len(entries) > MOST_ENTRIES:
        yield _fault(
            "", "refused", f"文件超过 {MOST_ENTRIES} 个", f"more than {MOST_ENTRIES} files"
        )
        return
    seen: set[str] = set()
    total = 0
    for entry in entries:
        name = entry.filename
        parts = name.replace("\\", "/").split("/")
        # orig_filename still holds what zipfile cuts off at a NUL.
        if (
            name != entry.orig_filename
            or not name.isprintable()
            or name.startswith(("/", "\\"))
            or "\\" in name
            or ".." in parts
            or ":" in name
        ):
            yield _fault(entry.orig_filename, "refused", "路径不安全", "unsafe path")
        elif name in seen:
            yield _fault(name, "refused", "同名文件出现两次", "the same name twice")
        elif entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 0x1:
            yield _fault(
                name, "refused", "被压缩或加密过，不是回音写出的形式",
                "is compressed or encrypted: not as Huiyin writes it",
            )  # fmt: skip
        elif (entry.external_attr >> 28) == 0xA:
            yield _fault(name, "refused", "是链接，不是文件", "is a link, not a file")
        seen.add(name)
        total += entry.file_size
    if total > size:
        yield _fault(
            "", "refused", "解开后比文件本身还大", "would unpack to more than the file holds"
        )


def check(*, content: bytes) -> Checked:
    """Check a pack: its form, the manifest's hashes, the chain, and whether all is there."""
    try:
        files = _read(content)
    except _Refused as refused:
        return Checked(faults=refused.faults)
    faults: list[Fault] = []
    if MANIFEST not in files:
        missing = _fault(
            MANIFEST, "missing", "没有清单，无法核对", "no manifest: cannot be checked"
        )
        return Checked(files=len(files), faults=(missing,))
    manifest = _manifest(files[MANIFEST])
    if manifest is None:
        odd = _fault(
            MANIFEST, "altered", "清单读不懂或版本不对", "manifest unreadable or of another format"
        )
        return Checked(files=len(files), faults=(odd,))
    faults += _listed(manifest, files)
    events = _events(files.get(EVENTS, b""))
    if events is None:
        faults.append(_fault(EVENTS, "altered", "事件读不懂", "events are unreadable"))
    else:
        faults += _chained(manifest, events)
        faults += _complete(manifest, events, files)
    if not faults and _zip(files) != content:
        faults.append(
            _fault(
                "",
                "altered",
                "文件之外有多余或改动的字节",
                "bytes outside the files were added or changed",
            )
        )
    return Checked(
        number=str(manifest.get("number", ""))[:_SAID_AT_MOST],
        made_at=str(manifest.get("made_at", ""))[:_SAID_AT_MOST],
        files=len(files),
        events=len(events or ()),
        manifest_sha256=sha256(content=files[MANIFEST]),
        faults=tuple(faults),
    )


def _manifest(content: bytes) -> dict[str, Any] | None:
    try:
        found = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        return None
    files, pieces, chain = (found.get(k) for k in ("files", "evidence", "chain"))
    if not isinstance(files, list) or not isinstance(pieces, list) or not isinstance(chain, dict):
        return None
    if not all(
        isinstance(f, dict)
        and isinstance(f.get("path"), str)
        and isinstance(f.get("size"), int)
        and isinstance(f.get("sha256"), str)
        for f in files
    ):
        return None
    texts = ("path", "sha256", "id")
    if not all(isinstance(p, dict) and all(isinstance(p.get(k), str) for k in texts)
               for p in pieces):  # fmt: skip
        return None
    return found


def _listed(manifest: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[Fault]:
    listed: set[str] = {MANIFEST}
    for one in manifest["files"]:
        path = one["path"]
        if path in listed:
            yield _fault(path, "altered", "清单里列了两次", "is listed twice")
            continue
        listed.add(path)
        content = files.get(path)
        if content is None:
            yield _fault(path, "missing", "清单里有，包里没有", "is listed and not there")
        elif len(content) != one["size"] or sha256(content=content) != one["sha256"]:
            yield _fault(path, "altered", "内容与清单不符", "differs from the manifest")
    for path in (SUMMARY, EVENTS):
        if path not in listed:
            yield _fault(path, "missing", "清单里没有这一份", "is not listed")
    for path in files:
        if path not in listed:
            yield _fault(path, "extra", "清单里没有", "is not in the manifest")
        elif path not in {MANIFEST, SUMMARY, EVENTS} and not _ORIGINAL.fullmatch(path):
            yield _fault(path, "extra", "不是证据包里该有的文件", "does not belong in a pack")


def _events(content: bytes) -> list[dict[str, Any]] | None:
    out: list[dict[str, Any]] = []
    texts = ("kind", "at", "actor", "data", "because", "playbook_version", "hash")
    for line in content.splitlines():
        try:
            event = orjson.loads(line)
        except orjson.JSONDecodeError:
            return None
        if (
            not isinstance(event, dict)
            or not isinstance(event.get("seq"), int)
            or not all(isinstance(event.get(k), str) for k in texts)
        ):
            return None
        out.append(event)
    return out


def _chained(manifest: Mapping[str, Any], events: Sequence[Mapping[str, Any]]) -> Iterator[Fault]:
    chain = manifest["chain"]
    try:
        complaint = UUID(str(manifest.get("complaint")))
    except ValueError:
        yield _fault(MANIFEST, "altered", "清单里没有投诉的标识", "names no complaint")
        return
    before, seq = "", 0
    for event in events:
        if event["seq"] != seq + 1:
            yield _fault(EVENTS, "chain", f"缺少第 {seq + 1} 条事件", f"event {seq + 1} is missing")
        try:
            at = datetime.fromisoformat(event["at"])
            if at.tzinfo is None:
                raise ValueError("a moment without its zone")
            wanted = link(
                before=before, complaint_id=complaint, seq=event["seq"], kind=event["kind"],
                at=at, actor=event["actor"], data=event["data"], because=event["because"],
                playbook_version=event["playbook_version"],
            )  # fmt: skip
        except (ValueError, OverflowError):
            wanted = ""
        if wanted != event["hash"]:
            yield _fault(
                EVENTS, "chain", f"第 {event['seq']} 条事件（{event['kind'][:40]}）被改动",
                f"event {event['seq']} ({event['kind'][:40]}) was changed",
            )  # fmt: skip
        before, seq = event["hash"], event["seq"]
    if (chain.get("seq"), chain.get("hash")) != (seq, before) or not events:
        yield _fault(
            EVENTS, "chain", "事件链的末尾与清单不符", "the chain does not end as the manifest says"
        )


def named_files(*, kind: str, data: str) -> tuple[str, ...]:
    """Return the hashes of files that an event names: a piece added, files of a department."""
    if kind != "EvidenceAdded" and not kind.startswith("Collaboration"):
        return ()
    try:
        found = orjson.loads(data)
    except orjson.JSONDecodeError:
        return ()
    if not isinstance(found, dict):
        return ()
    named = [found.get("sha256")] if kind == "EvidenceAdded" else []
    files = found.get("files")
    for one in files if isinstance(files, list) else ():
        if isinstance(one, list) and len(one) == 2:
            named.append(one[1])
    return tuple(n for n in named if isinstance(n, str) and _SHA.fullmatch(n))


def _complete(
    manifest: Mapping[str, Any],
    events: Sequence[Mapping[str, Any]],
    files: Mapping[str, bytes],
) -> Iterator[Fault]:
    there = {sha256(content=c) for path, c in files.items() if path.startswith("originals/")}
    wanted: dict[str, int] = {}
    added: set[str] = set()
    for event in events:
        for digest in named_files(kind=event["kind"], data=event["data"]):
            wanted.setdefault(digest, event["seq"])
            if event["kind"] == "EvidenceAdded":
                added.add(digest)
    for digest, seq in wanted.items():
        if digest not in there:
            yield _fault(
                f"originals/…-{digest[:12]}", "incomplete",
                f"第 {seq} 条事件记下的原件不在包里",
                f"the original that event {seq} names is not there",
            )  # fmt: skip
    for piece in manifest["evidence"]:
        if piece["sha256"] not in added:
            yield _fault(
                piece["path"], "chain", "事件链里没有登记过这份材料",
                "no event of the chain records this piece",
            )  # fmt: skip
        content = files.get(piece["path"])
        if content is not None and sha256(content=content) != piece["sha256"]:
            yield _fault(
                piece["path"], "altered", "与登记时的指纹不符", "differs from the hash recorded"
            )
