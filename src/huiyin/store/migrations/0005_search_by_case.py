"""Search tables anew: what filters ask for beside the words, and the memory of ended complaints.

All of it is derived: the index is written anew from the messages (``huiyin reindex``, or the worker).
"""

from django.db import migrations

_CASE = (
    "CREATE TABLE search_case (no {serial}, complaint_id {uuid} NOT NULL UNIQUE,"
    " category varchar(20) NOT NULL, department varchar(40), assignee integer,"
    " channel varchar(20) NOT NULL, status varchar(20) NOT NULL, opened bigint NOT NULL)"
)
_PAST = (
    "CREATE TABLE past_case (id {serial}, complaint_id {uuid} NOT NULL UNIQUE,"
    " terms text NOT NULL, category varchar(20) NOT NULL, places varchar(120) NOT NULL,"
    " goods varchar(60) NOT NULL, band smallint, department varchar(40), assignee integer,"
    " verdict varchar(10) NOT NULL, remedy varchar(30) NOT NULL, amount bigint NOT NULL,"
    " minutes integer NOT NULL, stars smallint, level smallint NOT NULL,"
    " reopened smallint NOT NULL{words})"
)
SQLITE = (
    "DROP TABLE search_words",
    "DROP TABLE search_entry",
    _CASE.format(serial="integer PRIMARY KEY", uuid="char(32)"),
    "CREATE TABLE search_entry (id integer PRIMARY KEY, case_no integer NOT NULL,"
    " message_id char(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE search_words USING"
    " fts5(words, content='', tokenize='unicode61', detail=none)",
    _PAST.format(serial="integer PRIMARY KEY", uuid="char(32)", words=""),
    "CREATE VIRTUAL TABLE past_words USING"
    " fts5(terms, content='', tokenize='unicode61', detail=none)",
)
POSTGRES = (
    "DROP TABLE search_entry",
    _CASE.format(serial="bigserial PRIMARY KEY", uuid="uuid"),
    "CREATE TABLE search_entry (id bigserial PRIMARY KEY, case_no bigint NOT NULL,"
    " message_id uuid NOT NULL UNIQUE, words tsvector NOT NULL)",
    "CREATE INDEX search_words ON search_entry USING gin (words)",
    _PAST.format(serial="bigserial PRIMARY KEY", uuid="uuid", words=", words tsvector NOT NULL"),
    "CREATE INDEX past_words ON past_case USING gin (words)",
)


def create(apps, schema_editor):
    for statement in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(statement)


def ask_for_rebuild(apps, schema_editor):
    if apps.get_model("store", "Message").objects.exists():
        from django.utils import timezone

        apps.get_model("store", "Job").objects.update_or_create(
            name="reindex",
            defaults={"next_at": timezone.now(), "lease_until": None, "state": {"phase": "cases"}},
        )


class Migration(migrations.Migration):
    dependencies = [("store", "0004_mail_sent_to")]
    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
        migrations.RunPython(ask_for_rebuild, migrations.RunPython.noop),
    ]
