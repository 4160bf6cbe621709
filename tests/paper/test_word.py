"""A paper becomes a Word file whose text can be read back."""

from __future__ import annotations

from datetime import UTC, datetime
from io import BytesIO

from docx import Document
from PIL import Image

from huiyin.paper import (
    Bar,
    BarPart,
    Facts,
    Heading,
    NewPage,
    Paper,
    Picture,
    Signatures,
    Table,
    Text,
    docx,
)

AT = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def paper(text: str) -> Paper:
    picture = BytesIO()
    Image.new("RGB", (40, 20), "red").save(picture, "PNG")
    return Paper(
        title="关于投诉的答复函", subtitle="复函〔1〕号", at=AT, issuer="示例快递", foot="第一页脚",
        blocks=(
            Heading("一、查明的事实"), Text(text), Text("此复", align="right", tone="strong"),
            Facts((("运单", "SF1234567890123"),)), Table(("谁", "何事"), (("王芳", "核查"),)),
            Table(("空",), (), empty="没有记录"), Bar((BarPart("客服部", 1, "1小时"),)),
            Picture(picture.getvalue(), caption="照片"), NewPage(), Signatures(("经办人",)),
        ),
    )  # fmt: skip


def test_every_block_is_there() -> None:
    read = Document(BytesIO(docx(paper=paper("中转时遗失\n已赔付"))))
    lines = [p.text for p in read.paragraphs]
    for said in ("示例快递", "关于投诉的答复函", "复函〔1〕号", "一、查明的事实", "中转时遗失",
                 "已赔付", "此复", "没有记录", "照片"):  # fmt: skip
        assert said in lines, said
    assert any("经办人" in line for line in lines)
    cells = [c.text for t in read.tables for r in t.rows for c in r.cells]
    assert {"SF1234567890123", "王芳", "客服部", "100%"} <= set(cells)
    assert read.sections[0].footer.paragraphs[0].text == "第一页脚"
    assert (read.core_properties.title, read.core_properties.author) == (
        "关于投诉的答复函", "示例快递",
    )  # fmt: skip


def test_equal_papers_give_equal_bytes_and_control_characters_are_left_out() -> None:
    odd = "不可见\x00\x0b字符"
    assert docx(paper=paper(odd)) == docx(paper=paper(odd))
    read = Document(BytesIO(docx(paper=paper(odd))))
    assert "不可见字符" in [p.text for p in read.paragraphs]
