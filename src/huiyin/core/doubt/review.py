"""The review of a doubt by a person."""

from __future__ import annotations

from huiyin.core.because import Reason

OUTCOMES: dict[str, tuple[str, str]] = {
    "false_alarm": ("误报", "False alarm"),
    "founded": ("确有疑点", "Founded"),
    "unclear": ("无法判断", "Cannot be told"),
}


class CannotReview(ValueError):
    """The review is incomplete or was made already; ``zh`` and ``en`` say what is missing."""

    def __init__(self, *, zh: str, en: str) -> None:
        self.zh = zh
        self.en = en
        super().__init__(en)


def review(*, state: str, outcome: str, words: str) -> Reason:
    """Check a person's review and return the reason that its event carries.

    The event says that somebody looked, not what he found: it is part of the complaint's history,
    which others see; the outcome stays with the doubt. Raises CannotReview.
    """
    if state != "open":
        raise CannotReview(zh="这一条已经核对过了", en="this was reviewed already")
    if outcome not in OUTCOMES:
        raise CannotReview(zh="请选择核对结果", en="choose what you found")
    if outcome == "founded" and len(words.strip()) < 5:
        raise CannotReview(
            zh="认为确有疑点，请写明看了什么、依据是什么",
            en="write down what you looked at and what it rests on",
        )
    return Reason(rule="doubt.reviewed", zh="已由专人核对", en="looked at by a person")
