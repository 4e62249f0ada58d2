from django.db import models

from ecosystem.models.record import Record
from ecosystem.querysets import CollectionQuerySet


class Collection(Record):
    """A named set of companies that others speak of, such as the “Six Little Dragons”."""

    companies = models.ManyToManyField(
        "Company",
        blank=True,
        related_name="collections",
        help_text="Its members, each with a statement that says who counts it in.",
    )

    objects = CollectionQuerySet.as_manager()

    class Meta(Record.Meta):
        pass
