from ecosystem.columns import COLLECTION
from ecosystem.filtering import RecordFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Collection
from ecosystem.views.record import RecordDetailView


class CollectionListView(FilteredListView):
    model = Collection
    filterset_class = RecordFilterSet
    columns = COLLECTION
    introduction = "Named sets of companies that others speak of, with the sources that name them."


class CollectionDetailView(RecordDetailView):
    model = Collection
    columns = COLLECTION
