"""Name the blocks of the search index on PostgreSQL, so that the newest matches are read alone.

What is indexed changes, too: the starts of numbers. The index is written anew beside the work.
"""

from django.db import migrations
from django.utils import timezone

from huiyin.store.windows import blocks_sql


def name_blocks(apps, schema_editor):
    if schema_editor.connection.vendor != "postgresql":
        return
    for table, index in (("search_entry", "search_words"), ("past_case", "past_words")):
        schema_editor.execute(f"DROP INDEX {index}")
        schema_editor.execute(
            f"UPDATE {table} SET words = words || array_to_tsvector({blocks_sql(number='id')})"
        )
        schema_editor.execute(f"CREATE INDEX {index} ON {table} USING gin (words)")


def ask_for_rebuild(apps, schema_editor):
    if apps.get_model("store", "Message").objects.exists():
        apps.get_model("store", "Job").objects.update_or_create(
            name="reindex",
            defaults={
                "next_at": timezone.now(), "lease_until": None, "state": {"phase": "cases"},
            },
        )  # fmt: skip


class Migration(migrations.Migration):
    dependencies = [("store", "0031_event_ground")]
    operations = [
        migrations.RunPython(name_blocks, migrations.RunPython.noop),
        migrations.RunPython(ask_for_rebuild, migrations.RunPython.noop),
    ]
