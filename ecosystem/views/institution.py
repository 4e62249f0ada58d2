from ecosystem.columns import INSTITUTION
from ecosystem.filters import InstitutionFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Institution
from ecosystem.views.record import RecordDetailView


class InstitutionListView(FilteredListView):
    model = Institution
    filterset_class = InstitutionFilterSet
    columns = INSTITUTION
    introduction = "Universities, laboratories, incubators, investors and public bodies."


class InstitutionDetailView(RecordDetailView):
    model = Institution
    columns = INSTITUTION
