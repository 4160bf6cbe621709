"""The customer's new words, parted from what his mail program quoted and signed.

The forms are those that mail programs used in China write: QQ mail, NetEase, Foxmail, Alibaba,
Outlook, Apple Mail, Gmail, Thunderbird, phones. Parcel senders and recipients are written
"发件人：… 收件人：…" too, so such lines count as a mail's header only with its time or subject.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_LONGEST_HEAD = 400
_RULE = re.compile(
    r"^\s*[-=_—－*]{2,}\s*(?P<what>"
    r"(?:回复的)?(?:原始邮件|原邮件|原始信件|原始郵件|原始信息|原始訊息)(?:信息)?|回复的邮件"
    r"|original(?: message| mail| appointment)?|reply message|replied message"
    r"|(?P<forward>转发(?:的)?(?:邮件|邮件信息|信息|信件)?|轉寄(?:的)?(?:郵件|訊息)?"
    r"|forwarded (?:message|mail)(?: from .{1,80})?)"
    r")\s*[-=_—－*]{2,}\s*$",
    re.IGNORECASE,
)
_BEGIN_FORWARD = re.compile(
    r"^\s*(?:begin forwarded message|下面是被转发的邮件|以下是转发的邮件|轉寄郵件開頭"
    r"|開始轉寄郵件)\s*[:：]\s*$",
    re.IGNORECASE,
)
_WROTE_START = re.compile(
    r"^\s*(?:(?:on|at|le|am|el|il)\s|在\s?|于\s?|於\s?|\d{4}\s?[-/年.]|[^\s>].{0,100}(?:于|於)\s?\d{4})",
    re.IGNORECASE,
)
_WROTE_END = re.compile(
    r"(?:\bwrote|写道|写到|寫道|寫了|\bschrieb(?: .{1,80})?|a écrit|escribió|のメール)\s*[:：]\s*$",
    re.IGNORECASE,
)
_TIME_OR_ADDRESS = re.compile(
    r"\d{1,4}\s?[-/年.]\s?\d{1,2}|\d{1,2}[:：]\d{2}|[\w.+-]+@[\w-]+\.[\w.-]+|\b\d{4}\b"
)
_FIELD = re.compile(
    r"^\s*[*_]{0,2}\s*(?P<name>"
    r"发\s*件\s*人|寄件者|寄件人|發件人|from|差出人"
    r"|(?P<time>发送时间|发送日期|发件日期|时\s*间|日\s*期|寄件日期|寄件時間|傳送時間|sent|date)"
    r"|(?P<subject>主\s*题|标\s*题|主\s*旨|subject)"
    r"|收\s*件\s*人|收件者|抄\s*送|副\s*本|密\s*送|to|cc|bcc|reply-to|回复"
    r")\s*[*_]{0,2}\s*[:：]\s*[*_]{0,2}(?P<value>.*)$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\s*[*_]{0,2}\s*(?:发\s*件\s*人|寄件者|寄件人|發件人|from|差出人)\s*[*_]{0,2}\s*[:：]", re.I
)
_CLOCK = re.compile(r"\d{1,2}\s*[:：时點点]\s*\d{1,2}")
_PARCEL = re.compile(r"(?:地\s*址|电\s*话|手\s*机|运\s*单|单\s*号|物\s*品|重\s*量)[^:：]{0,6}[:：]")
_DRAWN = re.compile(r"[-_—]{8,}")
_SIGNATURE_RULE = re.compile(r"^--$")
_MOST_SIGNED_LINES = 12
_DEVICE = (
    r".{0,20}(?:iphone|ipad|mac|手机|手機|安卓|android|华为|huawei|小米|红米|redmi|oppo|vivo|三星|galaxy"
    r"|荣耀|honor|魅族|一加|realme|诺基亚|平板|pad|windows|电脑|設備|设备|邮箱|客户端|outlook|qq|foxmail)"
    r".{0,15}"
)
_CLIENT = re.compile(
    r"(?:"
    rf"(?:发自|發自|來自|来自|傳送自)\s*我的{_DEVICE}"
    rf"|(?:从|從|由)\s*我的{_DEVICE}(?:发送|傳送|寄出|发出)"
    r"|(?:发自|发送自)\s?(?:QQ|网易|新浪|搜狐|139|189|阿里|华为|小米|OPPO|vivo|三星|荣耀|魅族"
    r"|Windows|iPhone|iPad|Mac|安卓|Android|Foxmail|Outlook|手机|移动).{0,24}"
    r"|(?:本邮件|此邮件)?(?:从|由|通过|使用).{0,10}(?:手机|客户端|邮箱)(?:发出|发送|寄出)"
    r"|(?:签名由|来自|由)\s*网易(?:邮箱)?大师.{0,12}|网易邮箱大师"
    r"|sent (?:from|via|with) "
    r"(?:my |yahoo|mail |outlook|samsung|huawei|xiaomi|proton|spark|gmail).{0,60}"
    r"|get outlook for .{1,20}|(?:获取|下载|取得)\s?outlook.{0,40}"
    r"|envoyé de mon .{1,20}|von meinem .{1,20} gesendet|iPhoneから送信"
    r")\s*[。.]?\s*(?:\(https?://\S+\))?",
    re.IGNORECASE,
)
_LONGEST_CLIENT = 120
_DISCLAIMER = re.compile(
    r"[\[【*（(]?\s*(?:"
    r"(?:免责声明|保密(?:声明|提示|通知)|法律声明)\s*[\]】*）)]?\s*[:：]"
    r"|(?:重要(?:提示|声明)|郑重声明).{0,120}(?:本邮件|此邮件|电子邮件|本信件)"
    r"|本(?:电子)?邮件(?:及|和|（|\(|中|所|包|可能|仅|的内容).{0,40}(?:保密|机密|附件|收件人|特定)"
    r"|(?:this|the information (?:contained )?in this) (?:e-?mail|message)\b.{0,80}"
    r"(?:confidential|privileged|intended)"
    r"|(?:confidentiality notice|disclaimer)\b"
    r")",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[。！？!?]")


@dataclass(frozen=True, slots=True)
class Parted:
    """A mail's text in two: ``new`` is the writer's own, ``quoted`` all the rest, in order.

    ``forwarded`` tells that the rest was passed on for reading, not answered.
    """

    new: str
    quoted: str
    forwarded: bool = False


def part(*, text: str) -> Parted:
    """Part new words from quotes, signatures and disclaimers. No word is lost.

    When nothing would be left, everything counts as new.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    mail = _Lines(lines)
    own = [True] * len(lines)
    forwarded = said = False
    at = 0
    while at < len(lines):
        end = at + 1
        mine = True
        if _is_quoted(lines[at]) or mail.names_client(at):
            mine = False
        elif (head := mail.head(at)) is not None:
            forwarded = forwarded or head.forward
            mine = False
            end = mail.end_of_angles(at + head.length)
        elif said and mail.closes(at):
            mine = False
            end = mail.next_head(at + 1)
        else:
            said = said or bool(mail.short[at])
        own[at:end] = [mine] * (end - at)
        at = end
    new = _tidy([x for x, mine in zip(lines, own, strict=True) if mine])
    if not new:
        return Parted(new=text.strip(), quoted="")
    quoted = _tidy([x for x, mine in zip(lines, own, strict=True) if not mine])
    return Parted(new=new, quoted=quoted, forwarded=forwarded)


