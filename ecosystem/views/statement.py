from ecosystem.columns import STATEMENT
from ecosystem.filters import StatementFilterSet
from ecosystem.listing import FilteredListView
from ecosystem.models import Statement


class StatementListView(FilteredListView):
    model = Statement
    filterset_class = StatementFilterSet
    columns = STATEMENT
    suffixes = ("json", "csv")
    has_records = False
    introduction = "Each sourced sentence and figure: what it is about, and how far its sources carry it."
