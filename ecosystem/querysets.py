"""What is public, and the named ways to read it. Nothing else decides either."""

from django.apps import apps
from django.db import models
from django.db.models import Count, Exists, Max, OuterRef, Prefetch, Q
from django.db.models.functions import Now

from ecosystem.normal import normal_url


def has_come(prefix=""):
    """The condition “published, and its time has come”: a time of withdrawal may have come as well."""
    return Q(**{f"{prefix}state": "published", f"{prefix}published_at__lte": Now()})


def is_published(prefix=""):
    """The condition “a reader may see this record now”, in SQL against the database's clock.

    `prefix` leads to the record, as in `company__`. A schedule is a time of publication or of withdrawal
    in the future: no job has to run for it.
    """
    stays = Q(**{f"{prefix}withdraw_at": None}) | Q(**{f"{prefix}withdraw_at__gt": Now()})
    return has_come(prefix) & stays


class NaturalKeyQuerySet(models.QuerySet):
    """Finds a row by the field that names it in fixtures (`natural_key_field` of the model)."""

    def get_by_natural_key(self, key):
        return self.get(**{self.model.natural_key_field: key})

    def for_listing(self):
        """With what a row of a list shows."""
        return self

    def for_export(self):
        """With what a row of data holds."""
        return self.for_listing()


class RecordQuerySet(NaturalKeyQuerySet):
    def published(self):
        return self.filter(is_published())

    def withdrawn(self):
        """Records that were public once: their address answers with the reason."""
        by_hand = Q(state="withdrawn", published_at__lte=Now())
        return self.filter(by_hand | has_come() & Q(withdraw_at__lte=Now()))

    def scheduled(self):
        """Records that wait for their time of publication."""
        return self.filter(state="published", published_at__gt=Now())

    def with_statements(self):
        """Also load each record's public statements with their sources, in the order of the page."""
        statements = self.model._meta.get_field("statements").related_model.objects
        return self.prefetch_related(Prefetch("statements", statements.shown().with_sources()))

    def for_export(self):
        return self.for_listing().with_statements().prefetch_related("sources", "previous_slugs")

    def for_detail(self):
        return self.for_export()


def published(model_name):
    """The public rows of a model named in this app; for prefetches across models."""
    return apps.get_model("ecosystem", model_name).objects.published()


def about_public(kinds):
    """The condition “it is about a row that is public”, for rows that name it by `kind` and `object_id`."""
    public = Q()
    for kind in kinds:
        # Of each row in hand its record is looked up: of a page that is less than to list all records.
        public |= Q(kind=kind) & Q(Exists(published(kind).filter(pk=OuterRef("object_id"))))
    return public


class CompanyQuerySet(RecordQuerySet):
    def for_listing(self):
        parents = published("Company").only("slug", "name")
        return self.select_related("place").prefetch_related("sectors", Prefetch("parent", parents))

    def for_detail(self):
        return (
            super()
            .for_detail()
            .prefetch_related(
                Prefetch("subsidiaries", published("Company")),
                Prefetch("breakthroughs", published("Breakthrough").for_listing().newest_first()),
                Prefetch("challenges", published("Challenge")),
                Prefetch("collections", published("Collection")),
            )
        )

    def similar_to(self, company):
        """Firms of the hub that share sectors with a company, most shared first."""
        sectors = [sector.pk for sector in company.sectors.all()]
        others = self.filter(sectors__in=sectors, hub_link__in=self.model.IN_HUB)
        shared = others.exclude(pk=company.pk).annotate(shared=Count("sectors", distinct=True))
        return shared.order_by("-shared", "name", "pk")


class BreakthroughQuerySet(RecordQuerySet):
    def newest_first(self):
        return self.order_by(models.F("date").desc(nulls_last=True), "name", "pk")

    def for_listing(self):
        return self.prefetch_related(
            "sectors",
            Prefetch("companies", published("Company")),
            Prefetch("institutions", published("Institution")),
        )


class ChallengeQuerySet(RecordQuerySet):
    def for_listing(self):
        return self.prefetch_related("sectors", Prefetch("companies", published("Company")))

    def with_response_count(self):
        shown = Q(statements__kind="response", statements__draft=False)
        return self.annotate(response_count=Count("statements", filter=shown))


