"""The page of one record and the same as JSON: statements, doubts, relations from both ends, sources."""

import pytest
from django.urls import reverse

from ecosystem.models import RECORDS, Breakthrough, Challenge, Collection, Company, Institution, Place, Sector
from tests.builders import build, build_source, build_statement
from tests.pages import by_class, links, parse, words

pytestmark = pytest.mark.django_db


def read(client, record):
    response = client.get(record.get_absolute_url())
    assert response.status_code == 200
    return parse(response)


def by_id(tree, name):
    [element] = [element for element in tree.iter() if element.get("id") == name]
    return element


@pytest.mark.parametrize("model", RECORDS)
def test_page_shows_what_all_records_have(client, model):
    noun = model._meta.model_name
    source = build_source("paper", title="A paper")
    record = build(
        model,
        "one",
        name="One & only",
        name_zh="唯一",
        summary="A <b>sentence</b>.",
        body="Text **bold** <i>raw</i>",
        checked_on="2026-02-03",
        many={"sources": [source]},
    )
    tree = read(client, record)
    assert words(next(tree.iter("h1"))) == "One & only 唯一"
    [lead] = by_class(tree, "lead")
    assert words(lead).startswith("A <b>sentence</b>.")
    [prose] = by_class(tree, "prose")
    assert words(prose) == "Text bold <i>raw</i>"
    [dates] = by_class(tree, "dates")
    assert "sources last read 3 February 2026" in words(dates)
    assert links(tree)[reverse(f"{noun}-json", args=["one"])] == "JSON"
    assert links(tree)["/sources/paper/"] == "A paper"
    assert by_id(tree, "source-1") is not None


def test_page_says_where_nobody_read_the_sources_again(client):
    [dates] = by_class(read(client, build(Company)), "dates")
    assert "sources not re-read yet" in words(dates)


def test_rival_values_stand_in_one_row_group(client):
    company = build(Company)
    build_statement(company, text="2016", status="disputed", reference="first")
    build_statement(company, text="2015", status="disputed", reference="second", position=1)
    build_statement(company, key="place", label="Place", text="Yuhang", reference="alone", position=2)
    tree = read(client, company)
    first, second, alone = (by_id(tree, name) for name in ("first", "second", "alone"))
    [head] = first.iter("th")
    assert (head.get("scope"), head.get("rowspan"), words(head)) == ("rowgroup", "2", "Founded")
    assert list(second.iter("th")) == []
    assert [cell.get("scope") for cell in alone.iter("th")] == ["row"]
    rows = [row.get("id") for row in tree.iter("tr") if row.get("id")]
    assert rows == ["first", "second", "alone"]
    assert "Disputed" in words(first)
    assert "Disputed" in words(second)


def test_disputed_statement_is_named_at_the_top(client):
    company = build(Company)
    build_statement(company, label="Founded", status="disputed", reference="founded")
    build_statement(company, label="Place", key="place", status="reported")
    [doubts] = by_class(read(client, company), "doubts")
    assert "Sources differ: Founded" in words(doubts)
    assert "Place" not in words(doubts)
    assert "#founded" in links(doubts)


def test_what_is_not_known_is_named_in_words(client):
    [doubts] = by_class(read(client, build(Challenge, since=None)), "doubts")
    assert "Not known to us: beginning" in words(doubts)


@pytest.mark.parametrize("status", ["corroborated", "reported", "self-reported", "disputed", "unsupported"])
def test_each_statement_carries_its_status(client, status):
    company = build(Company)
    build_statement(company, status=status, reference="said")
    [label] = by_class(by_id(read(client, company), "said"), "status")
    assert words(label) == status.capitalize()


def test_marks_lead_to_the_numbered_sources(client):
    first, second = build_source("a"), build_source("b", url="https://example.org/b?x=1&y=2")
    company = build(Company, many={"sources": [first]})
    build_statement(company, [second, first], reference="said")
    tree = read(client, company)
    marks = links(by_id(tree, "said"))
    assert {href: text for href, text in marks.items() if href.startswith("#source-")} == {
        "#source-1": "1",
        "#source-2": "2",
    }
    assert links(by_id(tree, "source-2"))["https://example.org/b?x=1&y=2"] == "original of source 2"


def test_mirror_names_whose_text_it_is(client):
    mirror = build_source(publisher="Portal", origin="Agency", published="2020-05")
    company = build(Company, many={"sources": [mirror]})
    assert "Portal (text of Agency), May 2020" in words(by_id(read(client, company), "source-1"))


