"""One search over everything public, grouped by kind."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import prefetch_related_objects
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from ecosystem.addresses import absolute, reads, with_query
from ecosystem.column_kinds import COUNT, LINK, TEXT, WORD
from ecosystem.edition import LICENCE, edition
from ecosystem.highlight import Marker, hit
from ecosystem.listing import tidied
from ecosystem.models import Company
from ecosystem.openapi import answer, operation
from ecosystem.renderers import json_response, not_valid
from ecosystem.schemas import EDITION, listed, thing
from ecosystem.search import LONGEST_QUERY, SEARCHED, finds_anything, near_names, ranked
from ecosystem.tokens import tokens
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.collection import CollectionListView
from ecosystem.views.company import CompanyListView
from ecosystem.views.factor import FactorListView
from ecosystem.views.hub import HubListView
from ecosystem.views.institution import InstitutionListView
from ecosystem.views.source import SourceListView

VIEWS = {
    view.model: view
    for view in (
        CompanyListView,
        BreakthroughListView,
        ChallengeListView,
        FactorListView,
        InstitutionListView,
        CollectionListView,
        HubListView,
        SourceListView,
    )
}
# A kind with a list of its own shows its best here; the vocabularies have none, and show what there is.
LIMITS = {model: 5 if model in VIEWS else 100 for model in SEARCHED}
MOST_DROPPED = 6


class SearchForm(forms.Form):
    q = forms.CharField(max_length=LONGEST_QUERY, required=False)

    def clean(self):
        if len(self.data.getlist("q")) > 1:
            self.add_error("q", "Give one value only.")


@dataclass
class Group:
    """The records of one kind that were found. `address` is the list that `total` counts, if there is one."""

    model: Any
    total: int
    hits: list
    address: str | None

    @property
    def noun(self):
        return self.model._meta.model_name

    @property
    def words(self):
        meta = self.model._meta
        return f"{self.total:,} {meta.verbose_name if self.total == 1 else meta.verbose_name_plural}"


def whole_list(model, text):
    """The list of a kind under this query, without what its filters leave out by default."""
    if model not in VIEWS:
        return None
    pairs = {("q", text)}
    for name, item in VIEWS[model].filterset_class.base_filters.items():
        if getattr(item, "default", ()):
            pairs |= {(name, value) for value, _ in item.extra["choices"]}
    return with_query(reverse(f"{model._meta.model_name}-list"), pairs)


def groups(text):
    marker, found = Marker(text), ranked(text, LIMITS)
    # For the colours of their seals.
    prefetch_related_objects([row for model, _, rows in found if model is Company for row in rows], "sectors")
    return [
        Group(model, total, [hit(row, marker) for row in rows], whole_list(model, text))
        for model, total, rows in found
    ]


def shorter(text):
    """Queries that do find something, as (query, address): with a word less, or else of one word."""
    words = text.split()[:MOST_DROPPED]
    less = [" ".join([*words[:n], *words[n + 1 :]]) for n in range(len(words))]
    for queries in (less, words):
        found = [query for query in dict.fromkeys(queries) if query != text and finds_anything(query)]
        if found:
            return [(query, with_query(reverse("search"), [("q", query)])) for query in found]
    return []


@reads("q")
@require_safe
def search(request, suffix=None):
    query = tidied(request.GET)
    form = SearchForm(query)
    valid, text = form.is_valid(), form.cleaned_data.get("q", "")
    unknown = [name for name in query if name not in form.fields]
    if suffix:
        errors = [(name, "The search has no such parameter.") for name in unknown]
        errors += [(name, message) for name, messages in form.errors.items() for message in messages]
        return not_valid(errors) if errors else as_data(text)
    found = groups(text)
    context = {
        "search_text": text,
        "search_errors": form.errors.get("q"),
        "unknown": unknown,
        "groups": found,
        "total": sum(group.total for group in found),
        "has_words": bool(tokens(text)),
    }
    if text and not found:
        context |= {"near": near_names(text), "shorter": shorter(text)}
    return render(request, "ecosystem/search.html", context, status=200 if valid else 400)


def description():
    """The search as the OpenAPI document has it."""
    found = dict.fromkeys(("name_zh", "also_known_as", "text"), TEXT)
    record = thing({"name": WORD, **found, "url": LINK})
    list_address = {**LINK, "type": ["string", "null"], "description": "The list of all that were found."}
    group = thing({"kind": WORD, "total": COUNT, "list": list_address, "records": listed(record)})
    near = {
        **listed(thing({"name": WORD, "url": LINK})),
        "description": "Names like it, where nothing is found.",
    }
    q = {"type": "string"}
    whole = thing({"q": q, "total": COUNT, "groups": listed(group), "near": near, **EDITION})
    asked = {
        "name": "q",
        "in": "query",
        "description": "The words.",
        "schema": q | {"maxLength": LONGEST_QUERY},
    }
    answers = {"200": answer("The best of each kind.", "application/json", whole)}
    return operation("search", "Everything that has these words, by kind", "search", [asked], answers)


@require_safe
def opensearch(request):
    """How a browser may ask the search from its own address bar (OpenSearch 1.1)."""
    media_type = "application/opensearchdescription+xml"
    return render(request, "ecosystem/opensearch.xml", content_type=media_type)


def as_data(text):
    """The same as JSON, names instead of nothing where nothing is found."""
    found = groups(text)
    near = [] if found else near_names(text)
    return json_response(
        {
            "q": text,
            "total": sum(group.total for group in found),
            "groups": [
                {
                    "kind": group.noun,
                    "total": group.total,
                    "list": group.address and absolute(group.address),
                    "records": [record_found(hit) for hit in group.hits],
                }
                for group in found
            ],
            "near": [{"name": row.name, "url": absolute(row.get_absolute_url())} for row in near],
            "licence": LICENCE,
            **edition(),
        }
    )


def record_found(hit):
    def plain(pieces):
        return "".join(piece for _, piece in pieces) or None

    return {
        "name": plain(hit.name),
        "name_zh": plain(hit.name_zh),
        "also_known_as": plain(hit.also),
        "text": plain(hit.text),
        "url": absolute(hit.address),
    }
