"""Read a database address: sqlite:////path/file or postgresql://user:password@host:port/name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit


class CannotReadDatabaseUrl(ValueError):
    """The text is no address of a database that Huiyin knows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseUrl:
    """A database address in parts. For SQLite ``name`` is the path of the file.

    ``options`` are the parameters after ``?``, passed to the driver (such as sslmode).
    """

    engine: Literal["sqlite", "postgresql"]
    name: str
    host: str = ""
    port: int | None = None
    user: str = ""
    password: str = field(default="", repr=False)
    options: dict[str, str] = field(default_factory=dict)


def read_database_url(*, url: str) -> DatabaseUrl:
    """Take a database address apart.

    A PostgreSQL server behind a unix socket is written
    ``postgresql://user@/name?host=/folder/of/socket``. Raises CannotReadDatabaseUrl with a text
    that says what is expected and does not repeat the address (it may hold a password).
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        path = unquote(parts.path)
        if parts.netloc or parts.query or parts.fragment or not path.strip("/"):
            raise CannotReadDatabaseUrl("a SQLite address is sqlite:////absolute/path/file.sqlite3")
        # The first slash ends the empty host; an absolute path brings its own.
        return DatabaseUrl(engine="sqlite", name=path[1:])
    if parts.scheme not in {"postgres", "postgresql"}:
        raise CannotReadDatabaseUrl("start it with sqlite:// or postgresql://")
    try:
        port = parts.port
    except ValueError as error:
        raise CannotReadDatabaseUrl("the port is not a number from 0 to 65535") from error
    name = unquote(parts.path).strip("/")
    if not name:
        raise CannotReadDatabaseUrl("name the database: postgresql://user:password@host:port/name")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    host = unquote(parts.hostname or "") or options.pop("host", "")
    return DatabaseUrl(
        engine="postgresql",
        name=name,
        host=host,
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        options=options,
    )
