"""One file that holds everything: rows, files and key; written from a snapshot, checked whole.

The file is a gzipped tar: ``rows/<table>.jsonl`` (one row a line), ``files/…`` (the kept bytes),
``secret_key``, ``vapid_key`` and, last, ``manifest.json`` with the SHA-256 of every member. Rows
carry values and no database's own format, so a backup of SQLite restores into PostgreSQL and the
other way round. What is sealed stays so, by the key that the backup carries.

The manifest names the columns and the newest migration, so that a backup of an older version is
put into tables as they were then and brought up to date by the migrations since.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson
from django.apps import apps
from django.conf import settings
from django.core.management.color import no_style
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Model

from huiyin import __version__
from huiyin.store import models, reindex
from huiyin.store.sealed_field import as_stored

FORMAT = 1
_LEFT_OUT = frozenset({"sessions", "axes"})
_BATCH = 500
KEYS = ("secret_key", "vapid_key")
_MANIFEST = "manifest.json"

Say = Callable[[str, int], None]


class CannotRestore(ValueError):
    """The file is no whole backup, or there is something here already."""


@dataclass(frozen=True, slots=True)
class BackupReport:
    """What a backup holds: rows of all tables, files, and the size in bytes."""

    rows: int
    files: int
    size: int


def _tables(*, of: Any = apps) -> list[type[Model]]:
    return [
        m
        for m in of.get_models(include_auto_created=True)
        if m._meta.app_label not in _LEFT_OUT and m._meta.managed and not m._meta.proxy
    ]


def newest_migration() -> str:
    """Return the name of the newest migration of our tables."""
    return str(MigrationExecutor(connection).loader.graph.leaf_nodes("store")[0][1])


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read everything as of one moment; on SQLite without keeping writers waiting."""
    if connection.in_atomic_block:
        yield
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("BEGIN DEFERRED")
        else:
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            yield
        finally:
            cursor.execute("ROLLBACK")


def _plain(value: Any) -> Any:
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return value


def write(*, to: Path, now: datetime, say: Say) -> BackupReport:
    """Write a backup to ``to``; the name appears only when the file is whole."""
    draft = to.with_name(f".{to.name}.part")
    sums: dict[str, str] = {}
    counts: dict[str, int] = {}
    draft.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as raw, tarfile.open(fileobj=raw, mode="w:gz") as tar:
        with _snapshot(), as_stored():
            for model in _tables():
                with tempfile.TemporaryFile() as rows:
                    counts[model._meta.db_table] = _dump(model=model, to=rows)
                    _add(tar=tar, name=f"rows/{model._meta.db_table}.jsonl", file=rows, sums=sums)
                say(model._meta.db_table, counts[model._meta.db_table])
        kept = _kept_files()
        for path in kept:
            name = f"files/{path.parent.name}/{path.name}"
            with path.open("rb") as file:
                _add(tar=tar, name=name, file=file, sums=sums)
        say("files", len(kept))
        for name in KEYS:
            key = settings.HUIYIN.data / name
            if key.exists():
                with key.open("rb") as file:
                    _add(tar=tar, name=name, file=file, sums=sums)
        manifest = {
            "format": FORMAT,
            "version": __version__,
            "written_at": now.isoformat(),
            "migration": newest_migration(),
            "columns": {m._meta.db_table: _columns(m) for m in _tables()},
            "rows": counts,
            "sha256": sums,
        }
        with tempfile.TemporaryFile() as file:
            file.write(json.dumps(manifest, indent=1).encode())
            _add(tar=tar, name=_MANIFEST, file=file, sums={})
        tar.close()
        raw.flush()
        os.fsync(raw.fileno())
    os.replace(draft, to)
    return BackupReport(rows=sum(counts.values()), files=len(kept), size=to.stat().st_size)


def _kept_files() -> list[Path]:
    folder: Path = settings.HUIYIN.data / "files"
    return sorted(p for p in folder.glob("??/*") if p.is_file() and not p.name.startswith("."))


def _columns(model: type[Model]) -> list[str]:
    return [f.attname for f in model._meta.concrete_fields]


def _dump(*, model: type[Model], to: IO[bytes]) -> int:
    names = _columns(model)
    count = 0
    rows = model._base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=2000):
        to.write(orjson.dumps([_plain(v) for v in row], option=orjson.OPT_APPEND_NEWLINE))
        count += 1
    return count


def _add(*, tar: tarfile.TarFile, name: str, file: IO[bytes], sums: dict[str, str]) -> None:
    file.seek(0)
    sums[name] = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]
    info = tarfile.TarInfo(name)
    info.size = file.tell()
    info.mode = 0o600
    file.seek(0)
    tar.addfile(info, file)


def check(*, path: Path) -> dict[str, Any]:
    """Return the manifest of a backup whose every member is whole. Raises CannotRestore."""
    return _checked(path=path)[0]