def test_event_stands_once_and_in_the_timeline(client):
    company = build(Company)
    for year in ("2016", "2017", "2018"):
        build_statement(company, [build_source()], kind="event", date=year, reference=f"in-{year}")
    tree = read(client, company)
    [line] = by_class(tree, "moments")
    assert [item.get("id") for item in line.iter("li")] == ["in-2016", "in-2017", "in-2018"]
    assert [words(date) for date in by_class(line, "date")] == ["2016", "2017", "2018"]
    assert [words(label) for label in by_class(line, "status")] == ["Reported"] * 3
    assert "#source-2" in links(by_id(tree, "in-2017"))
    assert not any(element.get("id") == "section-event" for element in tree.iter())


def test_names_of_the_heading_are_not_repeated(client):
    company = build(Company, name_zh="宇树", legal_name="Unitree Ltd", other_names="宇树\n宇树科技")
    [names] = by_class(read(client, company), "names")
    assert words(names) == "Also: Unitree Ltd; 宇树科技"


def test_date_that_is_the_value_is_not_repeated(client):
    company = build(Company)
    build_statement(company, text="July 2016", date="2016-07", reference="same")
    build_statement(company, text="July 2016", date="2017", reference="other")
    tree = read(client, company)
    assert [words(by_class(by_id(tree, name), "date")[0]) for name in ("same", "other")] == ["", "as of 2017"]


def test_company_page_links_its_relatives(client):
    parent, place, sector = build(Company, "parent"), build(Place, "park"), build(Sector, "ai")
    company = build(
        Company,
        "it",
        parent=parent,
        place=place,
        website="https://example.org/",
        legal_name="It Ltd",
        many={"sectors": [sector]},
    )
    build(Company, "child", parent=company)
    for model in (Breakthrough, Challenge, Collection):
        build(model, f"{model._meta.model_name}-of-it", many={"companies": [company]})
    found = links(read(client, company))
    expected = "/companies/parent/ /companies/child/ /places/park/ /sectors/ai/ https://example.org/"
    expected += (
        " /breakthroughs/breakthrough-of-it/ /challenges/challenge-of-it/ /collections/collection-of-it/"
    )
    assert set(expected.split()) <= found.keys()


def test_relations_are_shown_from_the_other_end(client):
    company, lab = build(Company, "it"), build(Institution, "lab")
    breakthrough = build(Breakthrough, "b", many={"companies": [company], "institutions": [lab]})
    challenge = build(Challenge, "c", many={"companies": [company]})
    collection = build(Collection, "d", many={"companies": [company]})
    for record in (breakthrough, challenge, collection):
        assert "/companies/it/" in links(read(client, record))
    assert "/institutions/lab/" in links(read(client, breakthrough))
    assert "/breakthroughs/b/" in links(read(client, lab))


def test_challenge_gives_its_reasons_and_says_where_no_answer_is_known(client):
    challenge = build(Challenge, severity_reason="Costs rise.", trend_reason="Rules tighten.")
    tree = read(client, challenge)
    [judgement] = by_class(tree, "judgement")
    assert "High severity Costs rise." in words(judgement)
    assert "Steady Rules tighten." in words(judgement)
    assert any("No response is known to us." in words(notice) for notice in by_class(tree, "notice"))
    build_statement(challenge, kind="response", actor="City")
    assert not any("No response" in words(notice) for notice in by_class(read(client, challenge), "notice"))


def test_checked_claim_is_quoted_with_its_finding(client):
    company = build(Company)
    build_statement(company, kind="check", text="It was first.", note="No source.", status="unsupported")
    tree = read(client, company)
    assert [words(quote) for quote in tree.iter("q")] == ["It was first."]
    [note] = by_class(tree, "note")
    assert words(note).startswith("What sources say: No source.")


@pytest.mark.parametrize("model", RECORDS)
def test_json_holds_the_whole_record(client, model):
    noun = model._meta.model_name
    record = build(model, "one", name_zh="一", body="# Text", many={"sources": [build_source("prose")]})
    build_statement(
        record, [build_source("cited")], reference="said", value="2.5", unit="people", date="2016-07"
    )
    data = client.get(reverse(f"{noun}-json", args=["one"])).json()
    assert data.items() >= {"slug": "one", "name_zh": "一", "body": "# Text"}.items()
    [said] = data["statements"]
    expected = {"reference": "said", "value": 2.5, "unit": "people", "date": "2016-07", "status": "reported"}
    assert said.items() >= expected.items()
    assert said["sources"] == ["cited"]
    assert [source["key"] for source in data["cited"]] == ["prose", "cited"]
    assert data["licence"]["url"].startswith("https://creativecommons.org/")
