"""Search tables: FTS5 on SQLite, a tsvector column with a GIN index on PostgreSQL."""

from django.db import migrations

SQLITE = (
    "CREATE TABLE search_entry (id integer PRIMARY KEY, complaint_id char(32) NOT NULL,"
    " message_id char(32) NOT NULL)",
    "CREATE INDEX search_message ON search_entry (message_id)",
    "CREATE VIRTUAL TABLE search_words USING fts5(words, content='', tokenize='unicode61')",
)
POSTGRES = (
    "CREATE TABLE search_entry (id bigserial PRIMARY KEY, complaint_id uuid NOT NULL,"
    " message_id uuid NOT NULL, words tsvector NOT NULL)",
    "CREATE INDEX search_message ON search_entry (message_id)",
    "CREATE INDEX search_words ON search_entry USING gin (words)",
)


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


def drop(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE search_words")
    schema_editor.execute("DROP TABLE search_entry")


class Migration(migrations.Migration):
    dependencies = [("store", "0001_initial")]
    operations = [migrations.RunPython(create, drop)]
