from ecosystem.columns import FACTOR
from ecosystem.filters import FactorFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Factor
from ecosystem.views.record import RecordDetailView


class FactorListView(FilteredListView):
    model = Factor
    filterset_class = FactorFilterSet
    columns = FACTOR
    introduction = "Why technology firms are here rather than elsewhere."


class FactorDetailView(RecordDetailView):
    model = Factor
    columns = FACTOR