class InstitutionQuerySet(RecordQuerySet):
    def for_listing(self):
        return self.select_related("place")

    def for_detail(self):
        return (
            super()
            .for_detail()
            .prefetch_related(Prefetch("breakthroughs", published("Breakthrough").newest_first()))
        )


class CollectionQuerySet(RecordQuerySet):
    def for_listing(self):
        return self.prefetch_related(Prefetch("companies", published("Company")))


class HubQuerySet(RecordQuerySet):
    def home(self):
        """The hub that the portal is about, if it is published; else None."""
        return self.published().filter(is_home=True).first()


class StatementQuerySet(NaturalKeyQuerySet):
    def shown(self):
        """Statements that are not held back. Public where their record is: for records already gated."""
        return self.filter(draft=False)

    def published(self):
        """Statements that are not held back, about records that are public."""
        public_subject = Q()
        for subject in self.model.SUBJECTS:
            public_subject |= is_published(f"{subject}__")
        return self.shown().filter(public_subject)

    def with_sources(self):
        return self.prefetch_related("sources")

    def for_listing(self):
        """A page of rows is found by its keys: to sort all keys takes a fraction of sorting all rows."""
        page = self.model.objects.filter(pk__in=self.values("pk")).order_by(*self.query.order_by)
        rows = page if self.query.is_sliced else self
        return rows.with_subjects().with_sources()

    def with_subjects(self):
        return self.select_related(*self.model.SUBJECTS)

    def did_not_hold(self):
        """Claims and facts that readers should not repeat as they stand."""
        return self.filter(status__in=["disputed", "unsupported"])


class SourceQuerySet(NaturalKeyQuerySet):
    def at(self, url):
        """Sources whose address leads to the same page: one at most, but for what was there before."""
        known = normal_url(url)
        return self.filter(normal_url=known) if known else self.none()

    def published(self):
        """Sources on which something public rests; one that only a draft cites is not shown."""
        cited = Q()
        # Kind by kind, for PostgreSQL makes no good plan of a join of more than eight tables.
        for subject in self.model._meta.get_field("statements").related_model.SUBJECTS:
            shown = {"statements__draft": False, "statements__sources": OuterRef("pk")}
            cited |= Q(Exists(published(subject).filter(**shown)))
        for relation in self.model.citing_relations():
            cited |= Q(Exists(relation.related_model.objects.published().filter(sources=OuterRef("pk"))))
        return self.filter(cited)


class VocabularyQuerySet(NaturalKeyQuerySet):
    def published(self):
        """All of it: a vocabulary holds no drafts."""
        return self.all()


class PlaceQuerySet(VocabularyQuerySet):
    def for_export(self):
        return self.select_related("parent").prefetch_related("sources")


class ChangeQuerySet(models.QuerySet):
    def seen(self):
        """Changes of public content whose time has come, whatever became of the record since."""
        return self.filter(published_at__lte=Now()).defer("whole")

    def waiting(self):
        """Publications and withdrawals with a date ahead."""
        return self.filter(published_at__gt=Now())

    def published(self):
        """What readers may look up: changes of records that are public today, and that one went away."""
        return self.seen().filter(Q(action__in=self.model.GONE) | about_public(self.model.KINDS))

    def newest_states(self):
        """The last state of each record that readers know or would know, seen or not.

        A withdrawal is one from its time on only.
        """
        come_true = ~Q(action=self.model.Action.WITHDRAWN) | Q(published_at__lte=Now())
        return self.newest(self.filter(come_true, snapshot__isnull=False))

    def newest_whole(self):
        """The last whole state of each record, also where only something changed that no reader sees."""
        return self.newest(self.filter(whole__isnull=False))

    def newest(self, states):
        records = states.order_by().values("kind", "object_id")
        return self.filter(pk__in=records.annotate(newest=Max("pk")).values("newest"))

    def for_listing(self):
        return self.prefetch_related("record")

    def for_export(self):
        return self.for_listing()


def known(kind):
    """Rows of a kind that have a page, or one that says why they are gone."""
    rows = published(kind)
    return rows | rows.model.objects.withdrawn() if hasattr(rows, "withdrawn") else rows
