"""What an article must be to be kept, and to be published."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from huiyin.core.reply.personal import Own, foreign_data

KINDS: Final[dict[str, tuple[str, str]]] = {
    "article": ("知识", "Article"),
    "script": ("话术", "Script"),
    "policy": ("制度", "Policy"),
}
AUDIENCES: Final[dict[str, tuple[str, str]]] = {
    "agent": ("全体员工", "All staff"),
    "department": ("一个部门", "One department"),
    "customer": ("客户", "Customers"),
}
STATES: Final[dict[str, tuple[str, str]]] = {
    "draft": ("草稿", "Draft"),
    "published": ("已发布", "Published"),
    "archived": ("已停用", "Archived"),
}
LONGEST_TITLE: Final = 120
LONGEST_BODY: Final = 20_000
_BLANK: Final = re.compile(r"_{2,}|＿+|【\s*】")
_KINDS_OF_DATA: Final = {
    "phone": ("电话", "phone number"),
    "id_card": ("证件号", "ID number"),
    "person": ("姓名", "name"),
    "address": ("住址", "address"),
    "mail": ("邮箱", "e-mail address"),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way, at which field, in both languages."""

    field: str
    zh: str
    en: str


class CannotPublish(ValueError):
    """An article may not be kept or published as it is; ``problems`` say why."""

    def __init__(self, *, problems: tuple[Problem, ...]) -> None:
        self.problems = problems
        self.zh = "；".join(p.zh for p in problems)
        self.en = "; ".join(p.en for p in problems)
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as somebody wrote it. ``review_on`` is when it must be looked at again."""

    title: str
    body: str
    kind: str = "article"
    audience: str = "agent"
    department: str = ""
    title_en: str = ""
    body_en: str = ""
    source: str = ""
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    review_on: date | None = None

    def problems(self) -> tuple[Problem, ...]:
        """Return what must be mended before it can be kept at all."""
        return tuple(self._form())

    def _form(self) -> Iterator[Problem]:
        if not self.title.strip():
            yield Problem("title", "请写标题", "give it a title")
        if len(self.title) > LONGEST_TITLE or len(self.title_en) > LONGEST_TITLE:
            yield Problem("title", "标题最多 120 字", "a title has 120 characters at most")
        if not self.body.strip():
            yield Problem("body", "请写正文", "write something")
        if len(self.body) > LONGEST_BODY or len(self.body_en) > LONGEST_BODY:
            yield Problem("body", "正文最多两万字", "a text has 20,000 characters at most")
        if self.kind not in KINDS:
            yield Problem("kind", "未知的种类", "unknown kind")
        if self.audience not in AUDIENCES:
            yield Problem("audience", "未知的读者", "unknown audience")
        if self.audience == "department" and not self.department:
            yield Problem("department", "请选择部门", "choose the department")

    def hindrances(
        self, *, from_case: bool, checked: bool, known: tuple[str, ...] = ()
    ) -> tuple[Problem, ...]:
        """Return what stands in the way of publishing.

        What customers read, or what was written from a case, must hold no personal data; what
        customers read, no blanks. What was written from a case is published by a person who says
        that he checked it. ``known`` are texts of the house, such as its hotline.
        """
        out = list(self._form())
        if from_case and not checked:
            out.append(
                Problem(
                    "checked",
                    "请确认已核对：没有客户和经办人的个人信息",
                    "confirm that you checked it for personal data",
                )
            )
        if from_case or self.audience == "customer":
            out.extend(self._personal(known))
        if self.audience == "customer":
            text = f"{self.title}\n{self.body}\n{self.title_en}\n{self.body_en}"
            if _BLANK.search(text):
                out.append(
                    Problem(
                        "body",
                        "还有没填的空，客户看不懂",
                        "blanks are left that customers would see",
                    )
                )
        return tuple(out)

    def _personal(self, known: tuple[str, ...]) -> Iterator[Problem]:
        for text in (self.title, self.body, self.title_en, self.body_en):
            seen: dict[str, list[str]] = {}
            for found in foreign_data(text=text, own=Own(known=known)):
                seen.setdefault(found.kind, []).append(text[found.span[0] : found.span[1]])
            for kind, words in seen.items():
                zh, en = _KINDS_OF_DATA[kind]
                said = "、".join(dict.fromkeys(words))
                yield Problem("body", f"还有{zh}：{said}", f"holds a {en}: {said}")
