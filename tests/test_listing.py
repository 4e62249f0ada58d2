"""The rules of every list: what it refuses, how it pages, and what its pages offer."""

from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from ecosystem.listing import listed
from ecosystem.models import Company, Sector
from ecosystem.renderers import MEDIA_TYPES
from ecosystem.search import reindex
from ecosystem.views.company import CompanyListView
from tests.builders import build, populate
from tests.pages import (
    ATOM,
    LISTED,
    LISTS,
    address,
    by_class,
    links,
    parse,
    read_atom,
    read_json,
    slugs,
    words,
)

pytestmark = pytest.mark.django_db

DATA = [(noun, suffix) for noun, suffix in LISTS if suffix]


def robots(tree):
    return [meta.get("content") for meta in tree.iter("meta") if meta.get("name") == "robots"]


def canonical(tree):
    return [link.get("href") for link in tree.iter("link") if link.get("rel") == "canonical"]


def inputs(tree, name):
    """{value: is it ticked} of the filter form's fields of this name."""
    [form] = by_class(tree, "filters")
    fields = [field for field in form.iter("input") if field.get("name") == name]
    return {field.get("value"): field.get("checked") is not None for field in fields}


@pytest.fixture
def firms():
    """63 companies of one name: only the primary key tells them apart. Three pages of 24."""
    return [build(Company, f"c-{n}", name="Same") for n in range(63)]


# Unknown, blank and invalid parameters


@pytest.mark.parametrize("noun", LISTED)
def test_unknown_parameter_is_named_on_the_page(client, noun):
    response = client.get(address(noun, query="colour=red&flavour=sweet"))
    assert response.status_code == 200
    [notice] = by_class(parse(response), "notice")
    assert words(notice) == "We ignored: colour, flavour. This list has no such filter."


@pytest.mark.parametrize(("noun", "suffix"), DATA)
def test_unknown_parameter_is_refused_in_data(client, noun, suffix):
    response = client.get(address(noun, suffix, "colour=red"))
    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["errors"] == [
        {"parameter": "colour", "detail": "This list has no such parameter."}
    ]


@pytest.mark.parametrize("noun", LISTED)
def test_blank_values_redirect_to_the_sorted_query(client, noun):
    response = client.get(address(noun, query="sort=&q=&page_size=10&odd=1&page=+"))
    assert response.status_code == 302
    assert response["Location"] == address(noun, query="odd=1&page_size=10")


def test_only_blank_values_redirect_to_the_bare_list(client):
    assert client.get("/companies/?q=&founded_from=")["Location"] == "/companies/"


def test_query_without_blanks_is_answered_at_once(client):
    assert client.get("/companies/?sort=name&q=x").status_code == 200


@pytest.mark.parametrize(("noun", "suffix"), DATA)
def test_blank_values_are_ignored_in_data(client, noun, suffix):
    assert client.get(address(noun, suffix, "q=&sort=")).status_code == 200


def test_blank_facet_filters_nothing_in_data(client, firms):
    bare, blank = read_json(client, "company"), read_json(client, "company", "sector=&founded_from=")
    assert blank["total"] == bare["total"]
    assert blank["filters"] == bare["filters"]


@pytest.mark.parametrize(
    ("noun", "name", "value"),
    [
        ("company", "sector", "no-such"),
        ("company", "place", "no-such"),
        ("company", "evidence", "maybe"),
        ("company", "founded_from", "soon"),
        ("breakthrough", "kind", "no-such"),
        ("challenge", "severity", "HIGH"),
        *((noun, "sort", "-pk") for noun in LISTED),
        *((noun, "q", "x" * 201) for noun in LISTED),
    ],
)
def test_invalid_value_is_an_error_in_every_format(client, noun, name, value):
    """Never “everything”, which a program would take for an answer."""
    build(Company)
    for suffix in (None, "json", "csv"):
        response = client.get(address(noun, suffix), {name: value})
        assert response.status_code == 400
        if suffix:
            assert {error["parameter"] for error in response.json()["errors"]} == {name}
        else:
            assert not by_class(parse(response), "card")
            [notice] = by_class(parse(response), "error")
            assert f"({name}): " in words(notice)


def test_invalid_page_keeps_what_was_typed(client):
    sector = build(Sector, "robots")
    query = "q=arm+%26+leg&founded_from=soon&sector=no-such&sector=robots&sort=-founded"
    tree = parse(client.get(f"/companies/?{query}"))
    assert inputs(tree, "q") == {"arm & leg": False}
    assert inputs(tree, "founded_from") == {"soon": False}
    assert inputs(tree, "sector") == {"no-such": True, sector.slug: True}
    assert [option.get("value") for option in tree.iter("option") if option.get("selected") is not None] == [
        "-founded"
    ]
    [field] = [field for field in tree.iter("input") if field.get("name") == "founded_from"]
    [error] = [element for element in tree.iter() if element.get("id") == field.get("aria-describedby")]
    assert words(error) == "Enter a number."


