"""DMARC: whether what SPF and DKIM proved is the domain that the reader sees (RFC 7489)."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

MOST_STEPS = 8
"""Names asked on the way up from a domain (the tree walk of DMARC's revision)."""
_TAG = re.compile(r"^\s*([a-z]{1,10})\s*=\s*(.*?)\s*$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Policy:
    """A domain's DMARC record: where it stands, and how strictly domains must agree."""

    domain: str
    strict_spf: bool
    strict_dkim: bool
    public_suffix: bool
    highest: bool
    """Whether nothing above it counts."""


def walk(*, domain: str, ask: Callable[[str], Sequence[str]]) -> list[Policy]:
    """Return the DMARC records from a domain upwards, its own first.

    ``ask`` returns the TXT records of a name and may raise; what it raises comes through.
    """
    labels = [label for label in domain.lower().strip(".").split(".") if label]
    if len(labels) > MOST_STEPS:
        names = [labels, *(labels[-count:] for count in range(MOST_STEPS - 1, 0, -1))]
    else:
        names = [labels[start:] for start in range(len(labels))]
    found = []
    for name in names:
        policy = _policy(domain=".".join(name), records=ask("_dmarc." + ".".join(name)))
        if policy is not None:
            found.append(policy)
            if policy.highest:
                break
    return found


def _policy(*, domain: str, records: Sequence[str]) -> Policy | None:
    """Return the one DMARC record among TXT records; several count as none."""
    ours = [r for r in records if re.match(r"\s*v\s*=\s*DMARC1\s*(?:;|$)", r)]
    if len(ours) != 1:
        return None
    pairs = (_TAG.match(piece) for piece in ours[0].split(";"))
    tags = {m.group(1).lower(): m.group(2).lower() for m in pairs if m}
    return Policy(
        domain=domain,
        strict_spf=tags.get("aspf") == "s",
        strict_dkim=tags.get("adkim") == "s",
        public_suffix=tags.get("psd") == "y",
        highest=tags.get("psd") in {"y", "n"},
    )


def organization(*, domain: str, found: Sequence[Policy]) -> str:
    """Return the domain of the organization: the highest one with a record of its own.

    Below a public suffix that publishes one, it is the name directly under it.
    """
    if not found:
        return domain
    top = found[-1]
    if not top.public_suffix:
        return top.domain
    under = domain.removesuffix("." + top.domain).rpartition(".")[2]
    return domain if domain == top.domain else f"{under}.{top.domain}"


def agree(*, one: str, other: str, strict: bool, same: Callable[[str], str]) -> bool:
    """Tell whether two domains are aligned; ``same`` names a domain's organization."""
    one, other = one.lower().strip("."), other.lower().strip(".")
    if not one or not other:
        return False
    return one == other or (not strict and same(one) == same(other))
