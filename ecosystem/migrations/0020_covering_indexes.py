from django.db import migrations, models

RECORDS = ("breakthrough", "challenge", "collection", "company", "factor", "hub", "institution")
INDEXES = {f"{name}_public_idx": (name, ["state", "published_at", "withdraw_at", "id"]) for name in RECORDS}
INDEXES["change_by_record_idx"] = "change", ["kind", "object_id", "published_at", "action", "id"]


class Migration(migrations.Migration):
    dependencies = [("ecosystem", "0019_opening_of_the_home_hub")]

    operations = [
        *(migrations.RemoveIndex(model, name) for name, (model, _) in INDEXES.items()),
        *(
            migrations.AddIndex(model, models.Index(fields=fields, name=name))
            for name, (model, fields) in INDEXES.items()
        ),
    ]
