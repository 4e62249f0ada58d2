"""What every record has in common: names, prose, sources, and whether readers see it."""

from functools import cache, cached_property

from django.db import models
from django.db.models import F, Q
from django.urls import get_script_prefix, reverse
from django.utils import timezone

from ecosystem.querysets import RecordQuerySet

SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*\Z"
# A slug that is none of a word.
SLOT = "0-slot-0"


@cache
def path_to(prefix, name):
    """The address of a page with SLOT for the slug: a page of links would ask Django a hundred times."""
    return reverse(name, args=[SLOT])


def not_its_own_parent():
    return models.CheckConstraint(
        condition=~Q(parent=F("pk")),
        name="%(app_label)s_%(class)s_not_its_own_parent",
        violation_error_message="Nothing is its own parent.",
    )


class Named(models.Model):
    """Something with a permanent address and an English and a Chinese name."""

    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text="Part of the address, so permanent: lower-case letters, digits and single hyphens.",
    )
    name = models.CharField(max_length=120, help_text="The usual English name, as readers look it up.")
    name_zh = models.CharField(
        "Chinese name",
        max_length=60,
        blank=True,
        help_text="The usual name in Chinese characters, if it has one.",
    )

    natural_key_field = "slug"

    class Meta:
        abstract = True
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(slug__regex=SLUG),
                name="%(app_label)s_%(class)s_slug_ascii",
                violation_error_message="The slug takes lower-case letters, digits and single hyphens only.",
            )
        ]

    def __str__(self):
        return self.name

    def natural_key(self):
        return (self.slug,)

    def get_absolute_url(self):
        return path_to(get_script_prefix(), f"{self._meta.model_name}-detail").replace(SLOT, self.slug)


class Record(Named):
    """A thing with a page of its own."""

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        IN_REVIEW = "review", "In review"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    summary = models.CharField(max_length=500, blank=True, help_text="Plain text: what it is, in a sentence.")
    # Six times the longest so far. What people nest and repeat beyond that takes seconds to turn into HTML.
    body = models.TextField(
        blank=True,
        max_length=20_000,
        help_text="Markdown: paragraphs, **bold**, lists, [links](https://…), tables; no HTML, no images.",
    )
    sources = models.ManyToManyField(
        "Source",
        blank=True,
        help_text="What summary and text rest on. Facts carry their own sources.",
    )
    state = models.CharField(
        max_length=10,
        choices=State,
        default=State.DRAFT,
        help_text="Only what is published is seen; a draft may be incomplete.",
    )
    published_at = models.DateTimeField(
        null=True, blank=True, help_text="A time in the future is a schedule. Empty: at once."
    )
    withdraw_at = models.DateTimeField(
        null=True, blank=True, help_text="From then on the page gives the reason below. Empty: it stays."
    )
    withdrawal_reason = models.CharField(
        max_length=300, blank=True, help_text="Readers who follow an old link see it."
    )
    updated_at = models.DateTimeField(auto_now=True)
    checked_on = models.DateField(
        null=True,
        blank=True,
        help_text="When a person last re-read the sources; an edit does not move it.",
    )

    # Typed columns whose emptiness readers should hear of.
    worth_knowing = ()

    objects = RecordQuerySet.as_manager()

    class Standing(models.TextChoices):
        """The state as the clock has it: what `state` and the two times come to."""

        DRAFT = "draft", "Draft"
        IN_REVIEW = "review", "In review"
        SCHEDULED = "scheduled", "Scheduled"
        PUBLISHED = "published", "Published"
        WITHDRAWN = "withdrawn", "Withdrawn"

    @property
    def standing(self):
        """Its Standing by this machine's clock: for editors. What readers see is for `published()` to say."""
        now = timezone.now()
        if self.state != self.State.PUBLISHED:
            return self.Standing(self.state)
        if self.published_at > now:
            return self.Standing.SCHEDULED
        is_over = self.withdraw_at is not None and self.withdraw_at <= now
        return self.Standing.WITHDRAWN if is_over else self.Standing.PUBLISHED

    @cached_property
    def statuses(self):
        """That of each statement."""
        return [statement.status for statement in self.statements.all()]

    @cached_property
    def cited(self):
        """Addresses of the sources of prose and statements, each once, as keys."""
        told = (self, *self.statements.all())
        return dict.fromkeys(source.url for one in told for source in one.sources.all())

    class Meta(Named.Meta):
        abstract = True
        # Which role holds which of them: roles.py.
        default_permissions = ("view", "add", "change", "delete", "publish", "withdraw", "import", "merge")
        constraints = [
            *Named.Meta.constraints,
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="%(app_label)s_%(class)s_published_has_date",
                violation_error_message="A published record needs a publication date.",
            ),
            models.CheckConstraint(
                condition=~Q(state="withdrawn") | ~Q(withdrawal_reason=""),
                name="%(app_label)s_%(class)s_withdrawn_has_reason",
                violation_error_message="A withdrawn record needs a reason that readers can see.",
            ),
            models.CheckConstraint(
                condition=Q(withdraw_at=None) | ~Q(withdrawal_reason=""),
                name="%(app_label)s_%(class)s_withdrawal_has_reason",
                violation_error_message="A withdrawal by time needs a reason that readers can see.",
            ),
            models.CheckConstraint(
                condition=Q(withdraw_at=None) | Q(published_at=None) | Q(withdraw_at__gt=F("published_at")),
                name="%(app_label)s_%(class)s_withdrawn_after_published",
                violation_error_message="A record is withdrawn after it is published, not before.",
            ),
        ]
        indexes = [
            # All that is_published() asks, and the key, so that to list or count what is public reads no row.
            models.Index(fields=["state", "published_at", "withdraw_at", "id"], name="%(class)s_public_idx"),
            models.Index(fields=["state", "name", "id"], name="%(class)s_by_name_idx"),
            models.Index(fields=["-updated_at", "id"], name="%(class)s_by_change_idx"),
            # Of few rows: asked after every commit for the next that goes.
            models.Index(
                fields=["withdraw_at"],
                condition=Q(withdraw_at__isnull=False),
                name="%(class)s_withdraw_idx",
            ),
        ]
