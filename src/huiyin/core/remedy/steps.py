"""The steps of a sum: what each says, on what law it rests; words and limits are data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from importlib.resources import files
from typing import Any, Final

import yaml

from huiyin.core.because import Reason

_LOADER: Final = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_PLAIN = frozenset({"times", "days", "late"})
"""Values that are counts; all others but ``part`` are money in 分."""


@dataclass(frozen=True, slots=True)
class Saying:
    """How a step is said: to staff, to the customer ("" when it is not his), and its basis."""

    zh: str
    en: str
    basis: str
    customer_zh: str = ""
    customer_en: str = ""


def _shipped() -> dict[str, Any]:
    source = files("huiyin").joinpath("playbooks").joinpath("law").joinpath("remedy.yaml")
    read: dict[str, Any] = yaml.load(source.read_text(encoding="utf-8"), Loader=_LOADER)
    return read


def _sayings(*, steps: Mapping[str, Mapping[str, Any]]) -> dict[str, Saying]:
    out = {}
    for rule, row in steps.items():
        customer = row.get("customer", {})
        out[rule] = Saying(
            zh=row["zh"],
            en=row["en"],
            basis=row["basis"],
            customer_zh=customer.get("zh", ""),
            customer_en=customer.get("en", ""),
        )
    return out


_LAW: Final = _shipped()
SAYINGS: Final[Mapping[str, Saying]] = _sayings(steps=_LAW["steps"])
THOROUGH_DELAY_DAYS: Final[Mapping[str, int]] = _LAW["thorough_delay"]["days"]
"""彻底延误 by route: calendar days after the promised time (GB/T 27917)."""


def yuan(fen: int) -> str:
    """Return 分 as yuan with two decimals."""
    return f"{fen // 100}.{fen % 100:02d}"


def _shown(name: str, value: int | Fraction) -> str:
    if name == "part":
        return f"{float(value * 100):.4g}%"
    return str(value) if name in _PLAIN else yuan(int(value))


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the sum. ``amount`` in 分 is what stands after it; 0 before the loss is set.

    ``values`` are the numbers the step rests on, money in 分.
    """

    rule: str
    amount: int
    values: Mapping[str, int | Fraction]

    def _filled(self, text: str) -> str:
        return text.format_map({n: _shown(n, v) for n, v in self.values.items()})

    @property
    def zh(self) -> str:
        """Return the step in Chinese, for staff."""
        return self._filled(SAYINGS[self.rule].zh)

    @property
    def en(self) -> str:
        """Return the step in English, for staff."""
        return self._filled(SAYINGS[self.rule].en)

    @property
    def basis(self) -> str:
        """Return the law, standard or contract behind the step."""
        return SAYINGS[self.rule].basis

    @property
    def for_customer(self) -> tuple[str, str] | None:
        """Return the step in plain words, Chinese and English; None when it is internal."""
        saying = SAYINGS[self.rule]
        if not saying.customer_zh:
            return None
        return self._filled(saying.customer_zh), self._filled(saying.customer_en)

    def as_json(self) -> dict[str, Any]:
        """Return the step with all its words, as it is kept with a proposal."""
        out: dict[str, Any] = {
            "rule": self.rule,
            "zh": self.zh,
            "en": self.en,
            "amount": self.amount,
            "basis": self.basis,
        }
        told = self.for_customer
        if told:
            out["customer"] = {"zh": told[0], "en": told[1]}
        return out

    def as_reason(self) -> Reason:
        """Return the step as the reason of a decision."""
        return Reason(
            rule=f"remedy.{self.rule}",
            zh=self.zh,
            en=self.en,
            words=(yuan(self.amount),),
            source=self.basis,
        )
