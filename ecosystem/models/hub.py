import re

from django.db import models
from django.db.models import Q

from ecosystem.models.record import Record
from ecosystem.querysets import HubQuerySet

PARAGRAPH_END = re.compile(r"\n\s*\n")


class Hub(Record):
    """A tech hub: the one that this portal is about, or a peer that it is compared with."""

    country = models.CharField(max_length=60, help_text="In English.")
    is_home = models.BooleanField(
        "the hub of this portal",
        default=False,
        help_text="One hub is. Its summary and the first paragraph of its text, three sentences in all, "
        "open the first page.",
    )

    objects = HubQuerySet.as_manager()

    class Meta(Record.Meta):
        constraints = [
            *Record.Meta.constraints,
            models.UniqueConstraint(
                fields=["is_home"],
                condition=Q(is_home=True),
                name="%(app_label)s_%(class)s_one_home",
                violation_error_message="Another hub is the home of this portal already.",
            ),
        ]

    @property
    def opening(self):
        """The first paragraph of the text, which follows the summary on the first page."""
        return PARAGRAPH_END.split(self.body, maxsplit=1)[0]
