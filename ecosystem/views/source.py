from django.db.models import Prefetch
from django.http import Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import alternate
from ecosystem.columns import SOURCE, STATEMENT, as_dict, link
from ecosystem.edition import dated, edition
from ecosystem.filters import SourceFilterSet
from ecosystem.linked_data import breadcrumbs
from ecosystem.listing import FilteredListView
from ecosystem.models import Source, Statement
from ecosystem.renderers import LICENCE, json_response, problem
from ecosystem.views.errors import strangers


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


@require_safe
def source_detail(request, slug, suffix=None):
    """One source, and everything public that rests on it."""
    statements = Prefetch("statements", Statement.objects.published().with_subjects().with_sources())
    source = Source.objects.published().prefetch_related(statements).filter(key=slug).first()
    if source is None and suffix:
        return problem(404, "There is no such source.")
    if source is None:
        raise Http404
    if suffix:
        return strangers(request.GET) or with_link(as_data(source), source.get_absolute_url(), "text/html")
    context = {
        "source": source,
        "statements": source.statements.all(),
        "records": resting_on(source),
        "linked_data_blocks": [
            breadcrumbs(("Sources", reverse("source-list")), (source.title, source.get_absolute_url()))
        ],
    }
    response = render(request, "ecosystem/source_detail.html", context)
    return with_link(response, reverse("source-json", args=[source.key]), "application/json")


def with_link(response, address, media_type):
    response["Link"] = alternate(address, media_type)
    return dated(response)


def as_data(source):
    return json_response(
        as_dict(SOURCE, source)
        | {
            "statements": [as_dict(STATEMENT, statement) for statement in source.statements.all()],
            "records": [link(record) for record in resting_on(source)],
            "licence": LICENCE,
            **edition(),
        }
    )
