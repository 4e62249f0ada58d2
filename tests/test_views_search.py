"""The search page: grouped, counted as the lists count, marked, and unmoved by odd queries."""

from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from ecosystem.models import RECORDS, Company, Place, Sector, Source
from ecosystem.search import reindex
from tests.builders import build, build_source, build_statement, populate
from tests.pages import by_class, links, parse, words
from tests.test_search import HOSTILE

pytestmark = pytest.mark.django_db


def search(client, text, status=200, path="/search/", **others):
    response = client.get(f"{path}?{urlencode({'q': text, **others}, errors='surrogatepass')}")
    assert response.status_code == status, response.content.decode()
    return response


def text_of(response):
    return words(next(parse(response).iter("main")))


def test_every_kind_is_grouped_and_counted_as_its_list_counts(client):
    populate(7)
    for link in Company.HubLink.values:
        build(Company, f"c-{link}", name="名字", hub_link=link)
    reindex()
    tree = parse(search(client, "名字"))
    headings = [words(next(section.iter("h2"))) for section in by_class(tree, "found")]
    nouns = [str(model._meta.verbose_name_plural) for model in RECORDS]
    assert headings == [f"{7 + (noun == 'companies') * 4} {noun}" for noun in nouns]
    for section in by_class(tree, "found"):
        heading = next(section.iter("h2"))
        listed = parse(client.get(next(heading.iter("a")).get("href")))
        result = next(item for item in listed.iter("h2") if item.get("id") == "results")
        assert words(result).startswith(f"{words(heading)}: ")
        assert words(result).endswith("“名字”")
        assert len(by_class(section, "card")) == 5


def test_vocabularies_are_shown_whole(client):
    for n in range(8):
        build(Sector, name=f"Robot {n}")
        build(Place, name=f"Robot {n}")
    reindex()
    tree = parse(search(client, "robot"))
    assert [len(by_class(section, "card")) for section in by_class(tree, "found")] == [8, 8]
    assert not [link for link in links(tree) if "q=robot" in (link or "") and "json" not in link]


def test_words_are_marked_in_escaped_text(client):
    build(Company, name="Zürich <b>Labs</b>", name_zh="宇树科技", other_names="群核", summary="zurich & 宇树")
    reindex()
    page = search(client, "zurich 宇树").content.decode()
    assert "<mark>Zürich</mark> &lt;b&gt;Labs&lt;/b&gt;" in page
    assert '<mark><span lang="zh-Hans">宇树</span></mark><span lang="zh-Hans">科技</span>' in page
    assert "<mark>zurich</mark> &amp; <mark>" in page
    assert "also known as" not in page
    assert (
        'also known as <mark><span lang="zh-Hans">群核</span></mark>'
        in search(client, "群核").content.decode()
    )


def test_nothing_found_offers_near_names_and_fewer_words(client):
    build(Company, "unitree", name="Unitree", name_zh="宇树")
    reindex()
    tree = parse(search(client, "Unitrea robots"))
    assert not by_class(tree, "found")
    tree = parse(search(client, "unitree zzz"))
    assert links(tree)["/search/?q=unitree"] == "Search for “unitree”"
    assert "/search/?q=zzz" not in links(tree)
    tree = parse(search(client, "Unitrea"))
    assert links(tree)["/companies/unitree/"] == "Unitree"
    tree = parse(search(client, "aaa unitree bbb"))
    assert "/search/?q=unitree" in links(tree)


def test_nothing_hidden_is_found_named_near_or_offered(client):
    row = build(Company, "hidden", name="Secretive", state="draft")
    build_statement(row, [build_source("hidden-source", title="Secretive")], text="secretive")
    build_statement(build(Company, "open", name="Open"), text="secretive", draft=True)
    reindex()
    for query in ("secretive", "secretiv", "secretivo", "open secretive"):
        response = search(client, query)
        assert not by_class(parse(response), "found")
        assert "Secretive" not in response.content.decode()
        assert not [link for link in links(parse(response)) if "hidden" in link]
        assert search(client, query, path="/search.json").json()["total"] == 0


@pytest.mark.parametrize("path", ["/search/", "/search.json"])
@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_query_is_answered(client, path, query):
    build(Company, name="A")
    reindex()
    response = client.get(f"{path}?{urlencode({'q': query}, errors='surrogatepass')}")
    assert response.status_code == (400 if len(query) > 200 else 200)
    if path == "/search/":
        parse(response)


