from django.db import connection, migrations

import huiyin.store.sealed_field
from huiyin.store.sealed import seal, unseal


def _rewritten(change):
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, account FROM payout WHERE account <> ''")
        rows = [(change(account), id) for id, account in cursor.fetchall()]
        cursor.executemany("UPDATE payout SET account = %s WHERE id = %s", rows)


def close(apps, schema_editor):
    _rewritten(lambda text: seal(value=text))


def open_again(apps, schema_editor):
    _rewritten(lambda text: unseal(text=text))


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0033_contacts_set_aside"),
    ]

    operations = [
        migrations.AlterField(
            model_name="payout",
            name="account",
            field=huiyin.store.sealed_field.SealedField(blank=True),
        ),
        migrations.RunPython(close, open_again),
    ]