def _tidy(lines: list[str]) -> str:
    text = "\n".join(x for x in lines if not re.fullmatch(r"\s*\|[\s|]*", x))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def _is_quoted(line: str) -> bool:
    return line.startswith((">", "&gt;", " >"))


@dataclass(frozen=True, slots=True)
class _Head:
    """The head of a quote: how many lines, and whether it was passed on."""

    length: int
    forward: bool = False


class _Lines:
    """The lines of a mail; what begins at a line is found out once."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.short = [line.strip() if len(line) <= _LONGEST_HEAD else "#" for line in lines]
        """Lines without blanks around them; a line too long for a head is only a mark."""
        self._heads: dict[int, _Head | None] = {}
        self._next = len(lines) + 1

    def head(self, at: int) -> _Head | None:
        """Return the quote's head that begins here."""
        if at not in self._heads:
            self._heads[at] = self._find_head(at) if self.short[at] else None
        return self._heads[at]

    def _find_head(self, at: int) -> _Head | None:
        line = self.short[at]
        rule = _RULE.match(line)
        if rule:
            return _Head(1, rule["forward"] is not None)
        if _BEGIN_FORWARD.match(line):
            return _Head(1, forward=True)
        if _DRAWN.fullmatch(line):
            after = self._skip_blank(at + 1, most=4)
            return _Head(1) if self._is_mail_header(after) else None
        if self._is_mail_header(at):
            return _Head(1)
        return self._wrote(at)

    def _wrote(self, at: int) -> _Head | None:
        """Recognise "On … wrote:", also broken over several lines by the mail program."""
        if not _WROTE_START.match(self.short[at]):
            return None
        joined = ""
        for number in range(at, min(at + 4, len(self.short))):
            line = self.short[number]
            if not line and number > at:
                return None
            joined = f"{joined} {line}"
            if len(joined) > _LONGEST_HEAD:
                return None
            if _WROTE_END.search(joined):
                return _Head(number - at + 1) if _TIME_OR_ADDRESS.search(joined) else None
        return None

    def _is_mail_header(self, at: int) -> bool:
        if at >= len(self.short) or not _FROM.match(self.short[at]):
            return False
        told = others = 0
        for line in self.short[at + 1 : at + 9]:
            if not line:
                continue
            field = _FIELD.match(line)
            if field is None:
                if _PARCEL.search(line[:60]):
                    return False
                if told or others:
                    break
                continue
            others += 1
            if field["subject"] or (field["time"] and _CLOCK.search(field["value"])):
                told += 1
        return told > 0

    def _skip_blank(self, at: int, *, most: int) -> int:
        last = min(at + most, len(self.short))
        while at < last and not self.short[at]:
            at += 1
        return at

    def end_of_angles(self, at: int) -> int:
        """Return where a quote marked by ">" ends; one that is not marked runs to the end.

        People who answer below the quote write there.
        """
        start = self._skip_blank(at, most=len(self.short))
        if start >= len(self.lines) or not _is_quoted(self.lines[start]):
            return len(self.lines)
        end = start
        for number in range(start, len(self.lines)):
            if _is_quoted(self.lines[number]):
                end = number + 1
            elif self.short[number]:
                break
        return end

    def names_client(self, at: int) -> bool:
        """Whether the mail program named itself here."""
        line = self.short[at]
        return len(line) <= _LONGEST_CLIENT and _CLIENT.fullmatch(line) is not None

    def closes(self, at: int) -> bool:
        """Whether a signature or a disclaimer begins here."""
        if _SIGNATURE_RULE.match(self.short[at]):
            return self._signs(at)
        return _DISCLAIMER.match(self.short[at]) is not None

    def _signs(self, at: int) -> bool:
        """Whether a signature follows "--": few lines, and no sentences unless "-- " says so.

        People draw such lines between paragraphs, too.
        """
        end = self.next_head(at + 1)
        if end - at > 4 * _MOST_SIGNED_LINES:
            return False
        rest = [line for line in self.short[at + 1 : end] if line]
        drawn = self.lines[at] != "-- " and any(_SENTENCE.search(line) for line in rest)
        return len(rest) <= _MOST_SIGNED_LINES and not drawn

    def next_head(self, at: int) -> int:
        """Return the first line from here on that is quoted or begins a quote."""
        if not at <= self._next <= len(self.lines):
            self._next = next(
                (
                    number
                    for number in range(at, len(self.lines))
                    if _is_quoted(self.lines[number]) or self.head(number) is not None
                ),
                len(self.lines),
            )
        return self._next
