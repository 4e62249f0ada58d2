"""The page, JSON, CSV and Atom of a view list the same records in the same order, whatever the filters."""

import random
import re
from html import unescape
from xml.etree import ElementTree

import pytest
from django.http import QueryDict

from ecosystem.models import RECORDS
from ecosystem.search import reindex
from ecosystem.views.data import LISTS
from tests.builders import populate
from tests.pages import ATOM, address, read_atom, read_csv, read_json

pytestmark = pytest.mark.django_db
VIEWS = [view for view in LISTS if view.model in RECORDS]
COMBINATIONS, PARTS = 200, 4
NS = {"atom": ATOM.strip("{}")}


def combination(dice, view):
    """A query string of some filters with valid values, and perhaps a search and a sort."""
    filterset = view.filterset_class(QueryDict(), view.model.objects.none())
    pairs = []
    for name, facet in filterset.facets.items():
        values = [value for value, _ in facet.extra["choices"]]
        if values and dice.random() < 0.4:
            pairs += [(name, value) for value in dice.sample(values, dice.randint(1, min(3, len(values))))]
    years = [name for name in filterset.filters if name.endswith(("_from", "_to"))]
    pairs += [(name, dice.randint(1998, 2006)) for name in years if dice.random() < 0.2]
    if dice.random() < 0.3:
        pairs.append(("sort", dice.choice(list(filterset.sorts))))
    if dice.random() < 0.2:
        pairs.append(("q", dice.choice(["what", "名字", "0", "text", "nothing like it"])))
    return "&".join(f"{name}={value}" for name, value in pairs)


def combinations():
    """As many different (view, query) pairs, the same ones in every part."""
    dice, drawn = random.Random(4287), {}
    while len(drawn) < COMBINATIONS:
        view = dice.choice(VIEWS)
        drawn[view, combination(dice, view)] = None
    return list(drawn)


# In parts, so that the processors share the work.
@pytest.mark.parametrize("part", range(PARTS))
def test_formats_agree_under_random_filters(client, part):
    populate(6)
    reindex()
    drawn = combinations()[part::PARTS]
    found = {agreed(client, view.model._meta.model_name, query) for view, query in drawn}
    assert len(drawn) == COMBINATIONS / PARTS
    # Filters that all find everything, or nothing, would agree too.
    assert {0, 6} < found


def agreed(client, noun, query):
    """How many records a view has, once every format told the same ones."""
    listed = [row["slug"] for row in read_json(client, noun, f"{query}&page_size=1000")["records"]]
    assert [row[0] for row in read_csv(client, noun, query)[1:]] == listed, query
    assert on_pages(client, noun, query) == listed, query
    assert sorted(in_feed(client, noun, query)) == sorted(listed), query
    return len(listed)


def on_pages(client, noun, query):
    """Slugs of the cards of every page of the view, four a page."""
    found, path = [], address(noun, None, f"{query}&page_size=4")
    while path:
        # Two hundred pages by expression: a strict parse of each would take minutes, and others do it.
        page = client.get(path, follow=True).content.decode()
        found += re.findall(r'<h3><a href="/[a-z]+/([^/"]+)/"', page)
        following = re.search(r'<a rel="next" href="([^"]+)"', page)
        path = following and unescape(following[1])
    return found


def in_feed(client, noun, query):
    links = read_atom(client, noun, query).findall("atom:entry/atom:link", NS)
    return [link.get("href").strip("/").split("/")[-1] for link in links]


def test_statements_are_those_of_the_records_of_the_view(client):
    populate(3)
    whole = read_json(client, "company", "evidence=disputed")["records"]
    rows = (
        client.get("/companies.statements.csv?evidence=disputed").getvalue().decode("utf-8-sig").splitlines()
    )
    count = sum(row[name] for row in whole for name in row if name.startswith("statements_"))
    assert count == len(rows) - 1 > 0


@pytest.mark.parametrize("view", VIEWS, ids=lambda view: view.model.__name__)
def test_atom_has_the_structure_of_rfc_4287(client, view):
    populate(3)
    feed = read_atom(client, view.model._meta.model_name)
    assert feed.tag == f"{ATOM}feed"
    check_structure(feed, NS)
    entries = feed.findall("atom:entry", NS)
    assert len(entries) == 3
    ids = [entry.find("atom:id", NS).text for entry in entries]
    assert len({*ids, feed.find("atom:id", NS).text}) == 4
    for entry in entries:
        check_structure(entry, NS)
    published = [entry.find("atom:published", NS).text for entry in entries]
    assert published == sorted(published, reverse=True)


def check_structure(element, names):
    """What RFC 4287 asks of a feed and of an entry alike: sections 4.1.1 and 4.1.2, 3.3, 4.2.6, 4.2.7."""
    for name in ("id", "title", "updated"):
        assert len(element.findall(f"atom:{name}", names)) == 1, name
    assert re.match(r"tag:testserver,\d{4}:\S+$", element.find("atom:id", names).text)
    for date in [*element.findall("atom:updated", names), *element.findall("atom:published", names)]:
        assert re.match(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$", date.text)
    links = element.findall("atom:link", names)
    assert {link.get("rel", "alternate") for link in links} >= {"alternate"}
    assert all(link.get("href").startswith("http://testserver/") for link in links)
    allowed = {
        "author",
        "category",
        "contributor",
        "generator",
        "icon",
        "id",
        "link",
        "logo",
        "rights",
        "subtitle",
    }
    allowed |= {"title", "updated", "entry", "content", "published", "source", "summary"}
    assert {child.tag.removeprefix(ATOM) for child in element} <= allowed


def test_atom_names_its_author_licence_and_own_address(client):
    populate(1)
    feed = read_atom(client, "company", "ownership=private")
    assert feed.find("atom:author/atom:name", NS).text
    assert "creativecommons.org" in feed.find("atom:rights", NS).text
    own = [link.get("href") for link in feed.findall("atom:link", NS) if link.get("rel") == "self"]
    assert own == ["http://testserver/companies.atom?ownership=private"]


def test_atom_titles_name_the_filters_in_words(client):
    populate(2)
    title = read_atom(client, "company", "sector=sector-0").find("atom:title", NS).text
    assert title.endswith("companies: Sector 0")


def test_atom_without_entries_stays_the_same(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        populate(1)
    first, second = (client.get("/companies.atom?founded_from=2900") for _ in range(2))
    assert ElementTree.fromstring(first.content).find("atom:entry", NS) is None  # noqa: S314 -- our own
    assert first["ETag"] == second["ETag"]
