from ecosystem.charts import BREAKTHROUGH_CHARTS
from ecosystem.columns import BREAKTHROUGH
from ecosystem.filters import BreakthroughFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Breakthrough
from ecosystem.views.record import RecordDetailView


class BreakthroughListView(FilteredListView):
    model = Breakthrough
    filterset_class = BreakthroughFilterSet
    columns = BREAKTHROUGH
    introduction = "What companies and laboratories of the hub have achieved, newest first."
    charts = BREAKTHROUGH_CHARTS


class BreakthroughDetailView(RecordDetailView):
    model = Breakthrough
    columns = BREAKTHROUGH
