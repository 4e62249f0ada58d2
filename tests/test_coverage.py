"""What the figures of coverage count, and that drafts are in none of them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecosystem.coverage import Figure, figures, in_short, statement_figures
from ecosystem.models import RECORDS, Breakthrough, Challenge, Company
from tests.builders import build, build_source, build_statement, populate

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


def found():
    """{(kind, name): (number, out of)}."""
    return {(figure.record_type, figure.name): (figure.number, figure.out_of) for figure in figures()}


def test_records_read_and_gaps_counted():
    build(Company, checked_on=TODAY, founded="2016", website="https://example.org/", open_source=False)
    build(Company, checked_on=TODAY - timedelta(days=366), ownership="private")
    build(Company)
    build(Breakthrough, date="2020")
    numbers = found()
    assert numbers["company", "records"] == (3, None)
    assert numbers["company", "records_read"] == (1, 3)
    gaps = {name: number for (kind, name), number in numbers.items() if kind == "company" and "gap" in name}
    assert gaps == {
        "gap_founded": (2, 3),
        "gap_place": (3, 3),
        "gap_ownership": (2, 3),
        "gap_website": (2, 3),
        "gap_size_band": (3, 3),
        "gap_open_source": (2, 3),
    }
    assert numbers["breakthrough", "gap_date"] == (0, 1)


def test_statements_counted_by_origins_and_reading():
    company, other = build(Company), build(Breakthrough)
    one, copy, two = build_source(origin="A"), build_source(origin="A"), build_source(origin="B")
    build_statement(company, [one, two], checked_on=TODAY)
    build_statement(company, [one, copy], checked_on=TODAY - timedelta(days=366))
    build_statement(company, [])
    build_statement(other, [one, two])
    numbers = found()
    assert numbers["company", "statements"] == (3, None)
    assert numbers["company", "statements_two_origins"] == (1, 3)
    assert numbers["company", "statements_read"] == (1, 3)
    assert numbers["breakthrough", "statements_two_origins"] == (1, 1)
    assert numbers["hub", "statements_two_origins"] == (0, 0)


@pytest.mark.django_db(transaction=True)
def test_index_counts_statements_as_sql_does_after_each_commit(settings):
    company, challenge = build(Company), build(Challenge)
    one, copy, two = build_source(origin="A"), build_source(origin="A"), build_source(origin="B")
    said = build_statement(company, [one, two], checked_on=TODAY)
    alike = build_statement(challenge, [one, copy], checked_on=TODAY - timedelta(days=400))
    build_statement(company, [])

    def saved(row, **fields):
        for name, value in fields.items():
            setattr(row, name, value)
        row.save()

    changes = {
        "nothing": lambda: None,
        "a source has another origin": lambda: saved(copy, origin="C"),
        "a source is no longer cited": lambda: said.sources.remove(two),
        "a statement was read again": lambda: saved(alike, checked_on=TODAY),
        "a statement is about another record": lambda: saved(said, company=None, challenge=challenge),
        "a statement is new": lambda: build_statement(company, [one, copy], checked_on=TODAY),
        "a record is withdrawn": lambda: saved(challenge, state="withdrawn", withdrawal_reason="A double."),
    }
    seen = []
    for what, change in changes.items():
        change()
        found = {}
        for settings.LIST_INDEX in (True, False):
            found[settings.LIST_INDEX] = list(statement_figures())
        assert found[True] == found[False], what
        seen.append(tuple(found[True]))
    # Each change is one that the figures tell.
    assert len(set(seen)) == len(changes)


def test_sources_counted_with_their_copies():
    company = build(Company)
    build_statement(company, [build_source(archive_url="https://example.com/a"), build_source()])
    build_source("cited-by-nobody")
    numbers = found()
    assert numbers["", "sources"] == (2, None)
    assert numbers["", "sources_archived"] == (1, 2)


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft"},
        {"state": "review"},
        {"state": "withdrawn"},
        {"published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_what_is_not_public_is_in_no_figure(fields):
    empty = found()
    for model in RECORDS:
        record = build(model, checked_on=TODAY, **fields)
        build_statement(record, [build_source(), build_source()], checked_on=TODAY)
        build_statement(record, draft=True)
    assert found() == empty


def test_held_back_statement_is_in_no_figure():
    company = build(Company)
    before = found()
    build_statement(company, [build_source(), build_source()], draft=True)
    assert found() == before


def test_figures_take_as_many_queries_however_much_there_is(django_assert_num_queries):
    with django_assert_num_queries(len(RECORDS) + 2):
        figures()
    populate(5)
    with django_assert_num_queries(len(RECORDS) + 2):
        figures()
    with django_assert_num_queries(2):
        in_short()


def test_short_figures_are_sums():
    for model in (Company, Breakthrough):
        record = build(model)
        build_statement(record, [build_source(origin="A"), build_source(origin="B")])
        build_statement(record, checked_on=TODAY if model is Company else None)
    assert [(figure.number, figure.out_of) for figure in in_short()] == [(2, 4), (1, 4), (0, 6)]


@pytest.mark.parametrize(
    ("number", "out_of", "percent"),
    [(1, 2, 50), (1, 1000, 1), (999, 1000, 99), (0, 9, 0), (9, 9, 100), (0, 0, None), (5, None, None)],
)
def test_percent_is_whole_and_never_says_all_or_none_too_early(number, out_of, percent):
    assert Figure("", "x", "x", number, out_of).percent == percent
