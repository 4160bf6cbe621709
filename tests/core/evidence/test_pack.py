"""Packs prove themselves: every change, gap and trick is named."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from huiyin.core.chain import canonical, link
from huiyin.core.evidence import pack

pytestmark = pytest.mark.thorough

COMPLAINT = UUID("019ab000-0000-7000-8000-000000000001")
PHOTO, WORDS = b"\x89PNG not really", "外包装完好".encode()


def chain(*steps: tuple[str, dict[str, Any]]) -> list[dict[str, Any]]:
    before, out = "", []
    for seq, (kind, data) in enumerate(steps, start=1):
        at = datetime(2026, 11, 3, 2, 0, tzinfo=UTC) + timedelta(minutes=seq)
        text = canonical(value=data)
        digest = link(
            before=before, complaint_id=COMPLAINT, seq=seq, kind=kind, at=at, actor="user:1",
            data=text, because="[]", playbook_version="v1",
        )  # fmt: skip
        out.append(
            {"seq": seq, "kind": kind, "at": at.isoformat(), "actor": "user:1", "data": text,
             "because": "[]", "playbook_version": "v1", "hash": digest}
        )  # fmt: skip
        before = digest
    return out


def parts() -> tuple[dict[str, Any], dict[str, bytes]]:
    photo, words = (pack.sha256(content=c) for c in (PHOTO, WORDS))
    events = chain(
        ("ComplaintOpened", {}),
        ("EvidenceAdded", {"evidence": "a1", "sha256": photo}),
        ("CollaborationAnswered", {"files": [["说明.txt", words]]}),
    )
    names = {
        pack.original_name(position=1, digest=photo, name="外箱.PNG"): PHOTO,
        pack.original_name(position=2, digest=words, name="说明.txt"): WORDS,
    }
    manifest = {
        "number": "HY20261103-000001",
        "complaint": COMPLAINT.hex,
        "made_at": "2026-11-03T10:00:00+08:00",
        "chain": {"seq": 3, "hash": events[-1]["hash"]},
        "evidence": [{"id": "a1", "path": next(iter(names)), "sha256": photo}],
    }
    files = {pack.SUMMARY: b"%PDF", pack.EVENTS: pack.events_text(events=events), **names}
    return manifest, files


def whole() -> bytes:
    manifest, files = parts()
    return pack.write(manifest=manifest, files=files)


def entries(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {n: archive.read(n) for n in archive.namelist()}


def again(files: dict[str, bytes], **how: Any) -> bytes:
    """Return a zip of files as any other program writes it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", **how) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content)
    return out.getvalue()


def kinds(content: bytes) -> set[tuple[str, str]]:
    return {(f.kind, f.file) for f in pack.check(content=content).faults}


def test_a_whole_pack_is_whole_and_equal_content_gives_equal_bytes() -> None:
    found = pack.check(content=whole())
    assert found.ok and found.number == "HY20261103-000001"
    assert (found.files, found.events) == (5, 3)
    assert found.manifest_sha256 == pack.sha256(content=entries(whole())[pack.MANIFEST])
    manifest, files = parts()
    other = pack.write(
        manifest=dict(reversed(manifest.items())), files=dict(reversed(files.items()))
    )
    assert other == whole()


@pytest.mark.parametrize("name", sorted(entries(whole())))
def test_each_file_altered_missing_or_extra_is_named(name: str) -> None:
    files = entries(whole())
    altered = again({**files, name: files[name] + b" "})
    assert any(f == name or name == pack.MANIFEST for _k, f in kinds(altered))
    assert not pack.check(content=altered).ok
    missing = again({n: c for n, c in files.items() if n != name})
    assert ("missing", name) in kinds(missing)
    extra = again({**files, "originals/9999-aaaaaaaaaaaa.txt": b"slipped in"})
    assert ("extra", "originals/9999-aaaaaaaaaaaa.txt") in kinds(extra)


def test_a_changed_event_is_seen_even_when_the_manifest_agrees() -> None:
    manifest, files = parts()
    lines = [orjson.loads(x) for x in files[pack.EVENTS].splitlines()]
    for n in range(3):
        bent = [dict(x) for x in lines]
        bent[n]["actor"] = "user:2"
        files[pack.EVENTS] = pack.events_text(events=bent)
        found = pack.check(content=pack.write(manifest=manifest, files=files)).faults
        assert [f.kind for f in found] == ["chain"] and f"event {n + 1} " in found[0].en
    for gone in range(3):
        files[pack.EVENTS] = pack.events_text(events=lines[:gone] + lines[gone + 1 :])
        assert any(
            f.kind == "chain"
            for f in pack.check(content=pack.write(manifest=manifest, files=files)).faults
        )


