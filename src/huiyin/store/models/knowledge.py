"""Articles: what the house knows, its versions, and how useful it proved."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from .people import Department, User


class Article(models.Model):
    """An article, a script or a policy, as it stands now."""

    id = models.UUIDField(primary_key=True)
    slug = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=10)
    """article, script or policy."""
    audience = models.CharField(max_length=12)
    """agent, department or customer."""
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    """draft, published or archived."""
    title = models.CharField(max_length=120)
    body = models.TextField()
    title_en = models.CharField(max_length=120, blank=True)
    body_en = models.TextField(blank=True)
    source = models.TextField(blank=True)
    """The law, standard or rule behind it, one a line."""
    categories = models.JSONField(default=list)
    tags = models.JSONField(default=list)
    review_on = models.DateField(null=True)
    version = models.PositiveIntegerField(default=1)
    terms = models.TextField(blank=True)
    """The words by which it is suggested; derived."""
    from_complaint = models.UUIDField(null=True)
    """The ended complaint it was written from."""
    shipped = models.CharField(max_length=64, blank=True)
    """The name of the shipped article that it began as."""
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "article"
        indexes: ClassVar = [models.Index(fields=["state", "updated_at"], name="article_state")]


class ArticleVersion(models.Model):
    """What an article said at one time; never changed."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=10)
    title = models.CharField(max_length=120)
    body = models.TextField()
    title_en = models.CharField(max_length=120, blank=True)
    body_en = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "article_version"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "number"], name="article_version_once")
        ]


class ArticleVote(models.Model):
    """Whether an article helped somebody; each reader counts once."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="votes")
    voter = models.CharField(max_length=64)
    """'user:7', or 'guest:' and a hash of the visit."""
    useful = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        db_table = "article_vote"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "voter"], name="article_vote_once")
        ]


class ArticleUse(models.Model):
    """An article put into an answer to a customer, and how satisfied he was then."""

    id = models.BigAutoField(primary_key=True)
    article = models.ForeignKey(Article, on_delete=models.CASCADE, related_name="uses")
    complaint_id = models.UUIDField()
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    stars = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "article_use"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["article", "complaint_id"], name="article_use_once")
        ]
        indexes: ClassVar = [models.Index(fields=["complaint_id"], name="article_use_complaint")]
