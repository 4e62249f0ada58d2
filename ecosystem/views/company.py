from ecosystem.columns import COMPANY
from ecosystem.filters import CompanyFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Company
from ecosystem.views.record import RecordDetailView


class CompanyListView(FilteredListView):
    model = Company
    filterset_class = CompanyFilterSet
    columns = COMPANY
    introduction = "Firms of the hub, each fact with its sources and its status."


class CompanyDetailView(RecordDetailView):
    model = Company
    columns = COMPANY
