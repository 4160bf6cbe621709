"""A company's own system read as rows: a view of its database, or files dropped into a folder."""

from __future__ import annotations

import csv
import io
from typing import Final
from zoneinfo import ZoneInfo

from huiyin.channels.protocol import CannotRead, Channel, Field
from huiyin.core.parcel.track import Track
from huiyin.partners.rows import tracks_of

ZONE: Final = ZoneInfo("Asia/Shanghai")

SQL = Channel(
    code="own_sql",
    name=("自有系统（数据库视图）", "Own system (SQL view)"),
    about=("定时读取公司数据库里的轨迹视图", "Reads a view of tracks in your database"),
    guide="tracks",
    fields=(
        Field(name="database", kind="secret", label=("数据库地址", "Database"), required=True,
              help=("postgresql://用户:密码@主机/库名 或 sqlite:////路径；请用只读账号",
                    "postgresql://… or sqlite:////path; use an account that only reads")),
        Field(name="query", kind="long", label=("查询", "Query"), required=True,
              default="SELECT waybill, at, text, state, place FROM huiyin_tracks "
                      "WHERE changed_at > %(since)s ORDER BY changed_at LIMIT 5000",
              help=("必须用 %(since)s：上次读到的时刻；列名即字段名",
                    "must use %(since)s, the moment of the last reading; columns by our names")),
        Field(name="every", kind="integer", label=("每隔几秒读一次", "Seconds between"),
              default=60, least=5, most=86400),
    ),
)  # fmt: skip
FOLDER = Channel(
    code="own_csv",
    name=("自有系统（csv 文件夹）", "Own system (csv folder)"),
    about=("读取放进文件夹的轨迹 csv，读完移走", "Reads csv files of tracks put into a folder"),
    guide="tracks",
    fields=(
        Field(name="folder", kind="text", label=("文件夹", "Folder"), required=True,
              help=("服务器上的路径；读完的文件移到其中的 done，读不懂的移到 failed",
                    "A path on the server; files move to done or failed within it")),
        Field(name="every", kind="integer", label=("每隔几秒看一次", "Seconds between"),
              default=30, least=5, most=86400),
    ),
)  # fmt: skip


def read_csv(*, content: bytes) -> list[Track]:
    """Return the tracks of a csv file in UTF-8 or GB18030. Raises CannotRead."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError as error:
            raise CannotRead(
                zh="文件既不是 UTF-8 也不是 GB18030", en="neither UTF-8 nor GB18030"
            ) from error
    if "\x00" in text:
        raise CannotRead(zh="不是文本文件", en="not a text file")
    return tracks_of(rows=csv.DictReader(io.StringIO(text)), zone=ZONE)
