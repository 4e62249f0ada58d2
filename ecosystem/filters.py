"""What each public list can be narrowed by. Parameter names are public: they are never renamed."""

from django.db.models import Q

from ecosystem.coverage import RECORD_TYPE
from ecosystem.facets import ConditionFacet, Facet, ManyFacet, TreeFacet
from ecosystem.filtering import (
    ListFilterSet,
    RecordFilterSet,
    SectorFacet,
    evidence,
    has_statement,
    names_of,
    newest,
    oldest,
    rank,
    sectors,
    tied,
    year_filters,
)
from ecosystem.models import (
    Breakthrough,
    Challenge,
    Collection,
    Company,
    Factor,
    Institution,
    Place,
    Sector,
    Source,
    Statement,
)


class CompanyFilterSet(RecordFilterSet):
    sector = sectors()
    place = TreeFacet("place__slug", label="Place", vocabulary=Place.objects.published)
    ownership = Facet("ownership", label="Ownership", choices=Company.Ownership.choices)
    hub_link = Facet(
        "hub_link", label="Link to the hub", choices=Company.HubLink.choices, default=Company.IN_HUB
    )
    open_source = ConditionFacet(
        {
            "yes": ("Publishes open code or models", lambda: Q(open_source=True)),
            "no": ("Does not", lambda: Q(open_source=False)),
            "unknown": ("Not known", lambda: Q(open_source=None)),
        },
        label="Open source",
    )
    collection = ManyFacet("collections__slug", label="Collection", vocabulary=Collection.objects.published)
    affected_by = ManyFacet("challenges__slug", label="Affected by", vocabulary=Challenge.objects.published)
    evidence = evidence("company")
    founded_from, founded_to = year_filters("founded")

    sorts = {
        "name": ("Name", ["name"]),
        "founded": ("Oldest first", [oldest("founded"), "name"]),
        "-founded": ("Youngest first", [newest("founded"), "name"]),
        "updated": ("Recently changed", ["-updated_at"]),
    }


class BreakthroughFilterSet(RecordFilterSet):
    sector = sectors()
    kind = Facet("kind", label="Kind", choices=Breakthrough.Kind.choices)
    company = tied(Company, "breakthroughs")
    institution = tied(Institution, "breakthroughs")
    evidence = evidence("breakthrough")
    year_from, year_to = year_filters("date")

    sorts = {
        "-date": ("Newest first", [newest("date"), "name"]),
        "date": ("Oldest first", [oldest("date"), "name"]),
        "name": ("Name", ["name"]),
        "updated": ("Recently changed", ["-updated_at"]),
    }


class ChallengeFilterSet(RecordFilterSet):
    category = Facet("category", label="Category", choices=Challenge.Category.choices)
    severity = Facet("severity", label="Severity", choices=Challenge.Severity.choices)
    trend = Facet("trend", label="Trend", choices=Challenge.Trend.choices)
    sector = sectors()
    company = tied(Company, "challenges")
    has_response = ConditionFacet(
        {
            "yes": ("Has a response", lambda: has_statement("challenge", kind="response")),
            "no": ("None known", lambda: ~Q(has_statement("challenge", kind="response"))),
        },
        label="Response",
    )
    evidence = evidence("challenge")
    since_from, since_to = year_filters("since")

    sorts = {
        "severity": (
            "Most severe first",
            [rank("severity", Challenge.Severity), rank("trend", Challenge.Trend), "name"],
        ),
        "since": ("Oldest first", [oldest("since"), "name"]),
        "-since": ("Newest first", [newest("since"), "name"]),
        "name": ("Name", ["name"]),
        "updated": ("Recently changed", ["-updated_at"]),
    }


class FactorFilterSet(RecordFilterSet):
    kind = Facet("kind", label="Kind", choices=Factor.Kind.choices)
    evidence = evidence("factor")


class InstitutionFilterSet(RecordFilterSet):
    kind = Facet("kind", label="Kind", choices=Institution.Kind.choices)
    place = TreeFacet("place__slug", label="Place", vocabulary=Place.objects.published)
    evidence = evidence("institution")


class SectorFilterSet(ListFilterSet):
    sorts = {"name": ("Name", ["name"])}


class PlaceFilterSet(SectorFilterSet):
    kind = Facet("kind", label="Kind", choices=Place.Kind.choices)


class SourceFilterSet(RecordFilterSet):
    kind = Facet("kind", label="Kind", choices=Source.Kind.choices)

    sorts = {
        "publisher": ("Publisher", ["publisher", "title"]),
        "-published": ("Newest first", [newest("published"), "publisher"]),
    }


class SubjectFacet(Facet):
    """What sort of record a statement is about."""

    def condition(self, model, values):
        either = Q()
        for subject in values:
            either |= Q(**{f"{subject}__isnull": False})
        return either

    @property
    def single(self):
        return Statement.record_type()

    @property
    def dimension(self):
        return RECORD_TYPE


class StatementFilterSet(RecordFilterSet):
    q = None
    status = Facet("status", label="Status", choices=Statement.Status.choices)
    kind = Facet("kind", label="Kind", choices=Statement.Kind.choices)
    record_type = SubjectFacet(None, label="About", choices=names_of(Statement.SUBJECTS))
    sector = SectorFacet(None, label="Sector", vocabulary=Sector.objects.published)
    year_from, year_to = year_filters("date")

    sorts = {
        "-date": ("Newest first", [newest("date")]),
        "date": ("Oldest first", [oldest("date")]),
    }
