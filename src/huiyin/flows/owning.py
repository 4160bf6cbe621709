"""Own: whose the addresses of a contact are, as far as it is proven and not merely said.

An address is proven where the channel itself vouches for it, or our own people wrote it down. What
a writer only says, in a form or in his words, is a claim. It leads to the customer who is known by
nothing else, and it never brings the writer's own address to somebody else's customer: else who
knows a telephone would be told what its owner is answered.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from huiyin.flows.contact import ReadContact
from huiyin.store.ledger import Pen
from huiyin.store.read import matching as lookups
from huiyin.store.read.matching import Address


@dataclass(slots=True)
class _Row:
    """An address in hand: in the store by its id, else as it will be written."""

    customer: UUID
    proven: bool
    id: int | None = None
    fresh: dict[str, Any] | None = None


class Owning:
    """The owners of a batch's addresses, as they are before it and after each of its contacts."""

    def __init__(self, *, pen: Pen) -> None:
        self._pen = pen
        self._rows: dict[Address, list[_Row]] = {}
        self._count: dict[UUID, int] = {}
        """Addresses of each customer: one, or two and more."""

    def fetch(self, *, contacts: Iterable[ReadContact]) -> None:
        """Read who is known by the addresses of contacts, in one statement."""
        found = lookups.owners(values=[a.key for one in contacts for a in one.identities])
        for row in found.rows:
            self._rows.setdefault(row.address, []).append(
                _Row(row.customer_id, row.proven, id=row.id)
            )
            self._count[row.customer_id] = 1 if row.alone else 2
        self._pen.learn(known=found.known)

    def proven(self, *, address: Address) -> UUID | None:
        """Return whose an address is proven to be."""
        return next((r.customer for r in self._rows.get(address, ()) if r.proven), None)

    def customer(self, *, one: ReadContact) -> UUID | None:
        """Return the customer known by what the contact vouches for, else by its first claim."""
        vouched = [a.key for a in one.identities if a.proven]
        for address in vouched:
            if found := self.proven(address=address):
                return found
        for address in vouched or self._claim(one):
            found = self.proven(address=address) or self._only(address)
            if found:
                return found
        return None

    def keep(self, *, one: ReadContact, customer: UUID) -> None:
        """Keep the addresses of a contact with its customer, each proven or claimed.

        What comes with a mere claim is not kept: it would lead two strangers to one customer.
        """
        vouched = any(a.proven for a in one.identities)
        for kind, value, proven in one.identities:
            address = (kind, value)
            if proven:
                if self.proven(address=address) is None:
                    self._prove(one, address, customer)
                continue
            known = any(r.customer == customer for r in self._rows.get(address, ()))
            first = address in self._claim(one) and not self._count.get(customer)
            if not known and (vouched or first):
                self._add(one, address, customer, proven=False)

    def _claim(self, one: ReadContact) -> list[Address]:
        """Return the address under which somebody writes who proves none.

        A chat that is known already, else the first that he gives.
        """
        claims = [a.key for a in one.identities if not a.proven]
        known = [a for a in claims if a[0] == "chat" and self._rows.get(a)]
        return (known or claims)[:1]

    def _only(self, address: Address) -> UUID | None:
        """Return who is known by an address, claimed, and by nothing else."""
        rows = self._rows.get(address, ())
        return next((r.customer for r in rows if self._count[r.customer] == 1), None)

    def _prove(self, one: ReadContact, address: Address, customer: UUID) -> None:
        row = next((r for r in self._rows.get(address, ()) if r.customer == customer), None)
        if row is None:
            self._add(one, address, customer, proven=True)
            return
        row.proven = True
        if row.fresh is not None:
            row.fresh["proven"] = True
        else:
            self._pen.alter(table="identity", key=row.id, proven=True)

    def _add(self, one: ReadContact, address: Address, customer: UUID, *, proven: bool) -> None:
        fresh: dict[str, Any] = {
            "kind": address[0], "value": address[1], "customer_id": customer,
            "since": self._pen.now, "message_id": one.message_id, "proven": proven,
        }  # fmt: skip
        self._pen.add(table="identity", row=fresh)
        self._rows.setdefault(address, []).append(_Row(customer, proven, fresh=fresh))
        self._count[customer] = self._count.get(customer, 0) + 1
