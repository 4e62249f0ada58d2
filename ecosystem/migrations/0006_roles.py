"""The permissions of the roles. Who kept the content until now becomes a chief editor."""

from django.db import migrations

COMMON = ("view", "add", "change", "delete")
OF_RECORDS = (*COMMON, "publish", "withdraw", "import", "merge")
RECORDS = ("breakthrough", "challenge", "collection", "company", "factor", "hub", "institution")


def rename_group(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name="Editors").update(name="Chief editor")


def options(name):
    plural = {"verbose_name_plural": "companies"} if name == "company" else {}
    return {"ordering": ["name", "pk"], "default_permissions": OF_RECORDS, **plural}


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("ecosystem", "0005_previous_slug"),
    ]

    operations = [
        *(migrations.AlterModelOptions(name=name, options=options(name)) for name in RECORDS),
        migrations.AlterModelOptions(
            name="source",
            options={
                "ordering": ["publisher", "title", "pk"],
                "default_permissions": (*COMMON, "publish", "import"),
            },
        ),
        migrations.AlterModelOptions(
            name="statement",
            options={"ordering": ["position", "pk"], "default_permissions": (*COMMON, "import")},
        ),
        migrations.RunPython(rename_group, migrations.RunPython.noop),
    ]
