"""Every address of the public site, and how tests read what is behind it."""

import csv
import io
from xml.etree import ElementTree

import html5lib
from django.urls import resolve, reverse

from ecosystem.models import RECORDS
from ecosystem.urls import urlpatterns

NOUNS = [model._meta.model_name for model in RECORDS]
LISTED = [*NOUNS, "source"]
VOCABULARIES = ["sector", "place"]
DETAILED = [*LISTED, *VOCABULARIES]
EMBEDDED = [f"{noun}-embed" for noun in (*LISTED, "statement")]


def suffixes(noun):
    return resolve(reverse(f"{noun}-data", args=["json"])).func.view_class.suffixes


# Each list in each format, the page (None) first.
LISTS = [(noun, None) for noun in LISTED]
LISTS += [(noun, suffix) for noun in DETAILED for suffix in suffixes(noun)]
# The form that readers send: it wants a record to speak of, sets a cookie, and has tests of its own.
FORM = "correction-new"
# Names of the addresses that need no argument: pages, which end in a slash, and what is for machines.
FIXED = {
    pattern.name: str(pattern.pattern)
    for pattern in urlpatterns
    if not pattern.pattern.converters
    and pattern.name not in {FORM, *EMBEDDED, *(f"{noun}-list" for noun in LISTED)}
}
PLAIN = [name for name, route in FIXED.items() if not route or route.endswith("/")]
MACHINES = [name for name in FIXED if name not in PLAIN]
# Elements behind which a line or a cell ends.
APART = {"p", "li", "dt", "dd", "div", "td", "th", "tr", "h1", "h2", "h3", "option", "section"}
ATOM = "{http://www.w3.org/2005/Atom}"


def address(noun, suffix=None, query=""):
    path = reverse(f"{noun}-data", args=[suffix]) if suffix else reverse(f"{noun}-list")
    return f"{path}?{query}" if query else path


def parse(response):
    """The document of a response as a tree. Raises html5lib's ParseError on the first fault of its HTML."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    return parser.parse(response.content.decode())


def pieces(element):
    """The texts inside an element, with a space after each part that a browser sets apart."""
    yield element.text or ""
    for part in element:
        yield from pieces(part)
        yield " " if part.tag in APART else ""
        yield part.tail or ""


def words(element):
    """The text of an element, with single spaces."""
    return " ".join("".join(pieces(element)).split())


def by_class(tree, name):
    return [element for element in tree.iter() if name in element.get("class", "").split()]


def links(tree):
    """{address: words} of every link."""
    return {element.get("href"): words(element) for element in tree.iter("a")}


def read_json(client, noun, query=""):
    response = client.get(address(noun, "json", query))
    assert response.status_code == 200, response.content.decode()
    return response.json()


def read_csv(client, noun, query=""):
    """The rows of a list's CSV, header first."""
    response = client.get(address(noun, "csv", query))
    assert response.status_code == 200
    return list(csv.reader(io.StringIO(response.getvalue().decode("utf-8-sig"))))


def read_atom(client, noun, query=""):
    response = client.get(address(noun, "atom", query))
    assert response.status_code == 200
    return ElementTree.fromstring(response.content)  # noqa: S314 -- our own output


def slugs(client, noun, query=""):
    """What a list holds under a query, in its order: the whole of it, from the first column of its CSV."""
    return [row[0] for row in read_csv(client, noun, query)[1:]]
