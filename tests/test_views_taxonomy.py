"""Sectors and places: defined, and counted as the lists count."""

import pytest

from ecosystem.models import Breakthrough, Challenge, Company, Institution, Place, Sector
from tests.builders import build, build_source
from tests.pages import by_class, links, parse, slugs, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree_of_places():
    """City > district > park, with a company in the last two; another district with nothing in it."""
    city = build(Place, "city", kind="city")
    district = build(Place, "district", parent=city)
    park = build(Place, "park", parent=district, kind="park", latitude="30.25", longitude="120.10000")
    build(Place, "empty", parent=city)
    build(Company, "in-district", place=district)
    build(Company, "in-park", place=park)
    build(Company, "linked", place=park, hub_link="linked")
    build(Company, "hidden", place=park, state="draft")
    build(Institution, "lab", place=park)


def test_places_are_counted_as_their_lists_are(client, tree_of_places):
    """A place counts what is inside it; the list behind the number has that length."""
    shown = {path: text for path, text in links(parse(client.get("/places/"))).items() if "?place=" in path}
    assert {path.split("=")[1]: int(text.split()[0]) for path, text in shown.items()} == {
        "city": 2,
        "district": 2,
        "park": 1,
    }
    for path, text in shown.items():
        assert len(slugs(client, "company", path.split("?")[1])) == int(text.split()[0])


def test_places_stand_below_what_contains_them(client, tree_of_places):
    [vocabulary] = by_class(parse(client.get("/places/")), "vocabulary")
    rows = [(row.get("class"), words(row).split()[0]) for row in vocabulary.iter("div")]
    assert rows == [("depth-0", "City"), ("depth-1", "District"), ("depth-2", "Park"), ("depth-1", "Empty")]


def test_place_without_companies_says_so(client, tree_of_places):
    [vocabulary] = by_class(parse(client.get("/places/")), "vocabulary")
    assert "Empty" in words(vocabulary)
    assert "none placed yet" in words(vocabulary)


def test_place_shows_where_it_is_and_what_is_in_it(client, tree_of_places):
    tree = parse(client.get("/places/park/"))
    assert "30.25° N, 120.1° E (WGS-84)" in words(tree.find("body"))
    assert {"/places/district/", "/companies/in-park/", "/institutions/lab/"} <= links(tree).keys()
    assert not {"/companies/hidden/", "/companies/linked/", "/companies/in-district/"} & links(tree).keys()
    district = links(parse(client.get("/places/district/")))
    assert {
        "/places/city/",
        "/places/park/",
        "/companies/in-district/",
        "/companies/in-park/",
    } <= district.keys()


def test_place_says_how_many_are_left_out(client, tree_of_places):
    tree = parse(client.get("/places/park/"))
    assert any("1 not shown: linked only (1)." in words(element) for element in by_class(tree, "left-out"))


def test_place_cites_its_sources(client):
    place = build(Place, "park")
    place.sources.set([build_source("map")])
    assert "/sources/map/" in links(parse(client.get("/places/park/")))


def test_place_without_coordinates_says_so(client):
    build(Place, "park")
    assert "coordinates not known" in client.get("/places/park/").content.decode()


def test_sectors_are_defined_and_counted_as_their_lists_are(client):
    ai, robots = build(Sector, "ai", definition="Machines that learn."), build(Sector, "robots")
    build(Company, "a", many={"sectors": [ai]})
    build(Company, "b", many={"sectors": [ai, robots]})
    build(Company, "c", hub_link="linked", many={"sectors": [robots]})
    build(Company, "d", state="draft", many={"sectors": [robots]})
    tree = parse(client.get("/sectors/"))
    assert "Machines that learn." in words(tree.find("body"))
    shown = {
        path.split("=")[1]: int(text.split()[0]) for path, text in links(tree).items() if "?sector=" in path
    }
    assert shown == {"ai": 2, "robots": 1}
    for slug, number in shown.items():
        assert len(slugs(client, "company", f"sector={slug}")) == number


