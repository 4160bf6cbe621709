"""Doubts: near hashes are found, innocent ones raise nothing, and both sides are told."""

from __future__ import annotations

import io
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from huiyin.core.doubt import (
    OUTCOMES,
    CannotReview,
    Claim,
    Print,
    Seen,
    bands,
    distance,
    many_parcels,
    review,
    same_files,
)
from huiyin.core.doubt.picture import picture_of
from huiyin.core.playbook.incidents import ManyParcels, SamePhoto, SameProof
from huiyin.core.playbook.part import Text

pytestmark = pytest.mark.thorough

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
WHY = {"because": Text(zh="请看", en="look"), "source": "公司设定"}
PHOTO = SamePhoto(days=180, distance=5, common=3, **WHY)
PROOF = SameProof(days=365, common=3, **WHY)
MANY = ManyParcels(parcels=3, days=90, categories=("lost", "damaged"), **WHY)
HASHES = st.integers(0, 2**64 - 1).map(lambda n: f"{n:016x}")


def seen(n: int, **how: Any) -> Seen:
    base = Seen(
        print=Print(sha256=f"{n:064x}", is_picture=True, phash=f"{0xF0F0AAAA5555CC33:016x}"),
        complaint=f"case{n}", number=f"HY-{n}", customer=f"person{n}", waybill=f"SF{n:010d}",
        at=NOW - timedelta(days=n),
    )  # fmt: skip
    return replace(base, **how)


