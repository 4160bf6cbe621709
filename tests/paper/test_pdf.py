"""A paper becomes a PDF whose text can be read back."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

import pypdfium2
from PIL import Image

from huiyin.paper import (
    Bar,
    BarPart,
    Block,
    Facts,
    Heading,
    NewPage,
    Paper,
    Picture,
    Signatures,
    Table,
    Text,
    pdf,
)

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def made(*blocks: Block) -> list[str]:
    """Return the text of every page of a paper, spaces left out."""
    paper = Paper(
        title="时间线与责任清单", at=AT, blocks=blocks, issuer="示例快递", foot="HY1 生成"
    )
    document = pypdfium2.PdfDocument(pdf(paper=paper))
    return ["".join(page.get_textpage().get_text_range().split()) for page in document]


def test_every_block_is_printed() -> None:
    picture = BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    pages = made(
        Facts((("运单", "SF1234567890123"), ("情况", "外包装完好而内件破损" * 8))),
        Heading("用时"),
        Bar((BarPart("客服部", 60, "1小时"), BarPart("仓储部", 120, "2小时"))),
        Table(("谁", "做了什么"), (("王芳", "发起协办"),)),
        Table(("谁", "做了什么"), (), empty="没有记录"),
        Text("结论", tone="strong", align="right"),
        Picture(picture.getvalue(), caption="到件照片"),
        NewPage(),
        Signatures(("经办人", "负责人")),
    )
    assert len(pages) == 2
    for said in ("示例快递", "SF1234567890123", "外包装完好", "客服部1小时33%", "仓储部2小时67%",
                 "发起协办", "没有记录", "结论", "到件照片", "HY1生成", "1/2"):  # fmt: skip
        assert said in pages[0], said
    assert "负责人" in pages[1]


def test_what_it_is_and_its_fonts_lie_inside() -> None:
    made = pdf(paper=Paper(title="责任清单", at=AT, blocks=(Text("赟堃"),), issuer="示例快递"))
    about = pypdfium2.PdfDocument(made).get_metadata_dict()
    assert (about["Title"], about["Author"]) == ("责任清单", "示例快递")
    assert made.count(b"/FontFile3") == 2


def test_rare_characters_are_printed_and_unknown_ones_by_number() -> None:
    (text,) = made(Text("堃喆 𠮷野家 😀\u200b"))
    assert "堃喆[U+20BB7]野家[U+1F600]HY1" in text


def test_the_head_of_a_table_is_repeated_on_every_page() -> None:
    rows = tuple((f"第{number}行", "内容" * 60) for number in range(60))
    pages = made(Table(("编号", "说明文字"), rows))
    assert len(pages) > 2
    assert all("说明文字" in page for page in pages)
    assert all(f"第{number}行" in "".join(pages) for number in range(60))


def test_a_row_longer_than_a_page_goes_on_and_ends() -> None:
    pages = made(Table(("编号", "说明文字"), (("甲", "长" * 9000 + "终"),)))
    assert len(pages) > 2
    assert "终" in pages[-1]


def test_equal_papers_give_equal_bytes() -> None:
    paper = Paper(title="清单", at=AT, blocks=(Text("甲"),))
    assert pdf(paper=paper) == pdf(paper=paper)
