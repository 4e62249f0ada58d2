"""The same list as tutorials write it: generic views, a filterset with its form, a GROUP BY a facet."""

import csv

import django_filters
from django.db.models import Count, Q
from django.http import HttpResponse, JsonResponse
from django.urls import path
from django.views.generic import DetailView, ListView

from ecosystem.models import Challenge, Collection, Company, Place, Sector

FACETS = (
    "sectors__name",
    "place__name",
    "ownership",
    "hub_link",
    "open_source",
    "collections__name",
    "challenges__name",
)


class CompanyFilter(django_filters.FilterSet):
    q = django_filters.CharFilter(method="search")
    sector = django_filters.ModelMultipleChoiceFilter(
        field_name="sectors__slug", to_field_name="slug", queryset=Sector.objects.all()
    )
    place = django_filters.ModelMultipleChoiceFilter(
        field_name="place__slug", to_field_name="slug", queryset=Place.objects.all()
    )
    ownership = django_filters.MultipleChoiceFilter(choices=Company.Ownership.choices)
    hub_link = django_filters.MultipleChoiceFilter(choices=Company.HubLink.choices)
    collection = django_filters.ModelMultipleChoiceFilter(
        field_name="collections__slug", to_field_name="slug", queryset=Collection.objects.published()
    )
    affected_by = django_filters.ModelMultipleChoiceFilter(
        field_name="challenges__slug", to_field_name="slug", queryset=Challenge.objects.published()
    )

    def search(self, queryset, name, value):
        found = Q(name__icontains=value) | Q(name_zh__icontains=value) | Q(summary__icontains=value)
        return queryset.filter(found | Q(body__icontains=value))


class CompanyListView(ListView):
    paginate_by = 24
    template_name = "textbook_list.html"

    def get_queryset(self):
        rows = Company.objects.published().select_related("place").prefetch_related("sectors")
        self.filter = CompanyFilter(self.request.GET, rows)
        return self.filter.qs.order_by("name", "pk")

    def get_context_data(self, **kwargs):
        facets = {
            name: self.filter.qs.order_by(name).values(name).annotate(n=Count("pk", distinct=True))
            for name in FACETS
        }
        return super().get_context_data(filter=self.filter, facets=facets, **kwargs)


class CompanyDetailView(DetailView):
    template_name = "textbook_detail.html"

    def get_queryset(self):
        return Company.objects.published().prefetch_related("sectors", "sources", "statements__sources")


def as_dict(company):
    statements = company.statements.all()
    return {
        "slug": company.slug,
        "name": company.name,
        "name_zh": company.name_zh,
        "summary": company.summary,
        "founded": company.founded,
        "place": company.place and company.place.slug,
        "ownership": company.ownership,
        "hub_link": company.hub_link,
        "sectors": [sector.slug for sector in company.sectors.all()],
        "statements": len(statements),
        "sources": [source.url for statement in statements for source in statement.sources.all()],
    }


def filtered(request):
    rows = Company.objects.published().select_related("place")
    rows = rows.prefetch_related("sectors", "statements__sources")
    return CompanyFilter(request.GET, rows).qs.order_by("name", "pk")


def as_json(request):
    rows = filtered(request)
    return JsonResponse({"total": rows.count(), "records": [as_dict(row) for row in rows[:24]]})


def as_csv(request):
    response = HttpResponse(content_type="text/csv")
    writer = csv.writer(response)
    for row in filtered(request):
        writer.writerow(as_dict(row).values())
    return response


urlpatterns = [
    path("", CompanyListView.as_view()),
    path("companies/", CompanyListView.as_view()),
    path("companies.json", as_json),
    path("companies.csv", as_csv),
    path("companies/<slug:slug>/", CompanyDetailView.as_view(), name="textbook-detail"),
]
