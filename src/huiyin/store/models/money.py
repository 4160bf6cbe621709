"""Money: what was claimed for a parcel, what is paid out, and the journal of both."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import Q

from huiyin.store.sealed_field import SealedField

from .case import Complaint, Remedy
from .people import Party, User


class ParcelClaim(models.Model):
    """One thing that may be paid once for one parcel: compensation, fee, overcharge, cod.

    ``parcel`` is the waybill, or the complaint where none is known. ``round`` is 0 for what was
    paid first; a later round pays the difference when new facts raise the sum.
    """

    id = models.UUIDField(primary_key=True)
    remedy = models.ForeignKey(Remedy, on_delete=models.PROTECT, related_name="claims")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    parcel = models.CharField(max_length=60)
    head = models.CharField(max_length=20)
    round = models.PositiveSmallIntegerField(default=0)
    amount = models.BigIntegerField()
    live = models.BooleanField(default=True)
    """False once the remedy is rejected, declined or withdrawn."""

    class Meta:
        db_table = "parcel_claim"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["parcel", "head", "round"],
                name="parcel_claimed_once",
                condition=Q(live=True),
            )
        ]


class PayoutBatch(models.Model):
    """Payouts handed to finance in one file, and what the result file said."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=24, unique=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    payouts = models.PositiveIntegerField()
    total = models.BigIntegerField()
    reconciled_at = models.DateTimeField(null=True)
    report = models.JSONField(default=dict)

    class Meta:
        db_table = "payout_batch"


class Payout(models.Model):
    """One payment to a customer. States: requested, processing, paid, failed, returned."""

    id = models.UUIDField(primary_key=True)
    number = models.CharField(max_length=32, unique=True)
    remedy = models.ForeignKey(Remedy, on_delete=models.PROTECT, related_name="payouts")
    complaint = models.ForeignKey(Complaint, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    method = models.CharField(max_length=12)
    payee = models.CharField(max_length=120, blank=True)
    account = SealedField(blank=True)
    state = models.CharField(max_length=10)
    requested_at = models.DateTimeField()
    requested_by = models.CharField(max_length=40)
    """'customer', 'system' or 'user:ID'."""
    batch = models.ForeignKey(PayoutBatch, null=True, on_delete=models.PROTECT)
    way = models.BigIntegerField(null=True)
    """The account that pays it; empty where finance does by its batch."""
    settled_at = models.DateTimeField(null=True)
    reference = models.CharField(max_length=80, blank=True)
    """The bank's or the payment service's own number."""
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        db_table = "payout"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["remedy"],
                name="payout_once",
                condition=Q(state__in=["requested", "processing", "paid"]),
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["state", "-requested_at"], name="payout_state"),
            models.Index(fields=["batch"], name="payout_of_batch"),
            models.Index(fields=["complaint"], name="payout_complaint"),
        ]


class PayoutTransfer(models.Model):
    """How a payout goes out by an account's system, and what that told of it last.

    States: held (a person must release it), due, sent (its end is unknown), stopped (a person
    must look), done, left (given to finance's batch after all).
    """

    id = models.UUIDField(primary_key=True)
    """That of its payout."""
    payout = models.OneToOneField(Payout, on_delete=models.PROTECT, related_name="transfer")
    account_id = models.BigIntegerField()
    plain = models.CharField(max_length=40, unique=True)
    """The payout's number in letters and digits alone."""
    state = models.CharField(max_length=10)
    address = models.CharField(max_length=200, blank=True)
    routed_at = models.DateTimeField()
    released_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    released_at = models.DateTimeField(null=True)
    sends = models.PositiveSmallIntegerField(default=0)
    first_sent_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    """When it was sent last."""
    refused = models.BooleanField(default=False)
    """The last request was refused; whether it is known to the provider is asked."""
    tries = models.PositiveSmallIntegerField(default=0)
    """Questions without an end since it was sent."""
    claims = models.PositiveIntegerField(default=0)
    """How often a worker claimed it; tells one claim from the next."""
    next_try_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)
    """When the provider last answered."""
    told = models.JSONField(default=dict)
    """What was told last: {"zh", "en"}."""

    class Meta:
        db_table = "payout_transfer"
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at"],
                name="payout_transfer_next",
                condition=Q(next_try_at__isnull=False),
            ),
            models.Index(fields=["account_id", "first_sent_at"], name="payout_transfer_spent"),
            models.Index(
                fields=["id"],
                name="payout_transfer_look",
                condition=Q(state__in=["held", "stopped"]),
            ),
        ]


class Entry(models.Model):
    """One line of the journal, never changed: lines of one transfer add up to 0.

    ``amount`` in 分: debit above 0, credit below.
    """

    id = models.UUIDField(primary_key=True)
    transfer = models.UUIDField()
    at = models.DateTimeField()
    kind = models.CharField(max_length=20)
    account = models.CharField(max_length=60)
    amount = models.BigIntegerField()
    complaint = models.ForeignKey(Complaint, null=True, on_delete=models.PROTECT, related_name="+")
    """Empty where an outlet settles its account."""
    remedy = models.ForeignKey(Remedy, null=True, on_delete=models.PROTECT, related_name="+")
    """What it cost; empty for a fine."""
    payout = models.ForeignKey(Payout, null=True, on_delete=models.PROTECT, related_name="+")
    fine = models.ForeignKey("Fine", null=True, on_delete=models.PROTECT, related_name="+")
    payment = models.ForeignKey(
        "PartyPayment", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        db_table = "entry"
        indexes: ClassVar = [
            models.Index(fields=["account", "-at"], name="entry_account"),
            models.Index(fields=["remedy"], name="entry_remedy"),
            models.Index(fields=["transfer"], name="entry_transfer"),
        ]


class PartyPayment(models.Model):
    """What an outlet or a hub paid on its account, 分; below 0 where it was paid back."""

    id = models.UUIDField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    amount = models.BigIntegerField()
    paid_on = models.DateField()
    reference = models.CharField(max_length=80)
    words = models.CharField(max_length=500, blank=True)
    """Why it was taken back."""
    token = models.CharField(max_length=40, unique=True)
    """Of the form that asked for it: a form sent twice makes one payment."""
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undoes = models.OneToOneField(
        "self", null=True, on_delete=models.PROTECT, related_name="undone_by"
    )

    class Meta:
        db_table = "party_payment"
