import re

from django.urls import path, register_converter

from ecosystem.renderers import RENDERERS
from ecosystem.views import (
    breakthrough,
    challenge,
    change,
    collection,
    company,
    compare,
    correction,
    coverage,
    data,
    embed,
    factor,
    hub,
    institution,
    landscape,
    notices,
    pages,
    preview,
    search,
    share,
    sitemap,
    source,
    statement,
    taxonomy,
    timeline,
)


class SuffixConverter:
    """A format that exists: another suffix is another address, so a plain 404."""

    regex = "|".join(map(re.escape, RENDERERS))

    def to_python(self, value):
        return value

    def to_url(self, value):
        return value


class ReferenceConverter(SuffixConverter):
    """The reference of a report, also as people type it."""

    regex = "[Cc](?:-[0-9A-Za-z]{4}){2}"


register_converter(SuffixConverter, "suffix")
register_converter(ReferenceConverter, "reference")


def record_urls(plural, noun, list_view, detail_view):
    """A listed model's addresses: list, list as data, for other sites, its charts, and those of a record."""
    return [
        path(f"{plural}/", list_view, name=f"{noun}-list"),
        path(f"{plural}.<suffix:suffix>", list_view, name=f"{noun}-data"),
        path(f"embed/{plural}/", embed.embedded(list_view.view_class), name=f"{noun}-embed"),
        path(f"{plural}/charts/<slug:chart>.csv", list_view, {"suffix": "csv"}, name=f"{noun}-chart"),
        *detail_urls(plural, noun, detail_view),
    ]


def detail_urls(plural, noun, view):
    """The addresses of one row: its page, the same as JSON, its history."""
    return [
        path(f"{plural}/<slug:slug>/", view, name=f"{noun}-detail"),
        path(f"{plural}/<slug:slug>.json", view, {"suffix": "json"}, name=f"{noun}-json"),
        path(f"{plural}/<slug:slug>/history/", change.history, {"kind": noun}, name=f"{noun}-history"),
    ]


urlpatterns = [
    path("", pages.home, name="home"),
    # Before the record of that slug, which Company.clean refuses for this reason.
    path("companies/compare/", compare.companies, name="company-compare"),
    *record_urls(
        "companies", "company", company.CompanyListView.as_view(), company.CompanyDetailView.as_view()
    ),
    *record_urls(
        "breakthroughs",
        "breakthrough",
        breakthrough.BreakthroughListView.as_view(),
        breakthrough.BreakthroughDetailView.as_view(),
    ),
    *record_urls(
        "challenges",
        "challenge",
        challenge.ChallengeListView.as_view(),
        challenge.ChallengeDetailView.as_view(),
    ),
    *record_urls("factors", "factor", factor.FactorListView.as_view(), factor.FactorDetailView.as_view()),
    *record_urls(
        "institutions",
        "institution",
        institution.InstitutionListView.as_view(),
        institution.InstitutionDetailView.as_view(),
    ),
    *record_urls(
        "collections",
        "collection",
        collection.CollectionListView.as_view(),
        collection.CollectionDetailView.as_view(),
    ),
    *record_urls("hubs", "hub", hub.HubListView.as_view(), hub.HubDetailView.as_view()),
    *record_urls("sources", "source", source.SourceListView.as_view(), source.SourceDetailView.as_view()),
    path("statements/", statement.StatementListView.as_view(), name="statement-list"),
    path("statements.<suffix:suffix>", statement.StatementListView.as_view(), name="statement-data"),
    path("embed/statements/", embed.embedded(statement.StatementListView), name="statement-embed"),
    path("sectors.<suffix:suffix>", taxonomy.SectorDataView.as_view(), name="sector-data"),
    path("places.<suffix:suffix>", taxonomy.PlaceDataView.as_view(), name="place-data"),
    path("data/", data.data, name="data"),
    path("data/<str:name>", data.download, name="download"),
    path("api/openapi.json", data.openapi, name="openapi"),
    path("sectors/", taxonomy.sector_list, name="sector-list"),
    *detail_urls("sectors", "sector", taxonomy.SectorDetailView.as_view()),
    path("places/", taxonomy.place_list, name="place-list"),
    *detail_urls("places", "place", taxonomy.PlaceDetailView.as_view()),
    path("changes/", change.ChangeListView.as_view(), name="change-list"),
    path("changes.<suffix:suffix>", change.ChangeListView.as_view(), name="change-data"),
    path("changes/<int:key>/", change.change_detail, name="change-detail"),
    path("corrections/", correction.CorrectionListView.as_view(), name="correction-list"),
    path("corrections.<suffix:suffix>", correction.CorrectionListView.as_view(), name="correction-data"),
    path("corrections/new/", correction.correction_new, name="correction-new"),
    path("corrections/sent/<reference:reference>/", correction.correction_sent, name="correction-sent"),
    path("corrections/<reference:reference>/", correction.correction_detail, name="correction-detail"),
    path("coverage/", coverage.coverage, name="coverage"),
    path("coverage.json", coverage.coverage, {"suffix": "json"}, name="coverage-json"),
    path("coverage.csv", coverage.coverage, {"suffix": "csv"}, name="coverage-csv"),
    path("landscape/", landscape.LandscapeView.as_view(), name="landscape"),
    path("compare/", compare.hubs, name="compare"),
    path("compare.csv", compare.hubs, {"suffix": "csv"}, name="compare-csv"),
    path("search/", search.search, name="search"),
    path("search.json", search.search, {"suffix": "json"}, name="search-json"),
    path("opensearch.xml", search.opensearch, name="opensearch"),
    path("timeline/", timeline.TimelineView.as_view(), name="timeline-list"),
    path("timeline.<suffix:suffix>", timeline.TimelineView.as_view(), name="timeline-data"),
    path(
        "timeline/charts/<slug:chart>.csv",
        timeline.TimelineView.as_view(),
        {"suffix": "csv"},
        name="timeline-chart",
    ),
    path("checked/", pages.checked, name="checked"),
    path("method/", pages.method, name="method"),
    path("about/", pages.about, name="about"),
    path("accessibility/", notices.accessibility, name="accessibility"),
    path("privacy/", notices.privacy, name="privacy"),
    path(".well-known/security.txt", notices.security_txt, name="security-txt"),
    path("preview/<str:text>/", preview.shared, name="preview-shared"),
    path("preview/<slug:kind>/<int:key>/", preview.preview, name="preview"),
    path("share.png", share.share_site, name="share"),
    path("share/<str:noun>/<slug:slug>.png", share.share_record, name="share-record"),
    path("robots.txt", pages.robots, name="robots"),
    path("sitemap.xml", sitemap.index, name="sitemap"),
    path("sitemap/<slug:name>-<int:page>.xml", sitemap.part, name="sitemap-part"),
]
