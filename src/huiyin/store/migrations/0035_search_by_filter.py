"""Index what filters of the search ask for, so that the few complaints that fit one are found.

The memory of ended complaints has got keys of its own for a category with a place or an article:
it is written anew beside the work.
"""

from django.db import migrations
from django.utils import timezone

INDEXES = {
    "search_case_kind": "search_case (department, category, channel, status, opened)",
    "search_case_person": "search_case (assignee, opened)",
    "search_entry_case": "search_entry (case_no)",
}


def index_filters(apps, schema_editor):
    # nobody's department is no NULL: combinations with one are run through like the others
    schema_editor.execute("UPDATE search_case SET department = '' WHERE department IS NULL")
    for name, columns in INDEXES.items():
        schema_editor.execute(f"CREATE INDEX {name} ON {columns}")


def drop_filters(apps, schema_editor):
    for name in INDEXES:
        schema_editor.execute(f"DROP INDEX {name}")


def ask_for_rebuild(apps, schema_editor):
    jobs = apps.get_model("store", "Job").objects
    if not apps.get_model("store", "Complaint").objects.exists():
        return
    job, _new = jobs.get_or_create(name="reindex", defaults={"next_at": timezone.now()})
    # a run that is under way comes to the memory by itself
    if job.state.get("phase", "done") == "done":
        jobs.filter(name="reindex").update(state={"phase": "past"}, next_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("store", "0034_payout_account_sealed")]
    operations = [
        migrations.RunPython(index_filters, drop_filters),
        migrations.RunPython(ask_for_rebuild, migrations.RunPython.noop),
    ]
