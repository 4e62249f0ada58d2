from ecosystem.columns import HUB
from ecosystem.filtering import RecordFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Hub
from ecosystem.views.record import RecordDetailView


class HubListView(FilteredListView):
    model = Hub
    filterset_class = RecordFilterSet
    columns = HUB
    introduction = "The hub of this portal and the hubs that it is compared with."


class HubDetailView(RecordDetailView):
    model = Hub
    columns = HUB
