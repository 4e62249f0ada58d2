"""The two controlled vocabularies: what a firm works on, and where it sits."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from ecosystem.models.record import Named, not_its_own_parent
from ecosystem.querysets import PlaceQuerySet, VocabularyQuerySet


class Sector(Named):
    """A field of work, with the definition by which records are sorted into it."""

    definition = models.CharField(
        max_length=300, help_text="What belongs here and what does not, so that two editors sort alike."
    )

    objects = VocabularyQuerySet.as_manager()


class Place(Named):
    """A city, district, town, park or campus. A place contains the places that name it as their parent."""

    class Kind(models.TextChoices):
        CITY = "city", "City"
        DISTRICT = "district", "District"
        TOWN = "town", "Town"
        PARK = "park", "Park"
        CAMPUS = "campus", "Campus"

    kind = models.CharField(max_length=10, choices=Kind, help_text="From a city down to a campus.")
    parent = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        help_text="The place around it.",
    )
    definition = models.CharField(
        max_length=500, help_text="What it is and where its borders are, in a sentence."
    )
    latitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-90), MaxValueValidator(90)],
        help_text="Degrees, WGS-84. Chinese maps use shifted coordinates: convert them first.",
    )
    longitude = models.DecimalField(
        max_digits=8,
        decimal_places=5,
        null=True,
        blank=True,
        validators=[MinValueValidator(-180), MaxValueValidator(180)],
        help_text="Degrees, WGS-84, as the latitude.",
    )
    coordinate_note = models.CharField(
        max_length=300, blank=True, help_text="What the point marks, and who gives it."
    )
    sources = models.ManyToManyField(
        "Source", blank=True, help_text="What definition and coordinates rest on."
    )

    objects = PlaceQuerySet.as_manager()

    class Meta(Named.Meta):
        constraints = [
            *Named.Meta.constraints,
            not_its_own_parent(),
            models.CheckConstraint(
                condition=Q(latitude__isnull=True, longitude__isnull=True)
                # A comparison with NULL is not false, and a check refuses only what is false.
                | Q(latitude__isnull=False, longitude__isnull=False)
                & Q(latitude__range=(-90, 90), longitude__range=(-180, 180)),
                name="%(app_label)s_%(class)s_coordinates_in_pairs",
                violation_error_message="Give both coordinates in degrees, or none.",
            ),
        ]
