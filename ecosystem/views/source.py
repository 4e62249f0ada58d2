from ecosystem.columns import SOURCE, STATEMENT, as_dict, link
from ecosystem.filters import SourceFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Source, Statement
from ecosystem.views.record import DetailView


class SourceListView(FilteredListView):
    model = Source
    filterset_class = SourceFilterSet
    columns = SOURCE
    suffixes = ("json", "csv")
    introduction = "Every document that something on this site rests on."


def resting_on(source):
    """Public records and places whose prose cites the source."""
    querysets = [relation.related_model.objects.published() for relation in Source.citing_relations()]
    return [record for queryset in querysets for record in queryset.filter(sources=source)]


def stated_by(source):
    """Public statements that rest on the source.

    They are found by their keys: PostgreSQL makes no good plan of a join of more than eight tables.
    """
    keys = list(source.statements.order_by().values_list("pk", flat=True))
    return Statement.objects.published().filter(pk__in=keys).with_subjects().with_sources()


class SourceDetailView(DetailView):
    """One source, and everything public that rests on it."""

    model = Source
    columns = SOURCE

    def beside(self, source):
        return {
            "statements": [as_dict(STATEMENT, statement) for statement in stated_by(source)],
            "records": [link(record) for record in resting_on(source)],
        }

    def path_to(self, source):
        return [(source.title, source.get_absolute_url())]

    def surroundings(self, source):
        return {"statements": stated_by(source), "records": resting_on(source)}
