"""New words parted from what mail programs add: no word is lost, none of the writer's is hidden."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huiyin.channels.email.quotes import part

OWN = "箱子压扁了，杯子碎了两只，请赔。"
QUOTED = "您好，请补充外包装照片。"

HEADS = {
    "qq": """------------------ 原始邮件 ------------------
发件人: "客服" <care@care.example>;
发送时间: 2026年11月3日(星期二) 上午9:30
收件人: "阿珍"<a@qq.example>;
主题: 答复""",
    "qq, English": """------------------ Original ------------------
From:  "care"<care@care.example>;
Date:  Tue, Nov 3, 2026 09:30 AM
To:  "a"<a@qq.example>;
Subject:  answer""",
    "qq on a phone": """---原始邮件---
发件人: "客服"<care@care.example>
发送时间: 2026年11月3日 上午10:06""",
    "netease": '在 2026-11-03 09:31:07，"回音客服" <care@care.example> 写道：',
    "netease, English": 'At 2026-11-03 09:31:07, "care" <care@care.example> wrote:',
    "netease master": """---- 回复的原邮件 ----
| 发件人 | 回音客服<care@care.example> |
| 日期 | 2026年11月03日 09:31 |""",
    "foxmail": """发件人： 回音客服
发送时间： 2026-11-03 09:40
收件人： 何敏
主题： 答复""",
    "outlook": """________________________________
发件人: 客服 <care@care.example>
发送时间: 2026年11月3日 9:45
收件人: he@corp.example
主题: 答复""",
    "outlook, bold": """**发件人:** 客服 <care@care.example>
**发送时间:** 2026年11月3日 9:45
**主题:** 答复""",
    "outlook, English": """From: Care <care@care.example>
Sent: Tuesday, November 3, 2026 9:50 AM
To: Dana <dana@shop.example>
Subject: RE: answer""",
    "outlook, old": """-----Original Message-----
From: Care [mailto:care@care.example]
Sent: Tuesday, November 3, 2026 9:50 AM""",
    "apple": "在 2026年11月3日，上午9:55，回音客服 <care@care.example> 写道：",
    "apple, English": "On Nov 3, 2026, at 9:55 AM, Care <care@care.example> wrote:",
    "apple, traditional": "回音客服 <care@care.example> 於 2026年11月3日 上午9:55 寫道：",
    "gmail": "回音客服 <care@care.example> 于2026年11月3日周二 10:02写道：",
    "gmail, broken line": """On Tue, Nov 3, 2026 at 9:58 AM Huiyin Care <care@care.example>
wrote:""",
    "thunderbird": "在 2026/11/3 10:05, 回音客服 写道:",
    "android": """-------- 原始邮件 --------
发件人： 回音客服 <care@care.example>
日期： 2026年11月3日周二 10:06""",
    "samsung": """-------- Original message --------
From: care@care.example
Date: 11/3/26 10:06 (GMT+08:00)""",
    "alibaba": """------------------------------------------------------------------