def drawn(*, angle: int = 0, quality: int = 0, size: int = 640, mark: str = "A") -> bytes:
    image = Image.new("RGB", (640, 480), "tan")
    draw = ImageDraw.Draw(image)
    seed = ord(mark)
    for i in range(14):
        x, y = (i * 97 * seed) % 560, (i * 53 * seed) % 400
        draw.rectangle(
            (x, y, x + 40 + i * 7, y + 30 + i * 5), fill=(i * 17 % 256, 90, seed * 3 % 256)
        )
    image = image.rotate(angle, expand=True).resize((size, size * 3 // 4))
    out = io.BytesIO()
    if quality:
        image.save(out, "JPEG", quality=quality)
    else:
        image.save(out, "PNG")
    return out.getvalue()


@given(HASHES, st.sets(st.integers(0, 63), max_size=7))
def test_hashes_up_to_seven_bits_apart_share_a_band(phash: str, flips: set[int]) -> None:
    other = int(phash, 16)
    for bit in flips:
        other ^= 1 << bit
    near = f"{other:016x}"
    assert distance(one=phash, other=near) == len(flips)
    assert set(bands(phash=phash)) & set(bands(phash=near))
    assert len(set(bands(phash=phash))) == 8


def test_a_photo_sent_on_smaller_and_compressed_again_is_known() -> None:
    first = picture_of(content=drawn())
    again = picture_of(content=drawn(quality=40, size=400))
    other = picture_of(content=drawn(mark="Q"))
    assert first and again and other
    assert distance(one=first.phash, other=again.phash) <= 5
    assert distance(one=first.phash, other=other.phash) > 7
    assert first.sides == "640x480"


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%PDF-1.7", drawn()[:300]]
)
def test_what_is_no_picture_has_no_fingerprint(content: bytes) -> None:
    assert picture_of(content=content) is None


def test_an_icon_tells_nothing_and_an_empty_picture_is_plain() -> None:
    out = io.BytesIO()
    Image.new("RGB", (48, 48), "red").save(out, "PNG")
    assert picture_of(content=out.getvalue()) is None
    out = io.BytesIO()
    Image.new("RGB", (300, 300), "white").save(out, "PNG")
    picture = picture_of(content=out.getvalue())
    assert picture is not None and picture.plain


def test_the_same_photo_of_other_people_and_parcels_is_shown_with_both_sides() -> None:
    mine = seen(0)
    found = same_files(mine=mine, others=[seen(1)], rule=PHOTO)
    assert found is not None
    assert (found.rule, found.others) == ("same_photo", ("case1",))
    assert [r.rule for r in found.speaks_for] == [
        "same_photo", "same_photo.seen", "same_photo.people",
    ]  # fmt: skip
    assert "files.not_exact" in {r.rule for r in found.speaks_against}
    assert all(r.zh and r.en for r in (*found.speaks_for, *found.speaks_against))


@pytest.mark.parametrize(
    "other",
    [
        seen(1, waybill="SF0000000000"),
        seen(1, complaint="case0"),
        seen(1, at=NOW - timedelta(days=181)),
        seen(1, at=NOW + timedelta(days=1)),
        seen(1, print=Print("x", True, "0123456789abcdef")),
        seen(1, print=Print("x", True, "")),
        seen(1, print=Print("x", True, f"{0xF0F0AAAA5555CC33:016x}", plain=True)),
    ],
)
def test_what_is_innocent_raises_nothing(other: Seen) -> None:
    assert same_files(mine=seen(0), others=[other], rule=PHOTO) is None


def test_one_person_without_waybill_who_sends_his_photo_again_raises_nothing() -> None:
    mine = seen(0, waybill="", customer="person9")
    assert (
        same_files(mine=mine, others=[seen(1, waybill="", customer="person9")], rule=PHOTO) is None
    )


def test_a_picture_that_many_send_speaks_against_itself() -> None:
    found = same_files(mine=seen(0), others=[seen(n) for n in range(1, 5)], rule=PHOTO)
    assert found is not None
    assert "files.common" in {r.rule for r in found.speaks_against}


def test_documents_are_the_same_byte_for_byte_only() -> None:
    one = Print("a" * 64, False)
    mine = seen(0, print=one)
    assert same_files(mine=mine, others=[seen(1, print=Print("b" * 64, False))], rule=PROOF) is None
    found = same_files(mine=mine, others=[seen(1, print=one)], rule=PROOF)
    assert found is not None and found.rule == "same_proof"


def claims(count: int, **how: Any) -> list[Claim]:
    return [
        Claim(
            **{
                "complaint": f"case{n}", "number": f"HY-{n}", "waybill": f"SF{n:010d}",
                "category": "lost", "at": NOW - timedelta(days=n), **how,
            }
        )
        for n in range(count)
    ]  # fmt: skip


def parcels(given: list[Claim]) -> Any:
    return many_parcels(customer="p", complaint="case0", claims=given, rule=MANY, now=NOW)


def test_many_parcels_are_counted_within_the_window() -> None:
    assert parcels(claims(2)) is None
    found = parcels(claims(3))
    assert found is not None and found.others == ("case1", "case2")
    assert parcels(claims(3, at=NOW - timedelta(days=91))) is None
    assert parcels(claims(5, category="delay")) is None
    assert parcels(claims(5, waybill="SF1234567890")) is None, "one parcel counts once"
    assert parcels(claims(5, incident=True)) is None, "a fire is not his doing"


def test_the_reasons_against_name_our_own_faults() -> None:
    found = parcels(claims(3, verdict="upheld"))
    assert {"many_parcels.upheld", "many_parcels.sender"} <= {r.rule for r in found.speaks_against}
    refuted = parcels(claims(3, verdict="not_upheld"))
    assert "many_parcels.refuted" in {r.rule for r in refuted.speaks_for}


def test_the_same_person_is_raised_again_only_when_it_doubled() -> None:
    keys = [parcels(claims(n)).key for n in range(3, 13)]
    assert len(set(keys)) == 3, "at 3, 6 and 12 parcels"


@pytest.mark.parametrize("outcome", list(OUTCOMES))
def test_a_review_is_made_once_and_its_event_tells_nothing_of_it(outcome: str) -> None:
    reason = review(state="open", outcome=outcome, words="对照了两张原图和运单")
    assert outcome not in reason.zh + reason.en
    assert OUTCOMES[outcome][0] not in reason.zh
    with pytest.raises(CannotReview):
        review(state="reviewed", outcome=outcome, words="对照了两张原图")


def test_founded_needs_its_grounds() -> None:
    with pytest.raises(CannotReview, match="rests"):
        review(state="open", outcome="founded", words=" ")
    with pytest.raises(CannotReview):
        review(state="open", outcome="guilty", words="对照了两张原图")
    review(state="open", outcome="false_alarm", words="")
