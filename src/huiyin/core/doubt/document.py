"""What a document says, whatever its bytes: a copy that was saved anew has the same fingerprint."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
import zlib
from collections.abc import Iterator

MOST_BYTES = 20_000_000
"""Larger documents, packed or unpacked, are known by their bytes alone."""
MOST_PARTS = 2_000
LEAST = 40
"""A document with less in it is too little to tell it from others, bytes."""
_STREAM = re.compile(rb"(<<[^\x00]{0,2000}?>>)\s*stream\r?\n", re.DOTALL)
_ASIDE = re.compile(rb"/Type\s*/(?:Metadata|XRef|ObjStm)\b")
_TAG = re.compile(rb"<[^>]*>")
_NOT_SAID = re.compile(
    r"(?:^|/)(?:docProps/|_rels/|\[Content_Types\]|OFD\.xml$|META-INF/|meta\.xml$)"
)
"""Parts of a packed document that tell of its making, not of its content."""


def document_of(*, content: bytes) -> str:
    """Return 16 hexadecimal digits for what a document says, empty where that cannot be told.

    PDF: its streams without those about itself; docx, xlsx, odt and ofd: their parts without
    properties; text: its words. Never raises: what customers send may be anything.
    """
    if len(content) > MOST_BYTES:
        return ""
    try:
        if content[:1024].lstrip().startswith(b"%PDF"):
            parts = sorted(_pdf(content))
        elif content[:2] == b"PK":
            parts = sorted(_packed(content))
        elif b"\x00" in content[:4096]:
            return ""
        else:
            parts = [b" ".join(content.split())]
    except Exception:
        # Readers of foreign files raise what they like.
        return ""
    if sum(len(part) for part in parts) < LEAST:
        return ""
    whole = hashlib.sha256()
    for part in parts:
        whole.update(hashlib.sha256(part).digest())
    return whole.hexdigest()[:16]


def _pdf(content: bytes) -> Iterator[bytes]:
    left = MOST_BYTES
    for number, found in enumerate(_STREAM.finditer(content)):
        head, start = found[1], found.end()
        end = content.find(b"endstream", start)
        if _ASIDE.search(head) or end < 0 or number >= MOST_PARTS:
            continue
        data = content[start:end]
        if b"/FlateDecode" in head:
            data = zlib.decompressobj().decompress(data, left)
        left -= len(data)
        if left <= 0:
            raise ValueError("too large")
        yield data.strip()


def _packed(content: bytes) -> Iterator[bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as box:
        entries = box.infolist()
        if len(entries) > MOST_PARTS or sum(e.file_size for e in entries) > MOST_BYTES:
            raise ValueError("too large")
        for entry in entries:
            if entry.is_dir() or _NOT_SAID.search(entry.filename):
                continue
            data = box.read(entry)
            if entry.filename.endswith(".xml"):
                data = b" ".join(_TAG.sub(b" ", data).split())
            if data:
                yield data
