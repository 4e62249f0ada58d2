from ecosystem.charts import CHALLENGE_CHARTS
from ecosystem.columns import CHALLENGE
from ecosystem.filters import ChallengeFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Challenge
from ecosystem.views.record import RecordDetailView


class ChallengeListView(FilteredListView):
    model = Challenge
    filterset_class = ChallengeFilterSet
    columns = CHALLENGE
    introduction = "What stands in the hub's way, how heavily, and who does something about it."
    charts = CHALLENGE_CHARTS


class ChallengeDetailView(RecordDetailView):
    model = Challenge
    columns = CHALLENGE
