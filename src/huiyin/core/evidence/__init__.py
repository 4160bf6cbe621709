"""Evidence: what of the checklist is there, and packs that prove themselves."""

from huiyin.core.evidence.checklist import (
    FROM_CUSTOMER,
    FROM_HANDLER,
    STATE_NAMES,
    CannotGather,
    ItemStep,
    replaces,
    step,
)

__all__ = [
    "FROM_CUSTOMER",
    "FROM_HANDLER",
    "STATE_NAMES",
    "CannotGather",
    "ItemStep",
    "replaces",
    "step",
]
