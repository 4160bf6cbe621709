"""How much each piece of evidence weighs, and when the sum is enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Weights in natural-log odds, as a dispatcher would rank them; times in days.

    ``start`` is where every candidate begins: most contacts are not about any one given
    complaint. ``join_at`` is the sum from which a contact is attached; where no number, thread,
    sender or full name anchors it the best must also lead the second by ``apart`` (by half of it
    from ``strong_story``). ``maybe_at`` is the sum from which a candidate is
    shown to an agent. ``ended_beside_open`` counts against an ended complaint while another of
    the same customer is open.
    """

    start: float = -3.0
    join_at: float = 0.0
    apart: float = 0.8
    strong_story: float = 2.0
    maybe_at: float = -1.6

    waybill: float = 9.0
    waybill_mistaken: float = 4.5
    waybill_mentioned: float = 1.5
    tail: float = 4.4
    tail_long: float = 6.5
    tail_other: float = -5.0
    tail_loose: float = 2.4
    head: float = 1.6

    thread: float = 4.8
    sender: float = 5.0
    sender_shared: float = 1.2
    household: float = 2.0
    shared_elsewhere: float = -0.8
    phone: float = 4.9
    phone_tail: float = 3.0

    name: float = 3.6
    name_other: float = -1.0
    surname: float = 1.8
    surname_common: float = 1.1
    surname_other: float = -1.0
    surname_other_at_desk: float = -2.4
    organisation: float = 1.6
    place: float = 1.4
    place_likely: float = 0.6
    place_other: float = -0.6
    city: float = 0.5
    city_other: float = -0.6
    goods: float = 2.0
    goods_likely: float = 1.7
    goods_other: float = -1.2
    carrier: float = 0.5
    carrier_other: float = -3.0
    event: float = 1.3
    money: float = 1.8
    count: float = 1.1
    count_other: float = -1.7
    content: float = 5.4
    content_half: float = 3.2
    kind: float = 0.6
    kind_rare: float = 1.0
    kind_other: float = -0.4
    kind_other_story: float = -1.0
    same_parcel: float = 0.5
    refers_back: float = 0.9
    today: float = 1.0
    told_there: float = 0.7
    official: float = 0.9
    new_parcel: float = -1.0

    fresh: float = 0.7
    fresh_days: float = 1.0
    said_closed: float = 1.0
    ended: float = -0.5
    ended_beside_open: float = -1.0
    day: float = -0.12
    days_free: float = 3.0


SETTINGS = MatchSettings()
"""The settings that travel with the package."""
