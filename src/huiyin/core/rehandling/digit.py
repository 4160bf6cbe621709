"""A survey answered by one figure: a short message that is nothing but a figure from 1 to 5."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from huiyin.core.because import Reason

_AROUND = " \t\r\n。.！!，,、星分"


def stars_said(*, text: str) -> int | None:
    """Return the stars of a message that is one figure from 1 to 5 and nothing else."""
    said = unicodedata.normalize("NFKC", text).strip(_AROUND)
    return int(said) if said in {"1", "2", "3", "4", "5"} else None


def survey_meant(*, stars: int, waiting: Sequence[str]) -> Reason | None:
    """Return why a figure answers the one open survey of its sender; None where that is not clear.

    ``waiting`` are the numbers of the complaints whose surveys he may still answer.
    """
    if len(waiting) != 1:
        return None
    return Reason(
        rule="receive.survey_digit",
        zh=f"短信只有一个数字，是投诉 {waiting[0]} 的评价：{stars} 星",
        en=f"one figure by SMS: {stars} stars for complaint {waiting[0]}",
        words=(str(stars), waiting[0]),
    )
