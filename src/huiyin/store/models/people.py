"""Departments, teams, people and the tokens of programs."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models


class Department(models.Model):
    """A department of the company, named as in the playbook."""

    code = models.CharField(max_length=40, primary_key=True)
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        db_table = "department"
        ordering: ClassVar = ["position", "code"]


class Team(models.Model):
    """A team inside a department."""

    code = models.CharField(max_length=40, primary_key=True)
    department = models.ForeignKey(Department, on_delete=models.CASCADE, related_name="teams")
    name_zh = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)

    class Meta:
        db_table = "team"


class Party(models.Model):
    """A hub, an outlet or a courier outside the company's departments that may be liable.

    A courier belongs to an outlet (``parent``), whose people speak for it too.
    """

    code = models.CharField(max_length=40, primary_key=True)
    kind = models.CharField(max_length=10)
    """hub, outlet or courier."""
    name = models.CharField(max_length=80)
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="under")
    region = models.CharField(max_length=40, blank=True)
    active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "party"
        ordering: ClassVar = ["kind", "code"]


class UserManager(BaseUserManager["User"]):
    """Finds people by their login name."""

    def get_by_natural_key(self, username: str | None) -> User:
        """Return the person with this login name, whatever its case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """A member of staff."""

    id = models.BigAutoField(primary_key=True)
    username = models.CharField(max_length=64, unique=True)
    name = models.CharField(max_length=80)
    role = models.CharField(max_length=20)
    department = models.ForeignKey(Department, null=True, on_delete=models.PROTECT)
    team = models.ForeignKey(Team, null=True, on_delete=models.SET_NULL)
    party = models.ForeignKey(Party, null=True, on_delete=models.PROTECT, related_name="people")
    """The outlet, hub or courier of somebody with the role outlet."""
    skills = models.JSONField(default=list)
    regions = models.JSONField(default=list)
    shifts = models.JSONField(default=list)
    """Weekly shifts: [{"days": [1..7], "from": "09:00", "to": "18:00"}]; empty = always on."""
    capacity = models.PositiveSmallIntegerField(default=40)
    email = models.EmailField(blank=True)
    extension = models.CharField(max_length=20, blank=True)
    """His telephone, as the telephone system names it."""
    language = models.CharField(max_length=10, default="zh-hans")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = []
    objects = UserManager()

    class Meta:
        db_table = "person"
        indexes: ClassVar = [
            models.Index(fields=["department", "is_active"], name="person_department")
        ]

    def has_module_perms(self, _label: str) -> bool:
        """Django's own permissions are not used: ``core.access`` decides."""
        return False

    def has_perm(self, _perm: str, _obj: object = None) -> bool:
        """Django's own permissions are not used: ``core.access`` decides."""
        return False


class Absence(models.Model):
    """Days on which a person is away and who decides in his place."""

    id = models.UUIDField(primary_key=True)
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    deputy = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    first = models.DateField()
    last = models.DateField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "absence"
        indexes: ClassVar = [models.Index(fields=["deputy", "last"], name="absence_deputy")]


class ApiToken(models.Model):
    """A bearer token of a program; only its hash is kept."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, on_delete=models.CASCADE)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_token"
