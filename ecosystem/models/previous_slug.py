from django.db import models
from django.db.models import Q

from ecosystem.models.evidence import SUBJECTS, exactly_one
from ecosystem.models.record import SLUG
from ecosystem.querysets import known


class PreviousSlugQuerySet(models.QuerySet):
    """Slugs of the past. A slug is unique among the records of a kind, for the address names the kind too."""

    def of_kind(self, kind):
        return self.filter(**{f"{kind}__isnull": False})

    def get_by_natural_key(self, kind, slug):
        return self.of_kind(kind).get(slug=slug)

    def record_behind(self, kind, slug):
        """The record that readers knew under this slug, if it has a page, or had one; else None."""
        return known(kind).filter(previous_slugs__slug=slug).first()

    def leave(self, record, slug):
        """Let an address that readers knew lead to this record, whatever it led to before.

        The slug that the record has now is none of the past any more.
        """
        kind = record._meta.model_name
        self.of_kind(kind).filter(slug=record.slug).delete()
        self.of_kind(kind).update_or_create(slug=slug, defaults={kind: record})


def record_of(kind):
    """A foreign key to a record of this kind, which goes when the record goes."""
    return models.ForeignKey(
        kind, on_delete=models.CASCADE, null=True, blank=True, related_name="previous_slugs"
    )


def one_of_a_kind(kind):
    return models.UniqueConstraint(
        fields=["slug"],
        condition=Q(**{f"{kind}__isnull": False}),
        name=f"%(app_label)s_%(class)s_one_{kind}",
        violation_error_message="This slug leads to another record already.",
    )


class PreviousSlug(models.Model):
    """A slug under which readers knew a record: its address leads to the record's address of today."""

    slug = models.SlugField(max_length=80)
    company = record_of("Company")
    breakthrough = record_of("Breakthrough")
    challenge = record_of("Challenge")
    factor = record_of("Factor")
    institution = record_of("Institution")
    collection = record_of("Collection")
    hub = record_of("Hub")

    objects = PreviousSlugQuerySet.as_manager()

    class Meta:
        ordering = ["slug", "pk"]
        constraints = [
            *map(one_of_a_kind, SUBJECTS),
            models.CheckConstraint(
                condition=exactly_one(SUBJECTS),
                name="%(app_label)s_%(class)s_one_record",
                violation_error_message="A previous slug is of exactly one record.",
            ),
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG),
                name="%(app_label)s_%(class)s_ascii",
                violation_error_message="The slug takes lower-case letters, digits and single hyphens only.",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.slug}"

    @property
    def kind(self):
        return next(name for name in SUBJECTS if getattr(self, f"{name}_id"))

    @property
    def record(self):
        return getattr(self, self.kind)

    def natural_key(self):
        return self.kind, self.slug

    natural_key.dependencies = [f"ecosystem.{name}" for name in SUBJECTS]