@pytest.mark.parametrize("noun", LISTED)
@pytest.mark.parametrize(
    "query", ["q=a&q=b", "sort=name&sort=name", "page=1&page=2", "page_size=5&page_size=5"]
)
def test_second_value_of_a_single_parameter_is_refused(client, noun, query):
    name = query.split("=")[0]
    response = client.get(address(noun, "json", query))
    assert response.status_code == 400
    assert {error["parameter"] for error in response.json()["errors"]} == {name}
    assert client.get(address(noun, query=query)).status_code == 400


@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x1b", "\x7f", "\x9f", "\ufffe", "\uffff", "\ufdd0"])
def test_unprintable_sign_is_replaced(client, sign):
    """Neither HTML nor XML can hold it, and a page or a feed that is not well-formed helps nobody."""
    build(Company, "ab")
    response = client.get("/companies/", {"q": f"a{sign}b", f"n{sign}": "1"})
    assert response["Location"] == "/companies/?n%EF%BF%BD=1&q=a%EF%BF%BDb"
    tree = parse(client.get(response["Location"]))
    assert inputs(tree, "q") == {"a\ufffdb": False}
    title = read_atom(client, "company", urlencode({"q": f"a{sign}b"})).findtext(f"{ATOM}title")
    assert "a\ufffdb" in title


# Order and pages


def test_pages_of_ties_hold_every_row_once(client, firms):
    found = []
    for page in (1, 2, 3):
        data = read_json(client, "company", f"page={page}&page_size=24")
        found += [record["slug"] for record in data["records"]]
    assert found == [firm.slug for firm in firms]
    assert slugs(client, "company") == found
    assert slugs(client, "company", "sort=-founded") == found


def test_page_numbers_its_rows_and_links_its_neighbours(client, firms):
    tree = parse(client.get("/companies/?page=2"))
    [cards] = [element for element in tree.iter("ol") if element.get("class") == "cards"]
    assert (cards.get("start"), len(by_class(tree, "card"))) == ("25", 24)
    assert links(tree)["/companies/"] is not None
    assert links(tree)["/companies/?page=3"] == "Next"
    assert ("prev", "/companies/") in [(link.get("rel"), link.get("href")) for link in tree.iter("a")]


def test_page_past_the_end_links_to_the_last(client, firms):
    response = client.get("/companies/?page=4&sort=updated")
    assert response.status_code == 404
    assert links(parse(response))["/companies/?page=3&sort=updated"] == "Go to its last page, 3"
    assert client.get("/companies/?page=3&sort=updated").status_code == 200


def test_page_past_the_end_is_a_problem_in_json(client, firms):
    response = client.get("/companies.json?page=4")
    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["errors"] == [
        {"parameter": "page", "detail": "There is no such page. The last is 3."}
    ]


@pytest.mark.parametrize("value", ["0", "-1", "x", "1.5", "1000001", "NaN", "1e99"])
@pytest.mark.parametrize("name", ["page", "page_size"])
def test_number_of_a_page_is_checked(client, name, value):
    for path in ("/companies/", "/companies.json"):
        assert client.get(path, {name: value}).status_code == 400


@pytest.mark.parametrize(
    ("path", "size", "status"),
    [
        ("/companies/", 100, 200),
        ("/companies/", 101, 400),
        ("/companies.json", 1000, 200),
        ("/companies.json", 1001, 400),
    ],
)
def test_page_has_a_largest_size(client, path, size, status):
    response = client.get(path, {"page_size": size})
    assert response.status_code == status
    if status == 400 and path == "/companies/":
        assert "A page shows at most 100 rows." in response.content.decode()


def test_page_size_is_kept_from_page_to_page(client, firms):
    assert read_json(client, "company", "page_size=40")["next"] == (
        "http://testserver/companies.json?page=2&page_size=40"
    )
    assert "/companies/?page=2&page_size=40" in links(parse(client.get("/companies/?page_size=40")))


@pytest.mark.parametrize("suffix", ["csv", "atom"])
@pytest.mark.parametrize("name", ["page", "page_size"])
def test_whole_formats_take_no_page(client, suffix, name):
    response = client.get(f"/companies.{suffix}?{name}=1")
    assert response.status_code == 400
    assert "whole view" in response.json()["detail"]


