"""The pages about the hub and the portal: live numbers, claims, words for statuses."""

import pytest

from ecosystem.models import RECORDS, Breakthrough, Challenge, Company, Factor, Hub, Sector, Statement
from ecosystem.views import pages
from tests.builders import build, build_source, build_statement
from tests.pages import by_class, links, parse, read_json, words

pytestmark = pytest.mark.django_db


def read(client, path="/"):
    return parse(client.get(path))


def section(tree, name):
    [found] = [element for element in tree.iter("section") if element.get("aria-labelledby") == name]
    return found


def test_figures_equal_the_lists_they_lead_to(client):
    for model, number in [(Company, 3), (Breakthrough, 2), (Challenge, 4)]:
        for _ in range(number):
            build(model)
        build(model, state="draft")
    build(Company, hub_link="linked")
    build_statement(Company.objects.published().first(), [build_source()])
    [figures] = by_class(read(client), "figures")
    shown = {path: text.split()[0] for path, text in links(figures).items()}
    for noun, path in [
        ("company", "/companies/"),
        ("breakthrough", "/breakthroughs/"),
        ("source", "/sources/"),
    ]:
        assert shown[path] == str(read_json(client, noun)["total"]), path
    assert shown["/challenges/"] == "4"
    assert shown["/statements/"] == str(Statement.objects.published().count()) == "1"


def test_home_shows_the_seals_of_one_sector_side_by_side(client):
    robots, chips = build(Sector, "robots"), build(Sector, "chips")
    for name, sector in [("甲", robots), ("乙", chips), ("丙", robots)]:
        build(Company, name=name, many={"sectors": [sector]})
    build(Company, name_zh="丁", state="draft")
    build(Company, name_zh="戊", hub_link="linked")
    [wall] = by_class(read(client), "wall")
    assert [words(seal) for seal in by_class(wall, "seal")] == ["乙", "丙", "甲"]
    assert list(links(wall)) == ["/landscape/"]


def test_home_without_companies_has_no_seals(client):
    assert not by_class(read(client), "wall")


def test_home_opens_with_its_hub(client):
    build(Hub, name="Peer")
    texts = {"summary": "A city of code.", "body": "It is old. It is\nnew.\r\n\r\nNo more of it here."}
    build(Hub, name="Hangzhou", name_zh="杭州", is_home=True, **texts)
    tree = read(client)
    assert words(next(tree.iter("h1"))).startswith("Hangzhou 杭州")
    assert "A city of code. It is old. It is new. More about Hangzhou" in words(tree.find("body"))
    assert "No more of it here." not in words(tree.find("body"))


def test_home_works_without_a_hub(client, settings):
    assert settings.SITE_NAME in words(next(read(client).iter("h1")))


def test_home_shows_the_newest_breakthroughs(client):
    for n in range(8):
        build(Breakthrough, f"b-{n}", date=f"201{n}")
    shown = [path for path in links(section(read(client), "newest")) if path != "/breakthroughs/"]
    assert shown == [f"/breakthroughs/b-{n}/" for n in (7, 6, 5, 4, 3, 2)]


def test_board_counts_public_responses_most_severe_first(client):
    mild = build(Challenge, name="Mild", severity="low")
    grave = build(Challenge, name="Grave", severity="high")
    for challenge, draft in [(grave, False), (grave, False), (grave, True), (mild, True)]:
        build_statement(challenge, kind="response", draft=draft)
    [first, second] = [words(row) for row in section(read(client), "board").iter("tr")][1:]
    assert first == "Grave High Steady responses: 2"
    assert second == "Mild Low Steady responses: none known"


def test_factor_shows_its_first_figure_that_counts_as_true(client):
    factor = build(Factor)
    build_statement(factor, kind="evidence", label="Wrong", value=9, unit="none", status="unsupported")
    build_statement(factor, kind="evidence", label="In words", text="many")
    build_statement(factor, kind="evidence", label="Graduates", value=5000, unit="people", date="2024")
    text = words(section(read(client), "why"))
    assert "Graduates: 5,000 people (2024)" in text
    assert "Wrong" not in text


def test_home_shows_claims_that_did_not_hold(client):
    company = build(Company)
    for status in Statement.Status:
        build_statement(company, kind="check", text=f"Claim {status}", status=status)
    build_statement(company, kind="fact", text="A fact", status="disputed")
    text = words(section(read(client), "claims"))
    assert "Claim unsupported" in text
    assert "Claim disputed" in text
    assert "Claim reported" not in text
    assert "A fact" not in text


def test_home_shows_what_changed_last(client):
    for model in RECORDS:
        build(model)
    last = build(Company, "last")
    shown = [path for path in links(section(read(client), "changed")) if not path.startswith("/changes/")]
    assert shown[0] == last.get_absolute_url()


def test_checked_sorts_claims_by_what_was_found(client):
    company = build(Company)
    for status in Statement.Status:
        build_statement(company, kind="check", text=f"Claim {status}", status=status)
    tree = read(client, "/checked/")
    claims = {name: words(section(tree, name)) for name in ("unsupported", "disputed", "held")}
    assert "Claim unsupported" in claims["unsupported"]
    assert "Claim disputed" in claims["disputed"]
    for status in Statement.COUNTS_AS_TRUE:
        assert f"Claim {status}" in claims["held"]
    assert all(text.count("Claim") < 5 for text in claims.values())


def test_checked_also_shows_values_on_which_sources_differ(client):
    company = build(Company, name="Deep")
    build_statement(
        company, [build_source("a")], label="Founded", text="2015", status="disputed", reference="x"
    )
    build_statement(company, label="Place", text="Yuhang", status="reported")
    build_statement(company, label="Hidden", text="Hidden", status="disputed", draft=True)
    tree = read(client, "/checked/")
    values = section(tree, "values")
    assert "Deep Founded 2015 Disputed 1" in words(values)
    assert links(values)["/companies/" + company.slug + "/#x"] == "Deep"
    assert "Yuhang" not in words(tree.find("body"))
    assert "Hidden" not in words(tree.find("body"))


def test_checked_of_very_many_leads_to_the_list(client, monkeypatch):
    company = build(Company)
    rows = [build_statement(company, text=f"Value {n}", status="disputed") for n in range(3)]
    assert "at most" not in words(read(client, "/checked/").find("body"))
    monkeypatch.setattr(pages, "MOST_CHECKED", 2)
    tree = read(client, "/checked/")
    assert words(section(tree, "values")).count("Disputed") == 2
    everything = client.get(next(path for path in links(tree) if path.startswith("/statements/?")))
    assert all(row.text in everything.content.decode() for row in rows)


def test_method_defines_every_status(client):
    tree = read(client, "/method/")
    for status in Statement.Status:
        [definition] = [element for element in tree.iter() if element.get("id") == f"status-{status}"]
        assert words(definition).startswith(status.label)
        assert len(words(definition)) > len(status.label) + 20


def test_about_names_the_hub_and_the_contact(client, settings):
    settings.SITE_CONTACT = "desk@example.org"
    hub = build(Hub, is_home=True)
    tree = read(client, "/about/")
    assert hub.get_absolute_url() in links(tree)
    assert "desk@example.org" in words(tree.find("body"))


def test_about_says_where_nobody_can_be_reached(client, settings):
    settings.SITE_CONTACT = ""
    assert "have not given an address" in words(read(client, "/about/").find("body"))
