"""Room for the longest verdict: PostgreSQL refuses what is longer, SQLite knows no lengths.

SQLite would copy the whole table for it and lose the indexes made by hand.
"""

from typing import Any

from django.db import migrations, models


def widen(_apps: Any, editor: Any) -> None:
    if editor.connection.vendor == "postgresql":
        editor.execute("ALTER TABLE complaint ALTER COLUMN verdict TYPE varchar(14)")


class Migration(migrations.Migration):
    dependencies = [("store", "0015_queue_indexes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunPython(widen, migrations.RunPython.noop)],
            state_operations=[
                migrations.AlterField(
                    model_name="complaint",
                    name="verdict",
                    field=models.CharField(blank=True, max_length=14),
                ),
            ],
        ),
    ]