# What a page offers


@pytest.mark.parametrize("noun", LISTED)
def test_filtered_page_is_kept_out_of_indexes(client, noun):
    tree = parse(client.get(address(noun, query="sort=name" if noun != "source" else "sort=publisher")))
    assert robots(tree) == ["noindex"]
    assert canonical(tree) == [f"http://testserver{address(noun)}"]


@pytest.mark.parametrize("noun", LISTED)
def test_bare_list_may_be_indexed(client, noun):
    tree = parse(client.get(address(noun)))
    assert robots(tree) == []
    assert canonical(tree) == [f"http://testserver{address(noun)}"]


@pytest.mark.parametrize(("noun", "suffix"), DATA)
def test_data_are_kept_out_of_indexes(client, noun, suffix):
    assert client.get(address(noun, suffix))["X-Robots-Tag"] == "noindex"


@pytest.mark.parametrize("noun", LISTED)
def test_options_are_form_fields_and_no_links(client, noun):
    """A crawler that follows links meets no combination of filters, however many options there are."""
    populate(3)
    tree = parse(client.get(address(noun)))
    [form] = [form for form in tree.iter("form") if form.get("action") == address(noun)]
    assert form.get("method") == "get"
    facets = read_json(client, noun)["facets"]
    for name, options in facets.items():
        assert inputs(tree, name) == {option["value"]: False for option in options}
    hrefs = [urlsplit(href) for href in links(tree) if href.startswith(address(noun))]
    # “Show them too”, beside what a default leaves out, and the table are the exceptions.
    queried = [part.query for part in hrefs if part.query and "hub_link" not in part.query]
    assert queried == ["view=table"]


def test_form_shows_the_choice_and_the_counts(client):
    sector = build(Sector, "robots")
    build(Company, ownership="private", many={"sectors": [sector]})
    build(Company, ownership="public")
    tree = parse(client.get("/companies/?sector=robots"))
    assert inputs(tree, "sector") == {"robots": True}
    labels = [words(label) for label in tree.iter("label")]
    assert "Robots 1" in labels
    assert "Private 1" in labels
    assert not any(label.startswith("Public ") for label in labels)


def test_chip_removes_exactly_its_own_filter(client):
    for slug in ("ai", "robots"):
        build(
            Company,
            f"of-{slug}",
            ownership="private",
            founded="2016",
            many={"sectors": [build(Sector, slug)]},
        )
    reindex()
    pairs = [
        ("founded_from", "2015"),
        ("ownership", "private"),
        ("q", "of"),
        ("sector", "ai"),
        ("sector", "robots"),
    ]
    query = "&".join(f"{name}={value}" for name, value in pairs)
    tree = parse(client.get(f"/companies/?{query}&page_size=10&sort=founded&page=1"))
    [chips] = by_class(tree, "chips")
    found = {words(link): parse_qsl(urlsplit(link.get("href")).query) for link in chips.iter("a")}
    assert found.pop("Clear all") == []
    kept = [("page_size", "10"), ("sort", "founded")]
    assert found == {
        f"Remove filter {label} ×": sorted({*pairs, *kept} - {pair})
        for label, pair in zip(
            ["From year: 2015", "Ownership: Private", "Search: of", "Sector: Ai", "Sector: Robots"],
            pairs,
            strict=True,
        )
    }


def test_result_is_said_in_words(client):
    sector = build(Sector, "robots")
    assert listed(CompanyListView).words == "0 companies"
    build(Company, many={"sectors": [sector]})
    assert listed(CompanyListView, sector="robots").words == "1 company: Robots"
    build(Company)
    assert listed(CompanyListView).words == "2 companies"


def test_empty_result_says_which_filter_to_drop(client):
    build(Sector, "robots")
    tree = parse(client.get("/companies/?sector=robots&ownership=private"))
    [results] = by_class(tree, "results")
    assert "Nothing matches all of these filters. Drop one of them:" in words(results)
    assert links(results)["/companies/?ownership=private"] == "Sector: Robots"
    assert links(results)["/companies/?sector=robots"] == "Ownership: Private"


def test_formats_are_of_the_whole_view(client, firms):
    tree = parse(client.get("/companies/?page=2&sort=updated"))
    alternates = [link for link in tree.iter("link") if link.get("rel") == "alternate"]
    types = {link.get("href"): link.get("type") for link in alternates}
    for suffix, media_type in MEDIA_TYPES.items():
        path = f"/companies.{suffix}?sort=updated"
        assert path in links(tree)
        assert types[f"http://testserver{path}"] == media_type