@pytest.mark.parametrize("query", ["", "?q=", "?q=+", "?q=%00", "?q=%FF%FE", "?q=***"])
def test_query_without_words_finds_nothing(client, query):
    build(Company)
    reindex()
    response = client.get(f"/search/{query}")
    assert response.status_code == 200
    assert not by_class(parse(response), "found")
    assert client.get(f"/search.json{query}").json()["total"] == 0


@pytest.mark.parametrize(
    ("query", "name"), [("q=a&q=b", "q"), (f"q={'a' * 201}", "q"), (f"q={'宇' * 400}", "q")]
)
def test_invalid_query_is_named(client, query, name):
    response = client.get(f"/search/?{query}")
    assert response.status_code == 400
    assert f"{name}: " in text_of(response)
    problem = client.get(f"/search.json?{query}")
    assert problem.status_code == 400
    assert [error["parameter"] for error in problem.json()["errors"]] == [name]


def test_unknown_parameter_is_named_on_the_page_and_refused_in_json(client):
    build(Company, "one", name="Robot")
    reindex()
    response = search(client, "robot", colour="red")
    assert "We ignored: colour." in text_of(response)
    assert by_class(parse(response), "found")
    errors = search(client, "robot", 400, "/search.json", colour="red").json()["errors"]
    assert errors == [{"parameter": "colour", "detail": "The search has no such parameter."}]


def test_json_says_what_the_page_says(client):
    build(Company, "unitree", name="Unitree", name_zh="宇树", other_names="Yushu", summary="Robots.")
    reindex()
    data = search(client, "yushu", path="/search.json").json()
    [group] = data["groups"]
    assert (data["q"], data["total"], group["kind"], group["total"]) == ("yushu", 1, "company", 1)
    assert group["list"].startswith("http://testserver/companies/?hub_link=headquarters&")
    assert group["records"] == [
        {
            "name": "Unitree",
            "name_zh": "宇树",
            "also_known_as": "Yushu",
            "text": "Robots.",
            "url": "http://testserver/companies/unitree/",
        }
    ]
    assert search(client, "yusho", path="/search.json").json()["near"] == [
        {"name": "Unitree", "url": "http://testserver/companies/unitree/"}
    ]


@pytest.mark.parametrize("path", ["/", "/search/?q=robot", "/companies/", "/companies/one/", "/nowhere/"])
def test_every_page_has_the_box_in_its_header(client, path):
    build(Company, "one", name="Robot")
    tree = parse(client.get(path))
    [form] = [form for form in tree.iter("form") if form.get("role") == "search"]
    [box] = [field for field in form.iter("input") if field.get("name") == "q"]
    [label] = [label for label in tree.iter("label") if label.get("for") == box.get("id")]
    assert (form.get("action"), form.get("method")) == ("/search/", "get")
    assert words(label) == "Search every record"
    assert box.get("value") == ("robot" if "robot" in path else "")


def test_page_is_noindex_and_refuses_other_methods(client):
    tree = parse(search(client, "a"))
    assert [item.get("content") for item in tree.iter("meta") if item.get("name") == "robots"] == ["noindex"]
    assert client.post("/search/").status_code == 405


@pytest.mark.parametrize("query", ["名字", "text", "杭州", "zzz", "名字 zzz", "nome"])
def test_queries_stay_flat(client, query):
    counts = []
    for number in (3, 30):
        populate_anew(number)
        with CaptureQueriesContext(connection) as captured:
            search(client, query)
        counts.append(len(captured))
    assert counts[0] == counts[1]


def populate_anew(number):
    for model in (*RECORDS, Sector):
        model.objects.all().delete()
    Place.objects.exclude(parent=None).delete()
    Place.objects.all().delete()
    Source.objects.all().delete()
    populate(number)
    reindex()


def test_browsers_are_told_how_to_search(client):
    response = client.get("/opensearch.xml")
    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    tree = ElementTree.fromstring(response.content)  # noqa: S314 -- our own output
    space = "{http://a9.com/-/spec/opensearch/1.1/}"
    assert len(tree.findtext(f"{space}ShortName")) <= 16
    template = tree.find(f"{space}Url").get("template")
    assert template == "http://testserver/search/?q={searchTerms}"
    assert client.get(template.replace("{searchTerms}", "robot")).status_code == 200
    assert b'rel="search"' in client.get("/").content
