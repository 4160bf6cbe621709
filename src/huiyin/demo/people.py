"""The people of the demo company, and its outlets, hubs and couriers with theirs."""

from __future__ import annotations

from typing import Any

COMPANY = "回音速运（演示）"
HOTLINE = "400-000-0000"
"""No number that anybody has."""
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
    {"username": "linfang", "name": "林芳", "title": "流程负责人", "role": "process_owner",
     "department": "quality", "skills": [], "shifts": []},
    {"username": "manager", "name": "何经理", "title": "经理", "role": "manager",
     "department": "service", "skills": [], "shifts": []},
    {"username": "chengbei", "name": "周城北", "title": "城北网点负责人", "role": "outlet",
     "party": "w-chengbei", "shifts": []},
    {"username": "chengnan", "name": "吴城南", "title": "城南网点负责人", "role": "outlet",
     "party": "w-chengnan", "shifts": []},
    {"username": "admin", "name": "管理员", "title": "管理员", "role": "administrator",
     "department": "technology", "skills": [], "shifts": []},
)  # fmt: skip

PARTIES: tuple[dict[str, Any], ...] = (
    {"code": "h-dong", "kind": "hub", "name": "东区分拨中心", "region": "东区"},
    {"code": "h-xi", "kind": "hub", "name": "西区分拨中心", "region": "西区"},
    {"code": "w-chengbei", "kind": "outlet", "name": "城北网点", "region": "东区"},
    {"code": "w-chengnan", "kind": "outlet", "name": "城南网点", "region": "西区"},
    {"code": "w-hexi", "kind": "outlet", "name": "河西网点", "region": "西区"},
    {"code": "c-liu", "kind": "courier", "name": "刘师傅", "parent": "w-chengnan"},
    {"code": "c-he", "kind": "courier", "name": "何师傅", "parent": "w-chengbei"},
)
