"""What every process of every run would make anew, made once and kept below .pytest_cache.

Each thing is kept under the digest of all that it is made from, so that a change makes it anew;
processes that need the same thing at the same time wait for the first one.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

import django
from django.db import connection

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "huiyin"
KEPT = ROOT / ".pytest_cache" / "ready-made"


def _digest(paths: Iterable[Path], *versions: object) -> str:
    """A digest over the content of files and folders of source."""
    digest = hashlib.sha256(repr(versions).encode())
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if file.suffix in {".py", ".yaml"}:
                digest.update(f"\0{file.relative_to(SOURCE)}\0".encode())
                digest.update(file.read_bytes())
    return digest.hexdigest()[:20]


def _forget_others(kept: Path) -> None:
    """Remove what older sources had made under the same name."""
    stem = kept.name.partition("-")[0]
    for other in kept.parent.glob(f"{stem}-*"):
        if other != kept:
            shutil.rmtree(other) if other.is_dir() else other.unlink(missing_ok=True)


def share_models(*, data: Path) -> None:
    """Let the triage models of a data folder be those that an earlier run has trained."""
    parts = (SOURCE / "core" / "triage", SOURCE / "playbooks" / "language")
    kept = KEPT / f"models-{_digest((*parts, SOURCE / 'store' / 'triage_model.py'))}"
    kept.mkdir(parents=True, exist_ok=True)
    _forget_others(kept)
    (data / "models").symlink_to(kept, target_is_directory=True)


def _tables() -> Path:
    """The file in which the migrated tables are kept."""
    sources = (SOURCE / "store" / "migrations", SOURCE / "config" / "django_settings.py")
    return KEPT / f"tables-{_digest(sources, django.VERSION, sqlite3.sqlite_version)}.sqlite3"


def furnish(*, data: Path) -> None:
    """Give a data folder of its own the models, and the tables where they are migrated already."""
    share_models(data=data)
    if _tables().exists():
        shutil.copy(_tables(), data / "huiyin.sqlite3")


@contextlib.contextmanager
def migrated_sqlite() -> Iterator[None]:
    """Fill the SQLite test database with the tables that a run before has migrated.

    Around the preparation of the test database: what is left to migrate is nothing then. The
    first process keeps what its migrations made.
    """
    name = connection.creation._get_test_db_name()
    kept = _tables()
    KEPT.mkdir(parents=True, exist_ok=True)
    with (KEPT / "tables.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        known = kept.exists()
        # As long as somebody is connected, a database in memory stays.
        with contextlib.closing(sqlite3.connect(name, uri=True)) as memory:
            if known:
                with contextlib.closing(sqlite3.connect(kept)) as file:
                    file.backup(memory)
            yield
            if not known:
                _forget_others(kept)
                new = kept.with_suffix(f".{os.getpid()}")
                with contextlib.closing(sqlite3.connect(new)) as file:
                    memory.backup(file)
                new.replace(kept)
