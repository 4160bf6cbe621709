"""The facts of a claim, checked as they come from outside. Money is integer 分."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import (
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

Fen = Annotated[int, Field(strict=True, ge=0, le=10**13)]
Times = Annotated[int, Field(strict=True, ge=0, le=10000)]
Kind = Literal[
    "delay", "loss", "damage_total", "damage_partial", "shortage", "wrong_item", "fake_sign",
    "attitude", "overcharge",
]  # fmt: skip

_DECIMAL = re.compile(r"[01](?:\.\d{1,30})?|\.\d{1,30}", re.ASCII)


def _share(value: Any) -> Any:
    if isinstance(value, Fraction):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number from 0 to 1")
    # repr of a float is the shortest decimal that means it: 0.1 is one tenth, exactly.
    text = format(value, "f") if isinstance(value, float) and abs(value) < 1e-4 else str(value)
    if not _DECIMAL.fullmatch(text):
        raise ValueError("must be a number from 0 to 1")
    share = Fraction(text)
    if share > 1:
        raise ValueError("must be a number from 0 to 1")
    return share


Share = Annotated[Fraction, BeforeValidator(_share)]


def _moment(value: Any) -> Any:
    if not isinstance(value, str | datetime):
        raise ValueError("must be a time such as 2026-11-03T09:15:00+08:00")
    return value


Moment = Annotated[datetime, BeforeValidator(_moment)]
Flag = Annotated[bool, Field(strict=True)]


class CannotReadFacts(ValueError):
    """The facts or the policy are wrong; the message names the field."""


class Cap(BaseModel):
    """The carrier's cap for uninsured parcels.

    ``multiple``: times the fee, by account (monthly accounts fall back to ``retail``);
    ``fixed``: ``amount`` in 分; ``none``: no cap.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["multiple", "fixed", "none"]
    retail: Times | None = None
    monthly: Times | None = None
    amount: Fen | None = None

    @model_validator(mode="after")
    def _complete(self) -> Cap:
        if self.kind == "multiple" and self.retail is None:
            raise ValueError("a cap by multiple needs retail")
        if self.kind == "fixed" and self.amount is None:
            raise ValueError("a fixed cap needs amount")
        return self


class Policy(BaseModel):
    """A company's terms: settings to be verified by the company, never law.

    ``hkmt_days`` is the company's threshold of a thorough delay to Hong Kong, Macau and Taiwan, in
    calendar days after the promised time; the standard names none.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    uninsured_cap: Cap = Cap(kind="none")
    no_proof_multiple: Times | None = None
    refund_fee_on_loss: Flag = False
    hkmt_days: Annotated[int, Field(strict=True, ge=0, le=365)] | None = None


class RemedyFacts(BaseModel):
    """What is known of the parcel and of what happened to it; None is unknown. Money in 分.

    ``fee`` is the fee of this service without the insurance ``premium``. ``loss_ratio`` is the
    part of the value that is lost; 1 on a delay means that the delay destroyed the value, as
    ``value_destroyed`` does. ``overcharged`` is the fee taken too much. ``authority`` is the
    amount up to which the actor may grant.
    """

    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)
    kind: Kind
    fee: Fen | None = None
    premium: Fen = 0
    insured_amount: Fen | None = None
    real_value: Fen | None = None
    value_proven: Flag = True
    loss_ratio: Share | None = None
    value_destroyed: Flag = False
    promised_at: Moment | None = None
    now: Moment | None = None
    route: Literal["city", "domestic", "hkmt", "international"] = "domestic"
    account: Literal["monthly", "retail"] = "retail"
    gross_negligence: Flag = False
    terms_shown: Flag = True
    cause: Literal["carrier", "force_majeure", "nature", "user"] = "carrier"
    salvage: Fen = 0
    overcharged: Fen | None = Field(
        default=None, validation_alias=AliasChoices("overcharged", "overcharge")
    )
    authority: Fen | None = None

    @model_validator(mode="after")
    def _sound(self) -> RemedyFacts:
        for name in ("promised_at", "now"):
            moment = getattr(self, name)
            if moment is not None and moment.utcoffset() is None:
                raise ValueError(f"{name} has no offset; write +08:00")
        if self.kind == "delay" and (self.promised_at is None or self.now is None):
            raise ValueError("a delay needs promised_at and now")
        return self


_NAMES = frozenset(RemedyFacts.model_fields) | {"overcharge", "policy", "id"}


def unknown_names(*, data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names in a JSON object that are no facts and were left out of account."""
    return tuple(sorted(name for name in data if name not in _NAMES))


def read_facts(*, data: Mapping[str, Any]) -> tuple[RemedyFacts, Policy]:
    """Read facts and their "policy" from a JSON object; null is unknown.

    Raises CannotReadFacts naming every field that is wrong.
    """
    if data.get("kind") is None:
        raise CannotReadFacts("missing field kind")
    policy = {} if data.get("policy") is None else data["policy"]
    facts = {k: v for k, v in data.items() if k not in {"policy", "id"} and v is not None}
    try:
        read = RemedyFacts.model_validate(facts)
    except ValidationError as error:
        raise CannotReadFacts(_said(error=error, under="")) from error
    try:
        return read, Policy.model_validate(policy)
    except ValidationError as error:
        raise CannotReadFacts(_said(error=error, under="policy")) from error


def _said(*, error: ValidationError, under: str) -> str:
    parts = []
    for found in error.errors(include_url=False, include_context=False):
        where = ".".join(str(part) for part in (under, *found["loc"]) if part != "")
        message = found["msg"].removeprefix("Value error, ")
        parts.append(f"{where}: {message}" if where else message)
    return "; ".join(parts)
