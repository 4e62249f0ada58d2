"""Everything as data: what there is, how to ask for it, and on what one can rely."""

from datetime import datetime

from django.conf import settings
from django.http import FileResponse, Http404
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import condition, require_safe

from ecosystem import dataset
from ecosystem.addresses import with_query
from ecosystem.columns import BODY
from ecosystem.edition import LICENCE, citation, state
from ecosystem.linked_data import whole_dataset
from ecosystem.openapi import document, parameters
from ecosystem.options import MOST_OFFERED
from ecosystem.renderers import LONGEST_FEED, LONGEST_FILE, json_response, open_data
from ecosystem.views import compare, search
from ecosystem.views.breakthrough import BreakthroughListView
from ecosystem.views.challenge import ChallengeListView
from ecosystem.views.change import ChangeListView
from ecosystem.views.collection import CollectionListView
from ecosystem.views.company import CompanyListView
from ecosystem.views.correction import CorrectionListView
from ecosystem.views.factor import FactorListView
from ecosystem.views.hub import HubListView
from ecosystem.views.institution import InstitutionListView
from ecosystem.views.source import SourceListView
from ecosystem.views.statement import StatementListView
from ecosystem.views.taxonomy import PlaceDataView, SectorDataView
from ecosystem.views.timeline import TimelineView

LISTS = (
    CompanyListView,
    BreakthroughListView,
    ChallengeListView,
    FactorListView,
    InstitutionListView,
    CollectionListView,
    HubListView,
    SourceListView,
    StatementListView,
    SectorDataView,
    PlaceDataView,
    TimelineView,
    ChangeListView,
    CorrectionListView,
)

# What an example asks for, its URL name and format, and its parameters. A test runs each.
EXAMPLES = (
    ("Private companies, oldest first", "company", "json", [("ownership", "private"), ("sort", "founded")]),
    ("Companies with a disputed statement, for a spreadsheet", "company", "csv", [("evidence", "disputed")]),
    (
        "Each statement about companies that know “robot”, with status and sources",
        "company",
        "statements.csv",
        [("q", "robot")],
    ),
    ("Claims that no source supports", "statement", "csv", [("kind", "check"), ("status", "unsupported")]),
    (
        "A feed of model releases and open-source releases",
        "breakthrough",
        "atom",
        [("kind", "model-release"), ("kind", "open-source-release")],
    ),
    (
        "What changed about companies since a day",
        "change",
        "json",
        [("kind", "company"), ("since", "2026-01-01")],
    ),
    (
        "Severe challenges without a known response, a hundred a page",
        "challenge",
        "json",
        [("severity", "high"), ("has_response", "no"), ("page_size", "100")],
    ),
)


def described(view):
    """A list as the page explains it."""
    noun = view.model._meta.model_name
    return {
        "name": view.title or view.model._meta.verbose_name_plural,
        "anchor": view.model._meta.model_name,
        "page": reverse(f"{noun}-list"),
        "formats": [(suffix, reverse(f"{noun}-data", args=[suffix])) for suffix in view.suffixes],
        "parameters": parameters(view),
        "columns": view.columns,
    }


def offered(files):
    """(media type, address) of each file of an export."""
    names = [file["name"] for file in files["files"]]
    return [(dataset.MEDIA_TYPES[name], reverse("download", args=[name])) for name in names]


@require_safe
def data(request):
    examples = [
        (text, with_query(reverse(f"{noun}-data", args=[suffix]), pairs))
        for text, noun, suffix, pairs in EXAMPLES
    ]
    files, (version, date) = dataset.manifest(), state()
    context = {
        "lists": [described(view) for view in LISTS],
        "body": BODY,
        "examples": examples,
        "dataset": files,
        "dataset_date": files and files["data_date"] and datetime.fromisoformat(files["data_date"]),
        "version": version,
        "date": date,
        "licence": LICENCE,
        "most_offered": MOST_OFFERED,
        "longest_feed": LONGEST_FEED,
        "longest_file": LONGEST_FILE,
        "embed": with_query(reverse("company-embed"), [("ownership", "public")]),
        "cite": citation("The whole data set", request.path),
        "linked_data_blocks": [whole_dataset(offered(files))] if files else [],
    }
    return render(request, "ecosystem/data.html", context)


@require_safe
def openapi(request):
    others = {reverse("search-json"): search.description(), reverse("compare-csv"): compare.description()}
    return json_response(document(LISTS, others))


def checksum(request, name):
    """The ETag of a file: its SHA-256, so that a copy is fetched once."""
    files = (dataset.manifest() or {"files": []})["files"]
    return next((f'"{file["sha256"]}"' for file in files if file["name"] == name), None)


@require_safe
@condition(etag_func=checksum)
def download(request, name):
    """A file of the last export; names that no export makes are no addresses."""
    if (
        name not in (dataset.MANIFEST, *dataset.MEDIA_TYPES)
        or not (path := settings.DATASET_DIR / name).is_file()
    ):
        raise Http404
    media_type = dataset.MEDIA_TYPES.get(name, "application/json")
    response = FileResponse(
        path.open("rb"), content_type=media_type, as_attachment=name in dataset.MEDIA_TYPES
    )
    return open_data(response)