def test_sector_shows_its_records_of_every_kind(client):
    sector = build(Sector, "ai")
    for model in (Company, Breakthrough, Challenge):
        build(model, f"{model._meta.model_name}-in", many={"sectors": [sector]})
        build(model, f"{model._meta.model_name}-out")
        build(model, f"{model._meta.model_name}-hidden", state="draft", many={"sectors": [sector]})
    found = links(parse(client.get("/sectors/ai/")))
    assert {
        "/companies/company-in/",
        "/breakthroughs/breakthrough-in/",
        "/challenges/challenge-in/",
    } <= found.keys()
    assert not [path for path in found if "hidden" in path or "-out" in path]


def test_long_sector_links_the_rest(client):
    sector = build(Sector, "ai")
    for _ in range(30):
        build(Company, many={"sectors": [sector]})
    found = links(parse(client.get("/sectors/ai/")))
    assert len([path for path in found if path.startswith("/companies/company-")]) < 30
    assert "See all 30" in found.values() or found["/companies/?sector=ai"] == "See all 30"


def test_place_as_json_leads_to_what_its_page_counts(client, tree_of_places):
    Place.objects.get(slug="district").sources.set([build_source("map")])
    data = client.get("/places/district.json").json()
    assert data.items() >= {"slug": "district", "parent": "city", "kind": "district"}.items()
    assert data["inside"] == [{"slug": "park", "name": "Park", "url": "http://testserver/places/park/"}]
    assert [source["key"] for source in data["cited"]] == ["map"]
    assert {name: entry["total"] for name, entry in data["lists"].items()} == {
        "companies": 2,
        "institutions": 1,
    }
    for entry in data["lists"].values():
        assert client.get(entry["url"].removeprefix("http://testserver")).json()["total"] == entry["total"]


def test_sector_as_json_leads_to_what_its_page_counts(client):
    ai = build(Sector, "ai", definition="Machines that learn.")
    build(Company, "in", many={"sectors": [ai]})
    build(Company, "hidden", state="draft", many={"sectors": [ai]})
    build(Challenge, "hurdle", many={"sectors": [ai]})
    data = client.get("/sectors/ai.json").json()
    assert data["definition"] == "Machines that learn."
    assert data["lists"] == {
        "companies": {"total": 1, "url": "http://testserver/companies.json?sector=ai"},
        "breakthroughs": {"total": 0, "url": "http://testserver/breakthroughs.json?sector=ai"},
        "challenges": {"total": 1, "url": "http://testserver/challenges.json?sector=ai"},
    }


@pytest.mark.parametrize("plural", ["sectors", "places"])
def test_vocabulary_and_its_words_name_their_data(client, plural, tree_of_places):
    build(Sector, "park")
    for page, files in {
        f"/{plural}/": [f"/{plural}.json", f"/{plural}.csv"],
        f"/{plural}/park/": [f"/{plural}/park.json"],
    }.items():
        response = client.get(page)
        tree = parse(response)
        heads = [link.get("href") for link in tree.iter("link") if link.get("rel") == "alternate"]
        assert heads == [f"http://testserver{file}" for file in files]
        for file in files:
            assert file in links(tree)
            assert f"<http://testserver{file}>" in response["Link"]
            assert f"<http://testserver{page}>" in client.get(file)["Link"]


def test_word_as_json_refuses_a_parameter(client):
    build(Sector, "ai")
    response = client.get("/sectors/ai.json?page=2")
    assert (response.status_code, response.json()["errors"][0]["parameter"]) == (400, "page")


@pytest.mark.parametrize(
    "path", ["/sectors/none/", "/places/none/", "/sectors/none.json", "/places/none.json"]
)
def test_unknown_word_of_a_vocabulary_is_not_found(client, path):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(("path", "is_open"), [("/companies/", False), ("/sectors/robotics/", True)])
def test_charts_of_a_sector_are_open_and_those_of_a_list_wait(client, path, is_open):
    build(Company, founded="2016", many={"sectors": [build(Sector, "robotics")]})
    [charts] = by_class(parse(client.get(path)), "charts")
    assert (charts.get("open") is not None) == is_open
