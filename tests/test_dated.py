import pytest

from ecosystem.dated import KINDS, TOLD, of_the_hub, set_aside
from ecosystem.listing import listed
from ecosystem.models import Breakthrough, Challenge, Company, Hub, Sector, Statement
from ecosystem.views.timeline import TimelineView
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db


def happenings():
    """One entry of each kind, from 2010 to 2016, and one of each without a date."""
    robotics = {"sectors": [build(Sector, "robotics")]}
    firm = build(Company, "firm", founded="2010", many=robotics)
    challenge = build(Challenge, "hurdle", many=robotics)
    hub = build(Hub, "home", is_home=True)
    build(Breakthrough, "feat", date="2011-05", many=robotics | {"companies": [firm]})
    tell(firm, "funding", "2012")
    tell(hub, "policy", "2013")
    tell(hub, "event", "2014")
    tell(challenge, "update", "2015")
    tell(challenge, "response", "2016")
    build(Company, "undated-firm")
    build(Breakthrough, "undated-feat")
    for kind in TOLD:
        tell(firm, kind, None)


def tell(subject, kind, date, **fields):
    fields = {"key": "", "label": f"{subject.slug} {kind}", "text": "So it was."} | fields
    return build_statement(subject, kind=kind, date=date, **fields)


def entries(**parameters):
    return list(listed(TimelineView, **parameters).queryset)


def titles(**parameters):
    return [entry.title for entry in entries(**parameters)]


def test_entries_of_every_kind_newest_first():
    happenings()
    assert [(entry.date, entry.kind, entry.title) for entry in entries()] == [
        ("2016", "response", "hurdle response"),
        ("2015", "update", "hurdle update"),
        ("2014", "event", "home event"),
        ("2013", "policy", "home policy"),
        ("2012", "funding", "firm funding"),
        ("2011-05", "breakthrough", "Feat"),
        ("2010", "founding", "Firm founded"),
    ]


def test_entries_name_the_firms_whose_doing_they_are():
    happenings()
    named = {entry.title: [firm.slug for firm in entry.companies] for entry in entries()}
    assert {title: slugs for title, slugs in named.items() if slugs} == {
        "firm funding": ["firm"],
        "Feat": ["firm"],
        "Firm founded": ["firm"],
    }


def test_entries_keep_the_precision_of_their_dates():
    for date in ("2016-07-09", "2016", "2016-07", "2015-12"):
        build(Company, f"firm-{date}", founded=date)
    assert [entry.date for entry in entries(sort="date")] == ["2015-12", "2016", "2016-07", "2016-07-09"]


@pytest.mark.parametrize(
    ("parameters", "count"),
    [
        ({}, 7),
        ({"kind": "policy"}, 1),
        ({"sector": "robotics"}, 5),
        ({"sector": "robotics", "kind": "founding"}, 1),
        ({"year_from": "2012", "year_to": "2014"}, 3),
    ],
)
def test_entries_as_many_as_facets_and_charts_count(parameters, count):
    happenings()
    listing = listed(TimelineView, **parameters)
    assert len(list(listing.queryset)) == listing.total == count
    [chart] = listing.charts
    assert sum(n for _, n in chart.rows) == count


def test_each_option_counts_what_it_leads_to():
    happenings()
    for facet in listed(TimelineView, sector="robotics").facets:
        others = {} if facet.name == "sector" else {"sector": "robotics"}
        for option in facet.options:
            assert option.count == len(entries(**others | {facet.name: option.value}))


def test_two_values_of_one_facet_are_either():
    happenings()
    listing = listed(TimelineView)
    listing.filterset.form.cleaned_data["kind"] = ["policy", "event"]
    assert {entry.kind for entry in listing.filterset.filtered().order_by("when")} == {"policy", "event"}


def test_what_is_undated_is_counted_under_the_same_filters():
    happenings()
    assert listed(TimelineView).filterset.missing() == {"undated": 7, "aside": 0}
    assert listed(TimelineView, kind="founding").filterset.missing() == {"undated": 1, "aside": 0}


def outsiders():
    """Entries that are not the hub's own, or not true: a linked firm with a round, a peer, a false event."""
    linked = build(Company, "linked", founded="2001", hub_link="linked")
    tell(linked, "funding", "2002")
    tell(build(Hub, "peer"), "policy", "2003")
    tell(build(Company, "rumoured"), "event", "2004", status="unsupported")


def test_what_is_not_of_the_hub_is_counted_and_left_out():
    outsiders()
    assert entries() == []
    assert listed(TimelineView).filterset.missing() == {"aside": 4, "undated": 1}


def test_nothing_gets_lost_between_the_two_parts():
    happenings()
    outsiders()
    parts = [sum(arm.count() for arm in part.arms) for part in (of_the_hub(), set_aside())]
    published = Statement.objects.published().filter(kind__in=TOLD).count()
    companies, feats = Company.objects.published().count(), Breakthrough.objects.published().count()
    assert sum(parts) == published + companies + feats


def test_founding_rests_on_the_statements_of_that_key():
    firm = build(Company, "firm", founded="2016")
    source = build_source()
    build_statement(firm, [source], key="founded", status="disputed")
    build_statement(firm, [source, build_source()], key="founded", status="corroborated")
    build_statement(firm, key="employees", status="reported")
    [entry] = entries()
    assert [statement.status for statement in entry.statements] == ["corroborated", "disputed"]
    assert len(entry.sources) == 2


def test_breakthrough_rests_on_its_text_and_statements():
    source = build_source()
    feat = build(Breakthrough, date="2020", many={"sources": [source]})
    build_statement(feat, [source], kind="metric", status="self-reported")
    [entry] = entries()
    assert [statement.status for statement in entry.statements] == ["self-reported"]
    assert entry.sources == [source]


def test_file_reads_all_entries_in_chunks():
    happenings()
    queryset = listed(TimelineView, sort="date").queryset
    assert [entry.date for entry in queryset.iterator(chunk_size=2)] == [entry.date for entry in queryset]


def test_every_kind_has_words():
    assert {*TOLD} < {*KINDS}
    assert {*TOLD} <= {*Statement.Kind.values}
