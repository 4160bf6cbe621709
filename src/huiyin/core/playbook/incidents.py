"""What a playbook says of incidents, and of what a person should look at again."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from huiyin.core.playbook.part import Iso, Name, Part, Text, Words


class Incidents(Part):
    """Work on many complaints at once.

    A batch is held for ``hold`` and can be called back meanwhile; a rule that takes more than
    ``wide_percent`` of all open complaints is warned of and must be confirmed.
    """

    hold: Iso = "PT10M"
    wide_percent: Annotated[int, Field(ge=1, le=100)] = 50


class SamePhoto(Part):
    """Two pictures count as the same up to ``distance`` of 64 bits of their perceptual hashes.

    Only pictures of the last ``days`` are compared. One found in ``common`` other complaints or
    more speaks against itself: it is likely a sample or a screenshot that many send.
    """

    days: Annotated[int, Field(ge=1, le=3660)] = 180
    distance: Annotated[int, Field(ge=0, le=7)] = 5
    common: Annotated[int, Field(ge=2, le=1000)] = 6
    because: Text
    source: Words


class SameProof(Part):
    """Documents (not pictures) that say the same within the last ``days``, also saved anew."""

    days: Annotated[int, Field(ge=1, le=3660)] = 365
    common: Annotated[int, Field(ge=2, le=1000)] = 6
    because: Text
    source: Words


class ManyParcels(Part):
    """A customer who complains of the loss of ``parcels`` parcels or more within ``days``.

    ``categories`` are those that count; parcels of an incident do not.
    """

    parcels: Annotated[int, Field(ge=2, le=1000)] = 5
    days: Annotated[int, Field(ge=1, le=3660)] = 90
    categories: tuple[Name, ...] = ("lost", "damaged", "claim")
    because: Text
    source: Words


class Doubts(Part):
    """What is shown to a person to look at again; a rule that is left out is not applied.

    ``reviewed_by`` are departments whose handlers see and review doubts, beside leaders.
    """

    reviewed_by: tuple[Name, ...] = ()
    same_photo: SamePhoto | None = None
    same_proof: SameProof | None = None
    many_parcels: ManyParcels | None = None
