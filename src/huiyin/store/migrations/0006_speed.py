"""Count what each person carries; find the newest complaints of a match key in the index's order."""

from django.db import migrations, models


def count_load(apps, schema_editor):
    complaints = apps.get_model("store", "Complaint")
    tally = apps.get_model("store", "Tally")
    carried = (
        complaints.objects.filter(live=True, assignee__isnull=False)
        .exclude(status="resolved")
        .values_list("assignee_id")
        .annotate(n=models.Count("id"))
    )
    tally.objects.bulk_create(
        tally(name=f"load:{person}", value=number) for person, number in carried
    )


def forget_load(apps, schema_editor):
    apps.get_model("store", "Tally").objects.filter(name__startswith="load:").delete()


class Migration(migrations.Migration):
    dependencies = [("store", "0005_search_by_case")]
    operations = [
        migrations.RemoveIndex(model_name="matchkey", name="match_lookup"),
        migrations.AddIndex(
            model_name="matchkey",
            index=models.Index(fields=["key", "-at", "-complaint_id"], name="match_lookup"),
        ),
        migrations.RunPython(count_load, forget_load),
    ]
