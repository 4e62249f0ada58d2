"""What happened, year by year."""

from ecosystem.addresses import absolute
from ecosystem.charts import YearChart
from ecosystem.column_kinds import LINK, LINKS, PARTIAL_DATE, WORD, WORDS, column
from ecosystem.dated import Timeline, TimelineFilterSet
from ecosystem.listing import FilteredListView

COLUMNS = (
    column("date", "Year, month or day, as far as it is known", schema=PARTIAL_DATE),
    column("kind", "What sort of entry", schema=WORD),
    column("title", "What happened, in a few words"),
    column("text", "The same in a sentence"),
    column("noun", "Kind of the record that it is about", lambda row: row.record._meta.model_name, WORD),
    column("slug", "The record that it is about", lambda row: row.record.slug, WORD),
    column(
        "statuses", "Of the statements behind it", lambda row: [it.status for it in row.statements], WORDS
    ),
    column("sources", "Addresses of its sources", lambda row: [source.url for source in row.sources], LINKS),
    column("url", "Where it stands here", lambda row: absolute(row.address), LINK),
)


class TimelineView(FilteredListView):
    model = Timeline
    filterset_class = TimelineFilterSet
    columns = COLUMNS
    suffixes = ("json", "csv")
    has_records = False
    page_size = 50
    title = "Timeline"
    introduction = (
        "Everything here that has a date: breakthroughs, foundings, funding, events, policies, "
        "and what became of challenges."
    )
    template = "ecosystem/timeline.html"
    charts = (
        YearChart(
            "years",
            "Entries by year",
            "when",
            "undated",
            "Recent years are covered far more closely than earlier ones, so the rise is partly ours.",
        ),
    )

    def render(self, filterset, status=200, **context):
        if context.get("listing"):
            context["missing"] = filterset.missing()
            context["order"] = filterset.sorts[filterset.current_sort][0]
        return super().render(filterset, status, **context)
