"""A record can be withdrawn by time."""

from django.db import migrations, models
from django.db.models import F, Q

RECORDS = ("breakthrough", "challenge", "collection", "company", "factor", "hub", "institution")


def operations(name):
    yield migrations.AddField(
        model_name=name,
        name="withdraw_at",
        field=models.DateTimeField(
            blank=True, help_text="From then on the page gives the reason below. Empty: it stays.", null=True
        ),
    )
    yield migrations.AlterField(
        model_name=name,
        name="published_at",
        field=models.DateTimeField(
            blank=True, help_text="A time in the future is a schedule. Empty: at once.", null=True
        ),
    )
    yield migrations.AddConstraint(
        model_name=name,
        constraint=models.CheckConstraint(
            condition=Q(withdraw_at=None) | ~Q(withdrawal_reason=""),
            name=f"ecosystem_{name}_withdrawal_has_reason",
            violation_error_message="A withdrawal by time needs a reason that readers can see.",
        ),
    )
    yield migrations.AddConstraint(
        model_name=name,
        constraint=models.CheckConstraint(
            condition=Q(withdraw_at=None) | Q(published_at=None) | Q(withdraw_at__gt=F("published_at")),
            name=f"ecosystem_{name}_withdrawn_after_published",
            violation_error_message="A record is withdrawn after it is published, not before.",
        ),
    )


class Migration(migrations.Migration):
    dependencies = [("ecosystem", "0008_whole_snapshot")]
    operations = [operation for name in RECORDS for operation in operations(name)]
