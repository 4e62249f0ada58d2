from django.db.models import Prefetch

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


class SourceDetailView(DetailView):
    """One source, and everything public that rests on it."""

    model = Source
    columns = SOURCE

    def get_queryset(self):
        statements = Prefetch("statements", Statement.objects.published().with_subjects().with_sources())
        return super().get_queryset().prefetch_related(statements)

    def beside(self, source):
        return {
            "statements": [as_dict(STATEMENT, statement) for statement in source.statements.all()],
            "records": [link(record) for record in resting_on(source)],
        }

    def path_to(self, source):
        return [(source.title, source.get_absolute_url())]

    def surroundings(self, source):
        return {"statements": source.statements.all(), "records": resting_on(source)}
