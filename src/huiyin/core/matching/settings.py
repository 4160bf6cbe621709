"""How much each piece of evidence weighs, and when the sum is enough."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MatchSettings:
    """Weights in natural-log odds, as a dispatcher would rank them; times in days.

    ``start`` is where every candidate begins: most contacts are not about any one given
    complaint. ``join_at`` is the sum from which a contact is attached; where no number, thread,
    sender or full name anchors it, that is ``join_story_at``, and the best must also lead the
    second by ``apart``, unless both are one customer's. ``maybe_at`` is the sum from which a
    candidate is shown to an agent. ``ended_beside_open`` counts against an ended complaint while
    another of the same customer is open, ``ended_untold`` where nothing that is said speaks
    for it either; ``ended_promised`` for it where a promise or a payment is spoken of.
    """

    start: float = -1.8
    join_at: float = 0.0
    join_story_at: float = 0.4
    apart: float = 0.5
    maybe_at: float = -0.5

    waybill: float = 9.0
    waybill_mistaken: float = 4.5
    waybill_new: float = -0.62
    waybill_unprompted: float = -5.0
    waybill_mentioned: float = 2.1
    tail: float = 4.1
    tail_long: float = 6.5
    tail_other: float = -5.0
    tail_loose: float = 2.8
    head: float = 1.6

    thread: float = 4.8
    sender: float = 5.9
    sender_shared: float = 1.8
    household: float = 2.0
    household_named: float = 6.0
    shared_elsewhere: float = -1.0
    handle: float = 4.5
    phone: float = 4.9
    phone_tail: float = 3.0

    name: float = 4.0
    name_other: float = -1.2
    surname_rare: float = 3.2
    surname: float = 2.5
    surname_common: float = 1.8
    surname_other: float = -2.0
    surname_other_at_desk: float = -2.4
    kin: float = 0.9
    spoken_for: float = 6.0
    organisation: float = 1.6
    place: float = 1.3
    place_likely: float = 0.98
    place_other: float = -0.97
    place_rare: float = 1.7
    city: float = 0.32
    city_rare: float = 2.0
    city_other: float = -0.94
    city_other_anchored: float = -0.92
    goods: float = 1.7
    goods_rare: float = 0.09
    goods_likely: float = 1.2
    goods_other: float = -1.6
    carrier: float = 0.71
    carrier_other: float = -4.1
    event: float = 1.4
    money: float = 2.5
    count: float = 3.9
    count_other: float = -1.8
    content: float = 7.0
    content_half: float = 3.2
    kind: float = 1.2
    kind_rare: float = 1.0
    kind_other: float = -0.64
    kind_other_story: float = -1.5
    same_parcel: float = 0.53
    thin: float = -0.92
    unprompted: float = -0.98
    refers_back: float = 1.7
    today: float = 1.9
    told_there: float = 0.64
    told_then: float = 2.7
    told_never: float = -0.97
    official: float = 1.0
    new_parcel: float = -0.96

    fresh: float = 1.1
    fresh_days: float = 1.0
    said_closed: float = 1.3
    ended_stranger: float = -0.8
    ended: float = -0.17
    pleased_ended: float = 1.3
    pleased_open: float = -0.66
    ended_beside_open: float = -0.5
    ended_untold: float = -2.0
    ended_promised: float = 0.6
    day: float = -0.16
    day_ended: float = -0.64
    days_free: float = 3.0


SETTINGS = MatchSettings()
"""The settings that travel with the package."""
