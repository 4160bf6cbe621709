"""A document saved anew keeps its fingerprint; another document has another."""

from __future__ import annotations

import io
import zipfile
import zlib
from functools import cache

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from huiyin.core.doubt.document import document_of


@cache
def docx(words: str, author: str) -> bytes:
    book = Document()
    book.core_properties.author = author
    book.add_paragraph(words)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def pdf(words: str, made: str, level: int) -> bytes:
    data = zlib.compress(f"BT /F1 12 Tf ({words}) Tj ET".encode(), level)
    about = f"<x:xmpmeta><CreateDate>{made}</CreateDate></x:xmpmeta>".encode()
    return (
        b"%%PDF-1.7\n<< /Filter /FlateDecode /Length %d >>\nstream\n%s\nendstream\nendobj\n"
        b"2 0 obj\n<< /Type /Metadata /Length %d >>\nstream\n%s\nendstream\nendobj\n%%%%EOF"
    ) % (len(data), data, len(about), about)


LONG = "invoice 12345678 one coffee machine, value 680.00 yuan, paid"


def test_a_copy_saved_anew_is_the_same() -> None:
    one, other = pdf(LONG, "2026-11-01", 1), pdf(LONG, "2026-11-20", 9)
    assert one != other
    assert document_of(content=one) == document_of(content=other) != ""
    first, second = docx(LONG, "甲"), docx(LONG, "乙")
    assert first != second
    assert document_of(content=first) == document_of(content=second) != ""
    text = LONG.encode()
    assert document_of(content=text) == document_of(content=text.replace(b" ", b"\r\n"))


def test_another_document_is_another() -> None:
    changed = LONG.replace("680.00", "980.00")
    for make in (lambda w: pdf(w, "2026", 6), lambda w: docx(w, "甲"), lambda w: w.encode()):
        assert document_of(content=make(LONG)) != document_of(content=make(changed))


def test_too_little_or_nothing_known_has_none() -> None:
    assert document_of(content=b"") == ""
    assert document_of(content=b"ok") == ""
    assert document_of(content=b"\x00" * 500) == ""


@pytest.mark.thorough
def test_what_unfolds_without_end_has_none() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr("a.xml", b"0" * 25_000_000)
    assert document_of(content=out.getvalue()) == ""
    bomb = b"%PDF-1.4\n1 0 obj\n<< /Filter /FlateDecode >>\nstream\n" + zlib.compress(
        b"0" * 30_000_000
    )
    assert document_of(content=bomb + b"\nendstream") == ""


@given(st.binary(max_size=300), st.sampled_from([b"", b"%PDF-1.4\n", b"PK\x03\x04"]))
def test_any_bytes_are_survived(content: bytes, head: bytes) -> None:
    print_ = document_of(content=head + content)
    assert print_ == "" or len(print_) == 16


@pytest.mark.parametrize("end", range(40, 400, 40))
def test_a_torn_document_is_survived(end: int) -> None:
    document_of(content=pdf(LONG, "2026", 6)[:end])
    document_of(content=docx(LONG, "甲")[:end])
