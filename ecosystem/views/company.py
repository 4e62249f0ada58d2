from ecosystem.charts import COMPANY_CHARTS
from ecosystem.columns import COMPANY
from ecosystem.dimensions import along
from ecosystem.filters import CompanyFilterSet
from ecosystem.linked_data import organization
from ecosystem.list_index import index_of
from ecosystem.listing import FilteredListView
from ecosystem.models import Company
from ecosystem.views.record import RecordDetailView

MOST_SIMILAR = 6


class CompanyListView(FilteredListView):
    model = Company
    filterset_class = CompanyFilterSet
    columns = COMPANY
    introduction = "Firms of the hub, each fact with its sources and its status."
    charts = COMPANY_CHARTS
    pictures = (("Landscape", "landscape"),)


class CompanyDetailView(RecordDetailView):
    model = Company
    columns = COMPANY

    def dated_relations(self, record):
        return record.breakthroughs.all()

    def linked_data(self, record):
        return [*super().linked_data(record), organization(record)]

    def surroundings(self, record):
        return {"similar": similar(record)}


def similar(company):
    """Public firms of the hub that share sectors with a company, most shared first."""
    public = Company.objects.published()
    index = index_of(public)
    if index is None:
        return public.similar_to(company)[:MOST_SIMILAR]
    in_hub = index.column(along("hub_link")).having(Company.IN_HUB)
    order = index.order("name", ["name", "pk"])
    keys = index.nearest(company.pk, along("sectors__slug"), in_hub, order, MOST_SIMILAR)
    rows = public.order_by().in_bulk(keys)
    return [rows[key] for key in keys if key in rows]