def test_an_original_that_the_chain_names_cannot_be_left_out_with_the_manifest() -> None:
    for path, content in parts()[1].items():
        if not path.startswith("originals/"):
            continue
        manifest, files = parts()
        del files[path]
        manifest["evidence"] = [e for e in manifest["evidence"] if e["path"] != path]
        found = pack.check(content=pack.write(manifest=manifest, files=files)).faults
        assert [f.kind for f in found] == ["incomplete"]
        assert pack.sha256(content=content)[:12] in found[0].file


def test_a_piece_that_no_event_records_is_named() -> None:
    manifest, files = parts()
    digest = pack.sha256(content=b"forged")
    path = pack.original_name(position=3, digest=digest, name="x.txt")
    files[path] = b"forged"
    manifest["evidence"].append({"id": "b2", "path": path, "sha256": digest})
    found = pack.check(content=pack.write(manifest=manifest, files=files)).faults
    assert [(f.kind, f.file) for f in found] == [("chain", path)]


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd", "/etc/passwd", "..\\x", "a\\b", "C:x", "originals/../../x", "a\nb"],
)
def test_unsafe_names_are_refused_before_anything_is_read(name: str) -> None:
    found = pack.check(content=again({**entries(whole()), name: b"x"}))
    assert {f.kind for f in found.faults} == {"refused"} and found.events == 0


def test_bombs_duplicates_links_and_passwords_are_refused() -> None:
    files = entries(whole())
    bomb = again({**files, "originals/0009-aaaaaaaaaaaa.txt": b"0" * 10**7},
                 compression=zipfile.ZIP_DEFLATED)  # fmt: skip
    squeezed = io.BytesIO()
    with zipfile.ZipFile(squeezed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n, c in files.items():
            archive.writestr(n, c, zipfile.ZIP_DEFLATED)
    twice = io.BytesIO()
    with zipfile.ZipFile(twice, "w") as archive, pytest.warns(UserWarning):
        for n, c in (*files.items(), (pack.SUMMARY, b"other")):
            archive.writestr(n, c)
    link_entry = zipfile.ZipInfo("originals/0009-aaaaaaaaaaaa")
    link_entry.create_system, link_entry.external_attr = 3, 0o120777 << 16
    linked = io.BytesIO()
    with zipfile.ZipFile(linked, "w") as archive:
        archive.writestr(link_entry, "/etc/passwd")
    many = again({f"originals/{n:05d}": b"" for n in range(pack.MOST_ENTRIES + 1)})
    assert not pack.check(content=bomb).ok
    for content in (squeezed.getvalue(), twice.getvalue(), linked.getvalue(), many):
        assert {f.kind for f in pack.check(content=content).faults} == {"refused"}


def test_entries_that_share_bytes_unpack_to_more_than_the_file_and_are_refused() -> None:
    """A bomb without compression: many names in the directory for the same bytes."""
    one = again({"originals/0001-aaaaaaaaaaaa": b"0" * 1000})
    at = one.index(b"PK\x01\x02")
    record = one[at : one.index(b"PK\x05\x06")]
    records = b"".join(record.replace(b"0001-", f"{n:04d}-".encode()) for n in range(1, 200))
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 199, 199, len(records), at, 0)
    found = pack.check(content=one[:at] + records + end)
    assert {f.kind for f in found.faults} <= {"refused", "missing"} and not found.ok


@pytest.mark.parametrize(
    "bend",
    [
        lambda c: b"",
        lambda c: c[: len(c) // 2],
        lambda c: c + b"more",
        lambda c: b"#!/bin/sh\n" + c,
        lambda c: b"PK\x05\x06" + b"\0" * 18,
        lambda c: again({}),
        lambda c: again({pack.MANIFEST: b"[]"}),
        lambda c: again({pack.MANIFEST: b"[" * 100_000}),
        lambda c: again({pack.MANIFEST: b'{"format":"huiyin-evidence-pack/1"}'}),
        lambda c: again({pack.MANIFEST: b'{"format":"huiyin-evidence-pack/2"}'}),
        lambda c: again({**entries(c), pack.EVENTS: b"\xff\xfe{}\n[]"}),
        lambda c: again(dict(reversed(entries(c).items()))),
    ],
)
def test_no_bent_file_is_called_whole(bend: Callable[[bytes], bytes]) -> None:
    found = pack.check(content=bend(whole()))
    assert not found.ok and all(f.zh and f.en for f in found.faults)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, len(whole()) - 1), st.integers(1, 255))
def test_no_single_byte_changes_unseen(position: int, by: int) -> None:
    content = bytearray(whole())
    content[position] = (content[position] + by) % 256
    assert not pack.check(content=bytes(content)).ok
