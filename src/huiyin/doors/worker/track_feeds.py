"""Tracks fed by a company's own system: a view of its database, a folder of csv files."""

from __future__ import annotations

import contextlib
import logging
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from django.utils import timezone

from huiyin.channels.protocol import CannotRead, Fate
from huiyin.core.parcel.track import Track
from huiyin.doors.worker import probing
from huiyin.flows import journey, trace
from huiyin.partners.own_rows import ZONE, read_csv
from huiyin.partners.rows import named, tracks_of
from huiyin.store.ledger import accounts as ledger
from huiyin.store.ledger import jobs
from huiyin.store.read import accounts
from huiyin.store.read.accounts import Account

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
TIMEOUT = 20
"""Seconds for one query."""
MOST_ROWS = 5000
MOST_BYTES = 50 * 1024 * 1024
SETTLED = 2.0
"""Seconds without a change after which a file counts as written whole."""
BATCH = 200


class _CannotAsk(Exception):
    """The database refuses or cannot be reached; the text holds no password."""


def feed() -> int:
    """Read the feeds that are due; returns how many tracks they changed."""
    changed = 0
    for account in accounts.known().values():
        if account.code not in _FEEDS:
            continue
        name, now = f"feed:{account.id}", timezone.now()
        every = timedelta(seconds=int(account.settings.get("every") or 60))
        if not jobs.claim(name=name, now=now, every=every, lease=LEASE):
            continue
        try:
            changed += _FEEDS[account.code](account)
        except (CannotRead, _CannotAsk, OSError) as error:
            told = error.zh if isinstance(error, CannotRead) else str(error)
            jobs.failed(name=name, now=timezone.now(), error=told, remember={})
            ledger.failed(id=account.id, now=timezone.now(), error=told)
            log.warning("feed %s cannot be read: %s", account.id, told)
        else:
            jobs.worked(name=name, now=timezone.now(), remember={})
            ledger.worked(id=account.id, now=timezone.now())
    return changed


def _learn(tracks: Sequence[Track], *, by: str) -> int:
    done = 0
    for start in range(0, len(tracks), BATCH):
        with journey.writing(now=timezone.now(), actor="system") as pen:
            done += trace.learn(pen=pen, told=tracks[start : start + BATCH], by=by)
    return done


def _view(account: Account) -> int:
    """Read what changed in the view since the last time; the moment is kept once all is in."""
    kept = accounts.one(id=account.id) or account
    since = (
        datetime.fromisoformat(kept.cursor) if kept.cursor else datetime(2000, 1, 1, tzinfo=ZONE)
    )
    asked = timezone.now()
    rows = _rows(account=account, since=since)
    changed = _learn(tracks_of(rows=rows, zone=ZONE), by=account.code)
    latest = [m for r in rows if (m := _changed_at(r)) is not None]
    # a view without changed_at is read by the clock, with a minute to spare for late commits
    ledger.keep_cursor(
        id=account.id,
        cursor=(
            max(latest) if latest else since if rows else asked - timedelta(minutes=1)
        ).isoformat(),
    )
    return changed


def _changed_at(row: Mapping[str, Any]) -> datetime | None:
    value = row.get("changed_at")
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value if value.tzinfo else value.replace(tzinfo=ZONE)


def _rows(*, account: Account, since: datetime) -> list[dict[str, Any]]:
    database, query = str(account.settings["database"]), str(account.settings["query"])
    with _connected(database) as cursor:
        if database.startswith("sqlite:"):
            cursor.execute(query.replace("%(since)s", ":since"), {"since": since.isoformat()})
        else:
            cursor.execute(query, {"since": since})
        names = [column[0] for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchmany(MOST_ROWS)]


@contextlib.contextmanager
def _connected(database: str) -> Iterator[Any]:
    """Open a connection that can only read. Raises _CannotAsk."""
    parts = urlsplit(database)
    if parts.scheme == "sqlite":
        path = Path(unquote(parts.path.removeprefix("/") if parts.netloc else parts.path[1:]))
        try:
            line = sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True, timeout=TIMEOUT)
        except (sqlite3.Error, ValueError) as error:
            raise _CannotAsk(f"打不开数据库：{type(error).__name__}") from error
        try:
            yield line.cursor()
        except sqlite3.Error as error:
            raise _CannotAsk(f"查询出错：{error}") from error
        finally:
            line.close()
        return
    if parts.scheme not in {"postgresql", "postgres"}:
        raise _CannotAsk("数据库地址要以 postgresql:// 或 sqlite:/// 开头")
    try:
        import psycopg
    except ImportError as error:
        raise _CannotAsk("没有安装 PostgreSQL 驱动（huiyin[postgres]）") from error
    try:
        with psycopg.connect(
            database,
            connect_timeout=TIMEOUT,
            options=f"-c default_transaction_read_only=on -c statement_timeout={TIMEOUT * 1000}",
        ) as there:
            yield there.cursor()
    except psycopg.Error as error:
        told = error.diag.message_primary or type(error).__name__
        raise _CannotAsk(f"数据库：{told}") from error


def _folder(account: Account) -> int:
    """Read the csv files of a folder; each is moved when it is read, or set apart with why."""
    folder = Path(str(account.settings["folder"]))
    if not folder.is_dir():
        raise _CannotAsk(f"没有这个文件夹：{folder}")
    changed = 0
    now = timezone.now().timestamp()
    for path in sorted(folder.glob("*.csv"))[:100]:
        status = path.stat()
        if now - status.st_mtime < SETTLED:
            continue
        try:
            if status.st_size > MOST_BYTES:
                raise CannotRead(zh="文件超过 50 MB", en="larger than 50 MB")
            changed += _learn(read_csv(content=path.read_bytes()), by=account.code)
        except CannotRead as error:
            _move(path, folder / "failed")
            (folder / "failed" / f"{path.name}.txt").write_text(error.zh + "\n", encoding="utf-8")
            log.warning("%s cannot be read: %s", path.name, error.en)
        else:
            _move(path, folder / "done")
    return changed


def _move(path: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    target = to / path.name
    if target.exists():
        target = to / f"{path.stem}-{timezone.now():%Y%m%d%H%M%S%f}{path.suffix}"
    path.rename(target)


_FEEDS = {"own_sql": _view, "own_csv": _folder}


def _probe_view(account: Account) -> Fate:
    try:
        rows = _rows(account=account, since=datetime(2000, 1, 1, tzinfo=ZONE))
        tracks_of(rows=rows[:50], zone=ZONE)
    except _CannotAsk as error:
        return Fate(state="refused", zh=str(error), en=str(error))
    columns = "、".join(sorted(named(row=rows[0]))) if rows else ""
    return Fate(
        state="sent",
        zh=f"读到 {len(rows)} 行；认得的列：{columns}" if rows else "连接正常，还没有数据",
        en=f"{len(rows)} rows" if rows else "the connection works, no rows yet",
    )


def _probe_folder(account: Account) -> Fate:
    folder = Path(str(account.settings["folder"]))
    if not folder.is_dir():
        return Fate(state="refused", zh=f"没有这个文件夹：{folder}", en=f"no folder {folder}")
    many = len(list(folder.glob("*.csv")))
    return Fate(state="sent", zh=f"文件夹里有 {many} 个 csv", en=f"{many} csv files wait")


probing.PROBES["own_sql"] = _probe_view
probing.PROBES["own_csv"] = _probe_folder