发件人：回音客服 <care@care.example>
日　期：2026年11月03日 10:08:21
收件人：许可
主　题：答复""",
    "french": "Le mar. 3 nov. 2026 à 10:02, Care <care@care.example> a écrit :",
}

CLIENTS = (
    "发自我的 iPhone",
    "发自我的华为手机",
    "来自我的小米手机",
    "从我的手机发送",
    "从我的 Windows 10 版邮件发送",
    "发自QQ邮箱",
    "发自网易邮箱大师",
    "Sent from my iPad",
    "Sent from Outlook for Android",
    "Get Outlook for iOS",
    "获取 Outlook for iOS",
    "签名由 网易邮箱大师 定制",
)

NO_CLIENTS = (
    "从我的账户里扣了两次运费",
    "从我的手机上看显示已签收，实际没有收到",
    "从移动营业厅寄出的件丢了",
    "由我的邻居代收，他没有给我",
    "他用手机发送短信骂人",
    "来自我的店铺的三个件都丢了",
    "发自我的店铺的三个件都丢了",
)


@pytest.mark.parametrize("name", HEADS)
def test_the_quote_of_a_mail_program_is_parted(name: str) -> None:
    parted = part(text=f"{OWN}\n\n{HEADS[name]}\n\n{QUOTED}\n")
    assert parted.new == OWN
    assert QUOTED in parted.quoted
    assert not parted.forwarded


@pytest.mark.parametrize("name", HEADS)
def test_a_head_without_own_words_loses_nothing(name: str) -> None:
    parted = part(text=f"{HEADS[name]}\n\n{QUOTED}\n")
    assert QUOTED in parted.new
    assert parted.quoted == ""


@pytest.mark.parametrize("line", CLIENTS)
def test_the_name_of_a_mail_program_is_parted(line: str) -> None:
    parted = part(text=f"{OWN}\n\n{line}\n")
    assert (parted.new, parted.quoted) == (OWN, line)


@pytest.mark.parametrize("line", NO_CLIENTS)
def test_a_sentence_that_begins_like_one_stays(line: str) -> None:
    assert part(text=f"{OWN}\n{line}\n").new == f"{OWN}\n{line}"


def test_words_below_an_angled_quote_are_own() -> None:
    parted = part(text=f"{HEADS['gmail']}\n> {QUOTED}\n\n{OWN}\n")
    assert parted.new == OWN
    assert QUOTED in parted.quoted


def test_a_signature_is_parted_and_a_drawn_line_is_not() -> None:
    assert part(text=f"{OWN}\n-- \n罗小姐\n白云区 电话 13900001111").new == OWN
    assert part(text=f"{OWN}\n--\n罗小姐\n白云区").new == OWN
    more = f"{OWN}\n--\n还有一件事，快递员态度很差。"
    assert part(text=more).new == more
    long = f"{OWN}\n-- \n" + "\n".join(f"第{n}条" for n in range(20))
    assert part(text=long).new == long


def test_a_disclaimer_is_parted_but_not_a_declaration() -> None:
    disclaimer = "本邮件及其附件可能含有保密信息，仅供收件人使用。"
    assert part(text=f"{OWN}\n\n{disclaimer}").new == OWN
    stern = f"{OWN}\n郑重声明：三天内不赔我就起诉。"
    assert part(text=stern).new == stern


def test_details_of_a_parcel_are_no_mail_header() -> None:
    details = "发件人：周小北\n电话：13900002468\n收件人：周大南\n时间：上周四\n物品：茶叶"
    assert part(text=f"{OWN}\n{details}").new == f"{OWN}\n{details}"
    dated = "发件人：周小北\n收件人：周大南\n日期：11月3日"
    assert part(text=f"{OWN}\n{dated}").new == f"{OWN}\n{dated}"


def test_what_is_passed_on_is_told() -> None:
    for head in ("---------- Forwarded message ---------", "---------- 转发邮件信息 ----------",
                 "Begin forwarded message:", "-------- 转发的邮件 --------"):  # fmt: skip
        parted = part(text=f"{OWN}\n\n{head}\n{QUOTED}")
        assert parted.forwarded
        assert parted.new == OWN


PIECES = st.sampled_from(
    [*HEADS.values(), *CLIENTS, *NO_CLIENTS, OWN, f"> {QUOTED}", "-- ", "--", "", "   ", "|", "| |",
     "本邮件及附件保密", "发件人：", "在 2026", "写道：", "a" * 500]
)  # fmt: skip


@given(st.lists(PIECES, max_size=25).map("\n".join) | st.text(max_size=400))
def test_no_word_is_lost(text: str) -> None:
    parted = part(text=text)
    said = sorted(re.sub(r"[\s|]", "", parted.new + parted.quoted))
    assert said == sorted(re.sub(r"[\s|]", "", text))
    if text.strip(" \n\t\r|"):
        assert parted.new.strip()


HOSTILE = (
    "-- ", "--", "> a", "----------\n", "发件人：张三", "On 2026 a", "免责声明：x", " " * 390 + "x",
    '在 2026-11-03，"x', "a@" * 190, "在" * 390, "从我的" * 30, "_" * 390, "1.1" * 130, "於" * 390,
)  # fmt: skip


@pytest.mark.timeout(30)
@pytest.mark.parametrize("line", HOSTILE)
def test_hostile_lines_are_parted_in_time(line: str) -> None:
    """The limit is far above what is needed; work that grows with the square never ends in it."""
    lines = 200_000 // (len(line) + 1)
    parted = part(text="\n".join([OWN, *[line] * lines]))
    assert parted.new.startswith(OWN)
