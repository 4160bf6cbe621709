"""The twelve people of the demo company."""

from __future__ import annotations

from typing import Any

COMPANY = "回音速运（演示）"
PASSWORD = "huiyin-demo-1"
"""Of the demo company only; printed at its start."""

_DAY = [{"days": [1, 2, 3, 4, 5, 6, 7], "from": "07:30", "to": "22:00"}]
_ALL = ["delay", "delivery", "tracking", "pickup", "fee", "access", "other"]

PEOPLE: tuple[dict[str, Any], ...] = (
    {"username": "lixia", "name": "李霞", "title": "客服", "role": "agent", "department": "service",
     "skills": ["fee", "access", "other"], "shifts": _DAY},
    {"username": "wangmin", "name": "王敏", "title": "客服", "role": "agent",
     "department": "service", "skills": ["fee", "access", "other"], "shifts": _DAY},
    {"username": "zhoujie", "name": "周洁", "title": "客服主管", "role": "supervisor",
     "department": "service", "skills": _ALL, "shifts": []},
    {"username": "chengang", "name": "陈刚", "title": "运营处理人", "role": "handler",
     "department": "operations", "skills": ["delay", "tracking"], "shifts": _DAY},
    {"username": "hulei", "name": "胡磊", "title": "运营处理人", "role": "handler",
     "department": "operations", "skills": ["delay", "tracking"], "shifts": _DAY},
    {"username": "sunyan", "name": "孙艳", "title": "网点处理人", "role": "handler",
     "department": "outlets", "skills": ["delivery", "pickup"], "shifts": _DAY},
    {"username": "gaofei", "name": "高飞", "title": "网点主管", "role": "supervisor",
     "department": "outlets", "skills": ["delivery", "pickup"], "shifts": []},
    {"username": "yangli", "name": "杨丽", "title": "理赔处理人", "role": "handler",
     "department": "claims", "skills": ["lost", "damaged", "claim", "cod"], "shifts": _DAY},
    {"username": "liujing", "name": "刘静", "title": "理赔主管", "role": "supervisor",
     "department": "claims", "skills": ["lost", "damaged", "claim", "cod"], "shifts": []},
    {"username": "zhaowei", "name": "赵伟", "title": "服务质量主管", "role": "supervisor",
     "department": "quality", "skills": ["attitude"], "shifts": []},
    {"username": "manager", "name": "何经理", "title": "经理", "role": "manager",
     "department": "service", "skills": [], "shifts": []},
    {"username": "admin", "name": "管理员", "title": "管理员", "role": "administrator",
     "department": "technology", "skills": [], "shifts": []},
)  # fmt: skip
