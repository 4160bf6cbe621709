"""Writing of the company's hubs, outlets and couriers."""

from __future__ import annotations

import re
from datetime import datetime

from huiyin.store import models

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}", re.ASCII)
_RESERVED = frozenset({"customer", "none"})


class CannotKeepParty(ValueError):
    """Something about a party is wrong; ``field``, ``zh`` and ``en`` say what."""

    def __init__(self, *, field: str, zh: str, en: str) -> None:
        self.field = field
        self.zh = zh
        self.en = en
        super().__init__(en)


def keep_party(
    *,
    now: datetime,
    code: str,
    kind: str,
    name: str,
    parent: str = "",
    region: str = "",
    active: bool = True,
    fresh: bool,
) -> None:
    """Add (``fresh``) or change a party. Raises CannotKeepParty.

    The kind of a party in use is never changed: rulings stand on it.
    """
    if not _CODE.fullmatch(code) or code in _RESERVED:
        raise CannotKeepParty(
            field="code", zh="编号用字母、数字、- 和 _，最多 39 位",
            en="letters, digits, - and _, at most 39",
        )  # fmt: skip
    known = models.Party.objects.filter(code__iexact=code).first()
    if fresh and (known or models.Department.objects.filter(code__iexact=code).exists()):
        raise CannotKeepParty(field="code", zh="这个编号已被使用", en="this code is in use")
    if not fresh and known is None:
        raise CannotKeepParty(field="code", zh="找不到这个单位", en="there is no such party")
    if kind not in {"hub", "outlet", "courier"}:
        raise CannotKeepParty(field="kind", zh="请选择类型", en="choose a kind")
    if known is not None and known.kind != kind:
        raise CannotKeepParty(field="kind", zh="类型不能修改", en="the kind cannot be changed")
    if not name.strip():
        raise CannotKeepParty(field="name", zh="请填写名称", en="write the name")
    above = models.Party.objects.filter(code=parent).first() if parent else None
    if kind == "courier" and (above is None or above.kind != "outlet"):
        raise CannotKeepParty(
            field="parent", zh="收派员必须属于一个网点", en="a courier belongs to an outlet"
        )
    if kind != "courier" and parent:
        raise CannotKeepParty(
            field="parent", zh="只有收派员填写所属网点", en="only couriers belong to an outlet"
        )
    values = {
        "kind": kind,
        "name": name.strip()[:80],
        "parent": above,
        "region": region.strip()[:40],
        "active": active,
    }
    if known is None:
        models.Party.objects.create(code=code, created_at=now, **values)
    else:
        models.Party.objects.filter(code=known.code).update(**values)
