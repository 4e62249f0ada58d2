"""Sources are numbered as a reader meets them; rival values stand together."""

import pytest

from ecosystem.citations import TITLES, Bibliography, sections, timeline
from ecosystem.models import Breakthrough, Challenge, Company, Statement
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db


@pytest.fixture
def sources():
    return [build_source(f"s{n}") for n in range(4)]


def shown(record):
    return sections(type(record).objects.for_detail().get(pk=record.pk).statements.all(), Bibliography())


def test_numbers_follow_the_first_meeting(sources):
    a, b, c, _ = sources
    bibliography = Bibliography()
    assert bibliography.cite([b, a]) == [(1, b), (2, a)]
    assert bibliography.cite([a, c]) == [(2, a), (3, c)]
    assert bibliography.cite([]) == []
    assert bibliography.entries == [(1, b), (2, a), (3, c)]


def test_statements_continue_the_numbers_of_the_prose(sources):
    company = build(Company)
    build_statement(company, sources[1:3], key="founded")
    build_statement(company, sources[:1], key="place", position=1)
    bibliography = Bibliography()
    bibliography.cite(sources[:1])
    [facts] = sections(company.statements.order_by("position"), bibliography)
    numbers = [[number for number, _ in row[0].marks] for row in facts.rows]
    assert sorted(numbers[0]) == [2, 3]
    assert numbers[1] == [1]


def test_rival_values_share_a_row():
    company = build(Company)
    for text, key, position in [("2016", "founded", 0), ("Yuhang", "place", 1), ("2015", "founded", 2)]:
        build_statement(company, key=key, text=text, position=position)
    [facts] = shown(company)
    assert [[row.text for row in rows] for rows in facts.rows] == [["2016", "2015"], ["Yuhang"]]
    assert facts.is_table


def test_statements_without_a_key_are_no_rivals():
    company = build(Company)
    for text in ("One", "Two"):
        build_statement(company, key="", text=text)
    [facts] = shown(company)
    assert [len(row) for row in facts.rows] == [1, 1]


def test_entries_follow_the_calendar_and_stand_alone():
    challenge = build(Challenge)
    for date in ("2023-05", None, "2022", "2023-01-09"):
        build_statement(challenge, kind="event", key="law", date=date)
    [events] = shown(challenge)
    assert [[row.date for row in rows] for rows in events.rows] == [
        [None],
        ["2022"],
        ["2023-01-09"],
        ["2023-05"],
    ]
    assert not events.is_table


def test_sections_come_in_one_order_whatever_was_entered_first():
    company = build(Company)
    for kind in reversed(Statement.Kind.values):
        build_statement(company, kind=kind, key=kind)
    assert [section.kind for section in shown(company)] == list(TITLES)
    assert set(TITLES) == set(Statement.Kind.values)


def test_nothing_stated_makes_no_section():
    assert shown(build(Company)) == []


def line(record, related=()):
    """(kinds of the sections beside it, its moments as (date, what is told in full or leads on))."""
    beside, moments = timeline(shown(record), related)
    told = [(row.date, row.statement.text if row.statement else (row.text, row.address)) for row in moments]
    return [section.kind for section in beside], told


def test_timeline_tells_events_and_leads_to_what_is_told_elsewhere():
    company = build(Company)
    build_statement(company, key="founded", date="2016-07", reference="founded")
    build_statement(company, kind="event", date="2015", text="It began.")
    build_statement(company, kind="event", date=None, text="It was seen.")
    build_statement(company, kind="funding", label="Seed", text="2 million", date="2016", reference="seed")
    feat = build(Breakthrough, "feat", name="Feat", date="2017-01-02")
    assert line(company, [feat, build(Breakthrough, date=None)]) == (
        ["fact", "funding"],
        [
            ("2015", "It began."),
            ("2016", ("Seed: 2 million", "#seed")),
            ("2016-07", ("Founded", "#founded")),
            ("2017-01-02", ("Feat", "/breakthroughs/feat/")),
            (None, "It was seen."),
        ],
    )


def test_timeline_of_a_challenge_tells_updates_and_leads_to_responses():
    challenge = build(Challenge)
    for date in ("2023", "2021"):
        build_statement(challenge, kind="update", key="", date=date, text=f"In {date}.")
    build_statement(challenge, kind="response", key="", date="2022", actor="The city", reference="step")
    kinds, told = line(challenge)
    assert kinds == ["response"]
    assert told == [("2021", "In 2021."), ("2022", ("Response: The city", "#step")), ("2023", "In 2023.")]


def test_two_events_make_a_section_and_no_timeline():
    company = build(Company)
    for date in ("2015", "2016"):
        build_statement(company, kind="event", date=date)
    assert line(company) == (["event"], [])