def test_updated_sort_follows_the_edits(client, firms):
    firms[5].summary = "Edited"
    firms[5].save()
    assert slugs(client, "company", "sort=updated")[0] == "c-5"


def test_atom_of_sources_does_not_exist(client):
    assert client.get("/sources.atom").status_code == 404


def test_unknown_format_does_not_exist(client):
    assert client.get("/companies.xml").status_code == 404


def test_listed_refuses_what_the_list_refuses():
    with pytest.raises(ValueError, match="no-such"):
        listed(CompanyListView, sector="no-such")


# The table, and other looks of one result


def looks(tree):
    """{words: address} of the links to other looks, and the words of the one in force."""
    [shown] = by_class(tree, "looks")
    [current] = [words(link) for link in shown.iter("a") if link.get("aria-current")]
    return {text: path for path, text in links(shown).items()}, current


@pytest.mark.parametrize("noun", LISTED)
def test_table_holds_the_rows_of_the_list_under_a_caption(client, noun):
    populate(3)
    bare = parse(client.get(address(noun)))
    tree = parse(client.get(address(noun, query="view=table")))
    [table] = by_class(tree, "listed")
    assert words(table.find("caption")) == words(tree.find(".//h2"))
    heads = [words(head) for head in table.find("thead").iter("th")]
    rows = table.find("tbody").findall("tr")
    assert all(len(row) == len(heads) and row[0].get("scope") == "row" for row in rows)
    assert [next(iter(links(row))) for row in rows] == [
        next(iter(links(card))) for card in by_class(bare, "card")
    ]
    assert not by_class(tree, "cards")


def test_table_keeps_filters_order_total_and_page(client):
    sector = build(Sector, "robots")
    firms = [build(Company, f"c-{n}", founded=f"{1990 + n}", many={"sectors": [sector]}) for n in range(30)]
    build(Company)
    query = "founded_from=1991&page=2&sector=robots&sort=-founded"
    rows = parse(client.get(f"/companies/?{query}"))
    addresses, current = looks(rows)
    assert current == "Rows"
    assert addresses["Table"] == "/companies/?founded_from=1991&page=2&sector=robots&sort=-founded&view=table"
    table = parse(client.get(addresses["Table"]))
    back, current = looks(table)
    assert current == "Table"
    assert back["Rows"] == f"/companies/?{query}"
    assert words(table.find(".//h2")) == words(rows.find(".//h2"))
    [listed_rows] = by_class(table, "listed")
    assert [path for path in links(listed_rows) if path.startswith("/companies/c-")] == [
        firm.get_absolute_url() for firm in firms[5:0:-1]
    ]
    assert inputs(table, "view") == {"table": False}


def test_landscape_is_another_look_at_the_companies(client):
    build(Company, many={"sectors": [build(Sector, "robots")]})
    addresses, current = looks(parse(client.get("/landscape/?sector=robots&sort=name")))
    assert current == "Landscape"
    assert addresses["Table"] == "/companies/?sector=robots&sort=name&view=table"
    addresses, _ = looks(parse(client.get("/companies/?page_size=5&sector=robots")))
    assert addresses["Landscape"] == "/landscape/?sector=robots"


def test_heads_of_the_table_sort_and_say_how(client):
    build(Company)
    [table] = by_class(parse(client.get("/companies/?page_size=5&sort=founded&view=table")), "listed")
    sorts = {words(head): head.get("aria-sort") for head in table.find("thead").iter("th")}
    assert {name for name, order in sorts.items() if order} == {"Founded"}
    assert sorts["Founded"] == "ascending"
    heads = {text: path for path, text in links(table.find("thead")).items()}
    assert heads == {
        "Company": "/companies/?page_size=5&sort=name&view=table",
        "Founded": "/companies/?page_size=5&sort=-founded&view=table",
    }


@pytest.mark.parametrize(("noun", "suffix"), [view for view in DATA if view[0] in LISTED])
def test_data_have_no_looks(client, noun, suffix):
    response = client.get(address(noun, suffix, "view=table"))
    assert response.status_code == 400
    assert response.json()["errors"] == [
        {"parameter": "view", "detail": "Only the page has views, no data format."}
    ]


def test_formats_and_citation_of_a_table_are_those_of_the_list(client):
    build(Company)
    page = client.get("/companies/?view=table").content.decode()
    assert "/companies.json?" not in page
    assert "/companies.json" in page
    assert "(CC BY 4.0)" in page
    assert "http://testserver/companies/ (CC BY 4.0)" in page


@pytest.mark.parametrize("query", ["view=map", "view=table&view=rows"])
def test_unknown_look_is_refused(client, query):
    assert client.get(f"/companies/?{query}").status_code == 400
