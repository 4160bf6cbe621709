"""Reads the answers of a form: each of its kind, and which of them are facts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from huiyin.core.playbook.procedure import Form, FormField

LONGEST = 2000
"""Characters of one answer."""


class CannotFillIn(ValueError):
    """The form is not filled in rightly; ``problems`` says in both languages what is wrong where.

    ``zh`` and ``en`` name all of it in one line.
    """

    def __init__(self, *, problems: Mapping[str, tuple[str, str]]) -> None:
        self.problems = dict(problems)
        self.zh = "；".join(zh for zh, _en in self.problems.values())
        self.en = "; ".join(en for _zh, en in self.problems.values())
        super().__init__(self.en)


@dataclass(frozen=True, slots=True)
class Filled:
    """The answers as they are kept (money in 分) and the facts among them."""

    answers: Mapping[str, Any]
    facts: Mapping[str, Any]


def fill_in_form(*, form: Form, given: Mapping[str, str]) -> Filled:
    """Read what a person typed into a form, by the ids of its fields. Raises CannotFillIn."""
    answers: dict[str, Any] = {}
    facts: dict[str, Any] = {}
    problems: dict[str, tuple[str, str]] = {}
    for one in form.fields:
        text = given.get(one.id, "").replace("\x00", "").replace("\r\n", "\n").strip()
        if not text:
            if one.required:
                problems[one.id] = (f"请填写“{one.name.zh}”", f"fill in {one.name.en!r}")
            continue
        try:
            value = _read(one, text)
        except ValueError as error:
            zh, en = error.args
            problems[one.id] = (f"“{one.name.zh}”{zh}", f"{one.name.en!r} {en}")
            continue
        answers[one.id] = value
        if one.fact is not None:
            facts[one.fact] = value
    if problems:
        raise CannotFillIn(problems=problems)
    return Filled(answers=answers, facts=facts)


def _read(one: FormField, text: str) -> Any:
    if one.kind == "yes_no":
        if text not in {"yes", "no"}:
            raise ValueError("请选择是或否", "takes yes or no")
        return text == "yes"
    if one.kind == "choice":
        if text not in {c.code for c in one.choices}:
            raise ValueError("请选择列表中的一项", "takes one of the list")
        return text
    if one.kind == "date":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise ValueError("应为日期，如 2026-11-05", "must be a date") from None
    if one.kind in {"number", "money"}:
        return _number(text, money=one.kind == "money")
    if len(text) > LONGEST:
        raise ValueError(f"最多 {LONGEST} 个字", f"has at most {LONGEST} characters")
    return text


def _number(text: str, *, money: bool) -> int | float:
    try:
        number = Decimal(text.replace(",", "").replace("，", "").removeprefix("¥"))
    except ArithmeticError:
        raise ValueError("应为数字", "must be a number") from None
    if not number.is_finite() or not 0 <= number <= 10**9:
        raise ValueError("应为 0 到 10 亿之间的数", "must be from 0 to a thousand million")
    if money:
        number *= 100
        if number != number.to_integral_value():
            raise ValueError("最多两位小数", "has at most two decimals")
    return int(number) if number == number.to_integral_value() else float(number)
