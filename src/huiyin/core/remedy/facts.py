"""The facts of a claim, checked as they come from outside. Money is integer 分."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

Fen = Annotated[int, Field(strict=True, ge=0, le=10**13)]
Kind = Literal[
    "delay", "loss", "damage_total", "damage_partial", "shortage", "wrong_item", "fake_sign",
    "attitude", "overcharge",
]  # fmt: skip


def _share(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("must be a number from 0 to 1")
    try:
        return Fraction(str(value))
    except (ValueError, ZeroDivisionError) as error:
        raise ValueError("must be a number from 0 to 1") from error


Share = Annotated[Fraction, BeforeValidator(_share)]


class CannotReadFacts(ValueError):
    """The facts or the policy are wrong; the message names the field."""


class Cap(BaseModel):
    """The carrier's cap for uninsured parcels."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["multiple", "fixed", "none"]
    retail: Annotated[int, Field(strict=True, ge=0, le=10000)] | None = None
    monthly: Annotated[int, Field(strict=True, ge=0, le=10000)] | None = None
    amount: Fen | None = None

    @model_validator(mode="after")
    def _complete(self) -> Cap:
        if self.kind == "multiple" and self.retail is None:
            raise ValueError("a cap by multiple needs retail")
        if self.kind == "fixed" and self.amount is None:
            raise ValueError("a fixed cap needs amount")
        return self


class Policy(BaseModel):
    """A company's terms: settings, never law."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    uninsured_cap: Cap = Cap(kind="none")
    no_proof_multiple: Annotated[int, Field(strict=True, ge=0, le=10000)] | None = None
    refund_fee_on_loss: bool = False
    hkmt_days: Annotated[int, Field(strict=True, ge=0, le=365)] = 7


class RemedyFacts(BaseModel):
    """What is known of the parcel and of what happened to it."""

    model_config = ConfigDict(extra="ignore", frozen=True, arbitrary_types_allowed=True)
    kind: Kind
    fee: Fen = 0
    premium: Fen = 0
    insured_amount: Fen | None = None
    real_value: Fen | None = None
    value_proven: bool = True
    loss_ratio: Share | None = None
    value_destroyed: bool = False
    promised_at: datetime | None = None
    now: datetime | None = None
    route: Literal["city", "domestic", "hkmt", "international"] = "domestic"
    account: Literal["monthly", "retail"] = "retail"
    gross_negligence: bool = False
    terms_shown: bool = True
    cause: Literal["carrier", "force_majeure", "nature", "user"] = "carrier"
    salvage: Fen = 0
    overcharged: Fen | None = None
    authority: Fen | None = None

    @model_validator(mode="after")
    def _sound(self) -> RemedyFacts:
        if self.loss_ratio is not None and not 0 <= self.loss_ratio <= 1:
            raise ValueError("loss_ratio must be from 0 to 1")
        for name in ("promised_at", "now"):
            moment = getattr(self, name)
            if moment is not None and moment.tzinfo is None:
                raise ValueError(f"{name} has no offset; write +08:00")
        if self.kind == "delay" and (self.promised_at is None or self.now is None):
            raise ValueError("a delay needs promised_at and now")
        return self


def read_facts(*, data: Mapping[str, Any]) -> tuple[RemedyFacts, Policy]:
    """Read facts and their "policy" from a JSON object. Raises CannotReadFacts."""
    if "kind" not in data:
        raise CannotReadFacts("missing field kind")
    policy = data.get("policy") or {}
    facts = {k: v for k, v in data.items() if k not in {"policy", "id"} and v is not None}
    try:
        return RemedyFacts.model_validate(facts), Policy.model_validate(policy)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(p) for p in first["loc"])
        raise CannotReadFacts(f"{where}: {first['msg']}" if where else first["msg"]) from error
