"""A company's own system asked over HTTP: its JSON is mapped by JSONPath in the settings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jsonpath

from huiyin.channels.protocol import (
    Call,
    CannotRead,
    Channel,
    Fate,
    Field,
    Response,
    Said,
    Settings,
    TrackWay,
)
from huiyin.core.parcel.track import Track
from huiyin.partners.rows import COLUMNS, tracks_of

ZONE: Final = ZoneInfo("Asia/Shanghai")
_MOST_ROWS: Final = 500


def _ask(settings: Settings, waybill: str, carrier: str, phone: str) -> Call:
    address = str(settings["base"])
    for name, value in (("waybill", waybill), ("carrier", carrier), ("phone", phone)):
        address = address.replace("{" + name + "}", quote(value, safe=""))
    headers = {"Accept": "application/json"}
    if settings.get("header") and settings.get("secret"):
        headers[str(settings["header"])] = str(settings["secret"])
    return Call(method="GET", url=address, headers=headers)


def mapping_of(*, text: str) -> dict[str, str]:
    """Read the mapping: one line a column, ``at = $.time``. Raises CannotRead.

    ``rows`` is where the scans lie; the other paths are asked of each of them, or of the whole
    answer where they begin with ``$$``.
    """
    out: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        name, _, path = (part.strip() for part in line.partition("="))
        if name not in (*COLUMNS, "rows") or not path.startswith("$"):
            raise CannotRead(
                zh=f"字段映射第 {number} 行写法有误：{line[:60]}",
                en=f"line {number} of the mapping is wrong: {line[:60]}",
            )
        try:
            jsonpath.compile(path.removeprefix("$") if path.startswith("$$") else path)
        except jsonpath.JSONPathError as error:
            raise CannotRead(
                zh=f"字段映射第 {number} 行不是 JSONPath：{path[:60]}",
                en=f"line {number} of the mapping is no JSONPath: {path[:60]}",
            ) from error
        out[name] = path
    for needed in ("rows", "at"):
        if needed not in out:
            raise CannotRead(zh=f"字段映射缺少 {needed}", en=f"the mapping lacks {needed}")
    return out


def mapped(*, said: Any, mapping: dict[str, str], waybill: str) -> list[dict[str, Any]]:
    """Return the rows of an answer under our names."""
    rows = []
    for row in jsonpath.findall(mapping["rows"], said)[:_MOST_ROWS]:
        known: dict[str, Any] = {"waybill": waybill}
        for name, path in mapping.items():
            if name == "rows":
                continue
            whole = path.startswith("$$")
            if not whole and not isinstance(row, dict | list):
                continue
            among: Any = said if whole else row
            found = jsonpath.findall(path[1:] if whole else path, among)
            if found and not isinstance(found[0], dict | list):
                known[name] = found[0]
        rows.append(known)
    return rows


def _reader(settings: Settings) -> dict[str, str]:
    return mapping_of(text=str(settings.get("mapping") or ""))


def _read(settings: Settings, response: Response, waybill: str) -> Track:
    if response.status == 404:
        return Track(waybill=waybill, scans=())
    if response.status != 200:
        raise CannotRead(zh=f"贵司系统出错（{response.status}）", en=f"failed ({response.status})")
    try:
        said = json.loads(response.body)
    except ValueError as error:
        raise CannotRead(zh="贵司系统的回答不是 JSON", en="the answer is not JSON") from error
    found = tracks_of(rows=mapped(said=said, mapping=_reader(settings), waybill=waybill), zone=ZONE)
    return found[0] if found else Track(waybill=waybill, scans=())


def _faults(settings: Settings) -> Mapping[str, Said]:
    try:
        _reader(settings)
    except CannotRead as error:
        return {"mapping": (error.zh, error.en)}
    return {}


CHANNEL = Channel(
    code="own_http",
    name=("自有系统（HTTP）", "Own system (HTTP)"),
    about=("按字段映射查询公司自己的运单系统", "Asks your own waybill system by a mapping"),
    guide="tracks",
    fields=(
        Field(name="base", kind="url", label=("查询地址", "Address"), required=True,
              help=("用 {waybill} 代表运单号，例如 https://tms.example.com/track/{waybill}",
                    "{waybill} stands for the number")),
        Field(name="header", kind="text", label=("密钥放在哪个请求头", "Header of the key")),
        Field(name="secret", kind="secret", label=("密钥", "Key")),
        Field(name="pause", kind="integer", label=("同一运单至少隔几秒再查", "Seconds between"),
              default=600, least=30, most=86400),
        Field(name="mapping", kind="long", label=("字段映射", "Mapping"), required=True,
              default="rows = $.data.traces[*]\nat = $.time\ntext = $.desc\nstate = $.status\n"
                      "place = $.city\npromised_at = $$.data.promised",
              help=("每行一个：字段 = JSONPath；$ 从每条轨迹算起，$$ 从整个回答算起。字段："
                    + "、".join(COLUMNS),
                    "One a line: column = JSONPath; $ begins at each scan, $$ at the answer")),
    ),
    track=TrackWay(ask=_ask, read=_read, pause=600),
    probe=lambda settings, _token: _ask(settings, "TEST000000000", "", ""),
    probe_fate=lambda response: Fate(state="sent") if response.status in {200, 404} else Fate(
        state="refused", zh=f"返回 {response.status}", en=f"answered {response.status}"
    ),
    faults=_faults,
)  # fmt: skip