def _checked(*, path: Path) -> tuple[dict[str, Any], str]:
    """Return the manifest of a whole backup and the signing key that it carries, "" without."""
    seen: dict[str, str] = {}
    secret = ""
    manifest: dict[str, Any] | None = None
    try:
        with tarfile.open(path, "r:gz") as tar:
            for member in tar:
                file = tar.extractfile(member)
                if file is None:
                    raise CannotRestore(f"{member.name} is no file")
                if member.name == _MANIFEST:
                    manifest = json.loads(file.read())
                elif member.name == KEYS[0]:
                    key = file.read()
                    secret = key.decode("ascii").strip()
                    seen[member.name] = hashlib.sha256(key).hexdigest()
                else:
                    digest = hashlib.sha256()
                    while piece := file.read(1 << 20):
                        digest.update(piece)
                    seen[member.name] = digest.hexdigest()
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise CannotRestore(f"{path.name} is not a whole backup: {error}") from error
    if manifest is None or manifest.get("format") != FORMAT:
        raise CannotRestore(f"{path.name} is no backup of this program, or of another version")
    if seen != manifest["sha256"]:
        wrong = sorted(
            n for n in {*seen, *manifest["sha256"]} if seen.get(n) != manifest["sha256"].get(n)
        )
        raise CannotRestore(f"{path.name} was changed after it was written: {', '.join(wrong[:5])}")
    return manifest, secret


def restore(*, path: Path, say: Say) -> BackupReport:
    """Put a backup into an empty, migrated database, all or nothing. Raises CannotRestore.

    Logins (sessions) are not kept: everybody signs in again.
    """
    manifest, secret = _checked(path=path)
    if models.Company.objects.exists() or models.InboxItem.objects.exists():
        raise CannotRestore("there is a company here already; restore into an empty database")
    files = 0
    with as_stored(secret=secret), _tables_as_of(manifest=manifest) as tables:
        unknown = sorted(set(manifest["rows"]) - set(tables))
        if unknown:
            raise CannotRestore(f"the backup has tables unknown here: {', '.join(unknown)}")
        with tarfile.open(path, "r:gz") as tar, transaction.atomic():
            clear(tables=tables.values())
            with connection.constraint_checks_disabled():
                for member in tar:
                    file = tar.extractfile(member)
                    assert file is not None
                    folder, _slash, rest = member.name.partition("/")
                    if folder == "rows":
                        table = rest.removesuffix(".jsonl")
                        names = manifest.get("columns", {}).get(table) or _columns(tables[table])
                        say(table, _load(model=tables[table], names=names, file=file))
                    elif folder == "files":
                        _keep(to=settings.HUIYIN.data / "files" / rest, content=file.read())
                        files += 1
                    elif member.name in KEYS:
                        _keep(to=settings.HUIYIN.data / member.name, content=file.read())
            connection.check_constraints()
            with connection.cursor() as cursor:
                for statement in connection.ops.sequence_reset_sql(
                    no_style(), list(tables.values())
                ):
                    cursor.execute(statement)
    say("search", reindex.rebuild())
    return BackupReport(rows=sum(manifest["rows"].values()), files=files, size=path.stat().st_size)


@contextmanager
def _tables_as_of(*, manifest: dict[str, Any]) -> Iterator[dict[str, type[Model]]]:
    """Give the tables as they were when a backup was written; bring them up to date afterwards."""
    newest = newest_migration()
    then = manifest.get("migration", newest)
    if then == newest:
        yield {m._meta.db_table: m for m in _tables()}
        return
    executor = MigrationExecutor(connection)
    if ("store", then) not in executor.loader.graph.nodes:
        raise CannotRestore(
            f"the backup was written by a newer version of the program ({manifest['version']}, "
            f"tables {then}); restore it with that one"
        )
    others = [n for n in executor.loader.graph.leaf_nodes() if n[0] != "store"]
    executor.migrate([("store", then)])
    try:
        state = MigrationExecutor(connection).loader.project_state([("store", then), *others])
        yield {m._meta.db_table: m for m in _tables(of=state.apps)}
    finally:
        MigrationExecutor(connection).migrate([("store", newest)])


def clear(*, tables: Iterable[type[Model]]) -> None:
    """Empty every table that a backup fills; foreign keys are checked when the caller commits."""
    for model in tables:
        model._base_manager.all()._raw_delete(using=connection.alias)


def _load(*, model: type[Model], names: list[str], file: IO[bytes]) -> int:
    fields = {f.attname: f for f in model._meta.concrete_fields}
    if set(names) != set(fields):
        raise CannotRestore(f"the backup has other columns of {model._meta.db_table}")
    to_python = [fields[n].to_python for n in names]
    count = 0
    batch: list[Model] = []
    for line in file:
        values = orjson.loads(line)
        if len(values) != len(names):
            raise CannotRestore(f"the backup has other columns of {model._meta.db_table}")
        batch.append(
            model(**{n: read(v) for n, read, v in zip(names, to_python, values, strict=True)})
        )
        count += 1
        if len(batch) == _BATCH:
            model._base_manager.bulk_create(batch)
            batch = []
    model._base_manager.bulk_create(batch)
    return count


def _keep(*, to: Path, content: bytes) -> None:
    to.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.restored")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(draft, to)
