"""Full-text search over messages: FTS5 on SQLite, tsvector on PostgreSQL, words by rjieba.

Only the newest matches are ranked (see docs/decisions), so that a very common word costs as much
as a rare one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

import rjieba
from django.db import connection

NEWEST = 2000
_WORD = re.compile(r"[0-9A-Za-z]+|[㐀-鿿]+")
_RUN = re.compile(r"[0-9A-Za-z]{5,}")
_KEEP = 4000
"""Characters of one message that are indexed."""


def tokens_of(*, text: str) -> str:
    """Return the words of a text, separated by blanks, lower case, numbers also by their tails."""
    words: list[str] = []
    for piece in _WORD.findall(text[:_KEEP]):
        if piece[0] < "\u2e80":
            words.append(piece.lower())
        else:
            words.extend(rjieba.cut_for_search(piece, True))
    for number in _RUN.findall(text[:_KEEP]):
        words.append("x" + number[-4:].lower())
    return " ".join(dict.fromkeys(words))


def query_words(*, text: str) -> list[str]:
    """Return the words to look for; a run of four characters of a number also finds its tail."""
    words: list[str] = []
    for piece in _WORD.findall(text[:200]):
        if piece[0] < "\u2e80":
            words.append(piece.lower())
        else:
            words.extend(rjieba.cut(piece, True))
    return list(dict.fromkeys(w for w in words if w.strip()))[:12]


def add(*, rows: Sequence[tuple[UUID, UUID, str]]) -> None:
    """Index (complaint id, message id, text) rows inside the caller's transaction."""
    if not rows:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT COALESCE(MAX(id), 0) FROM search_entry")
            first = int(cursor.fetchone()[0]) + 1
            cursor.executemany(
                "INSERT INTO search_entry (id, complaint_id, message_id) VALUES (%s, %s, %s)",
                [(first + i, c.hex, m.hex) for i, (c, m, _) in enumerate(rows)],
            )
            cursor.executemany(
                "INSERT INTO search_words (rowid, words) VALUES (%s, %s)",
                [(first + i, tokens_of(text=t)) for i, (_, _, t) in enumerate(rows)],
            )
        else:
            cursor.executemany(
                "INSERT INTO search_entry (complaint_id, message_id, words)"
                " VALUES (%s, %s, to_tsvector('simple', %s))",
                [(c, m, tokens_of(text=t)) for c, m, t in rows],
            )


def move(*, messages: Sequence[UUID], complaint_id: UUID) -> None:
    """Let the messages' entries point to another complaint (join undone, merge)."""
    sqlite = connection.vendor == "sqlite"
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE search_entry SET complaint_id = %s WHERE message_id = %s",
            [(complaint_id.hex, m.hex) if sqlite else (complaint_id, m) for m in messages],
        )


def find(*, text: str, limit: int = 200) -> list[UUID]:
    """Return ids of complaints whose messages hold all words of ``text``, best first.

    The newest 2,000 matching messages are ranked; a four-character end of a number counts as a
    word. An empty query finds nothing.
    """
    words = query_words(text=text)
    if not words:
        return []
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            terms = []
            for word in words:
                quoted = '"' + word.replace('"', '""') + '"'
                if word.isascii():
                    either = f"{quoted}*" if len(word) >= 3 else quoted
                    terms.append(f'({either} OR "x{word}")' if len(word) == 4 else either)
                else:
                    terms.append(quoted)
            cursor.execute(
                "SELECT e.complaint_id FROM ("
                " SELECT rowid, rank FROM (SELECT rowid, bm25(search_words) AS rank FROM"
                " search_words WHERE search_words MATCH %s ORDER BY rowid DESC LIMIT %s)"
                ") m JOIN search_entry e ON e.id = m.rowid ORDER BY m.rank, m.rowid DESC LIMIT %s",
                [" AND ".join(terms), NEWEST, limit * 3],
            )
            found = [UUID(row[0]) for row in cursor.fetchall()]
        else:
            terms = []
            for word in words:
                safe = re.sub(r"[^0-9A-Za-z㐀-鿿]", "", word)
                if not safe:
                    continue
                either = f"{safe}:*" if safe.isascii() and len(safe) >= 3 else safe
                terms.append(
                    f"({either} | x{safe})" if safe.isascii() and len(safe) == 4 else either
                )
            cursor.execute(
                "SELECT complaint_id FROM (SELECT id, complaint_id, words FROM search_entry"
                " WHERE words @@ to_tsquery('simple', %s) ORDER BY id DESC LIMIT %s) m"
                " ORDER BY ts_rank(words, to_tsquery('simple', %s)) DESC, id DESC LIMIT %s",
                [" & ".join(terms), NEWEST, " & ".join(terms), limit * 3],
            )
            found = [row[0] for row in cursor.fetchall()]
    return list(dict.fromkeys(found))[:limit]
