"""The customer's new words, parted from what his mail program quoted and signed."""

from __future__ import annotations

import re

_HEAD = re.compile(
    r"^\s*(?:"
    r"-{2,}\s*(?:原始邮件|回复的原邮件|转发邮件信息|Original(?: Message)?|Forwarded message)"
    r"\s*-{2,}"
    r"|在\s?.{4,80}(?:写道|寫道)\s*[:：]?"
    r"|On\s.{6,120}\swrote:"
    r"|于\s?.{4,80}写道\s*[:：]?"
    r"|(?:发件人|寄件者|寄件人)\s*[:：].*"
    r"|From:\s.+@.+"
    r"|_{10,}"
    r")\s*$",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"^\s*(?:--\s?|发自我的.{1,20}|来自我的.{1,20}|从.{1,12}手机发出|Sent from my .{1,40}"
    r"|获取\s?Outlook.{0,40}|Get Outlook for .{1,20})\s*$",
    re.IGNORECASE,
)
_NAMES_FOLLOW = re.compile(
    r"^\s*(?:发件人|发送时间|收件人|主题|From|Sent|To|Date|Subject)\s*[:：]", re.I
)


def part(*, text: str) -> tuple[str, str]:
    """Return (new words, quoted rest). When nothing would be left, everything counts as new."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    cut = len(lines)
    for number, line in enumerate(lines):
        if len(line) > 400:
            continue
        if _HEAD.match(line):
            named = _NAMES_FOLLOW.match(line)
            if named and not any(_NAMES_FOLLOW.match(x) for x in lines[number + 1 : number + 4]):
                continue
            cut = number
            break
        if _SIGNATURE.match(line) and number > 0:
            cut = number
            break
    fresh = [x for x in lines[:cut] if not x.startswith(">")]
    quoted = [x for x in lines[:cut] if x.startswith(">")] + lines[cut:]
    new = "\n".join(fresh).strip()
    if not new:
        return text.strip(), ""
    return new, "\n".join(quoted).strip()
