from ecosystem.charts import COMPANY_CHARTS
from ecosystem.columns import COMPANY
from ecosystem.filters import CompanyFilterSet
from ecosystem.linked_data import organization
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
        return {"similar": Company.objects.published().similar_to(record)[:MOST_SIMILAR]}
