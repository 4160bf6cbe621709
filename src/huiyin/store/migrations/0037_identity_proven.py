"""Identities tell whether they are proven or only claimed."""

from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q

SAID = ("portal", "chat", "wechat", "wecom", "douyin", "social")


def prove(apps, schema_editor):
    """Mark what a channel vouched for, or we wrote down ourselves; accounts always are."""
    identity = apps.get_model("store", "Identity")
    message = apps.get_model("store", "Message")
    db = schema_editor.connection.alias
    shown = message.objects.filter(id=OuterRef("message_id"))
    vouched = shown.filter(sender__iexact=OuterRef("value")).exclude(channel__in=SAID)
    rows = identity.objects.using(db)
    rows.filter(
        (~Q(kind__in=["phone", "email", "chat"])) | Q(message_id=None) | Q(Exists(vouched))
    ).update(proven=True)


def one_each(apps, schema_editor):
    """Leave one row of each address, the proven one where there is one."""
    rows = apps.get_model("store", "Identity").objects.using(schema_editor.connection.alias)
    better = rows.filter(kind=OuterRef("kind"), value=OuterRef("value")).filter(
        Q(proven__gt=OuterRef("proven")) | Q(proven=OuterRef("proven"), id__lt=OuterRef("id"))
    )
    worse = rows.filter(proven=False).filter(Exists(better)).values_list("id", flat=True)
    for id in list(worse):
        rows.filter(id=id).delete()


class Migration(migrations.Migration):
    atomic = True
    dependencies = [("store", "0036_aside_by_time")]

    operations = [
        migrations.AddField(
            model_name="identity",
            name="proven",
            field=models.BooleanField(default=False),
        ),
        migrations.RemoveConstraint(model_name="identity", name="identity_once"),
        migrations.AddIndex(
            model_name="identity",
            index=models.Index(fields=["kind", "value"], name="identity_said"),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.UniqueConstraint(
                condition=models.Q(("proven", True)),
                fields=("kind", "value"),
                name="identity_proven_once",
            ),
        ),
        migrations.RunPython(prove, one_each),
    ]
