"""Personal data in free words."""

from __future__ import annotations

import pytest

from huiyin.core.masking import mask_address, mask_name, mask_text


@pytest.mark.parametrize(
    "said",
    ["13812345678", "138 1234 5678", "138-1234-5678", "+8613812345678", "+86 138 1234 5678"],
)
def test_phones_in_every_spelling(said: str) -> None:
    assert mask_text(text=f"请打{said}谢谢") == "请打138****5678谢谢"


def test_a_waybill_is_no_phone() -> None:
    assert mask_text(text="运单73543280948676") == "运单73543280948676"


def test_id_cards_mails_names_addresses() -> None:
    assert mask_text(text="430102199001011234") == "430102********1234"
    assert mask_text(text="写到 anna@post.example") == "写到 a***@post.example"
    assert mask_name(name="欧阳娜娜") == "欧**"
    assert mask_address(address="湖南省娄底市娄星区涟滨街道12号") == "湖南省娄底市***"
