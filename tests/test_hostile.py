"""Query strings that nobody types: none of them may break a page, a file or a feed."""

from urllib.parse import quote_plus
from xml.etree import ElementTree

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecosystem.search import reindex
from tests.builders import populate
from tests.pages import EMBEDDED, LISTED, PLAIN, address, parse, suffixes


def each(text):
    return text.split()


NUMBERS = each(
    "0 -1 1 2e3 1e999999 1E-9 NaN Infinity -inf 1_000 0x10 1,5 2016.0 2016-07 --1 +1 9223372036854775808"
)
NUMBERS += ["٢٠١٦", "２０１６", "²", " 7 ", "9" * 400]
# Signs that mean something to SQL, full-text search, templates, HTML and XML.
TEXTS = each("""' " \\ % %s %00 * ^a ( - _ . a* title:a NEAR(a <-> a&!b ../.. {{7*7}} =1+1 <b> ]]> &amp;""")
TEXTS += ["' OR 1=1 --", '" OR "', "a AND", "<script>alert(1)</script>", "](javascript:alert(1))"]
TEXTS += ["a b " * 60, "a," * 100, "a" * 5000, "杭" * 5000]
TEXTS += [" ", "\t", "\x00", "a\x00b", "\x1f", "\ufffe", "\u202e"]
# Words that grow, or vanish, when they are folded.
TEXTS += [*"﷼ßｱ🐉・\U0003ffff", "e\u0301", "\u0600" * 50, *(sign * 200 for sign in "﷼ﷺİ㎯я杭")]
# What percent-decoding makes of these is no text: lone surrogates, cut and overlong sequences.
RAW = each("% %zz %ff%fe %ed%a0%80 %c0%80 %e6%9d %f4%90%80%80 %u0041 &&& = == ; #")
NAMES = each(
    "q sort page page_size sector place hub_link evidence company kind founded_from founded_to year_from"
    " year_to severity has_response open_source collection affected_by institution since record"
)
ODD_NAMES = ["", "q[]", "q.a", "__proto__", "sector__slug", "name\x00", "杭州", "a" * 5000]
VALUES = each("sector-0 place-0 headquarters linked yes no name -founded high company-0 3")

values = st.one_of(st.sampled_from(VALUES + NUMBERS + TEXTS), st.text(min_size=1), st.integers().map(str))
names = st.one_of(st.sampled_from(NAMES), st.sampled_from(NAMES + ODD_NAMES), st.text(max_size=10))
encoded = st.builds(lambda *pair: "=".join(map(quote_plus, pair)), names, values)
raw = st.builds("{}{}".format, st.sampled_from(["q=", "sort=", ""]), st.sampled_from(RAW))
queries = st.lists(st.one_of(encoded, encoded, encoded, raw), max_size=6).map("&".join)
EXAMPLES = 2000


@pytest.fixture
def site(db, client):
    """A small site with its index, and a client that reports errors as a reader would see them."""
    populate(3)
    reindex()
    client.raise_request_exception = False
    return client


def answer(client, path, query, check=True):
    """Read all of it, files to their end, and unless told otherwise parse it. Redirects are followed."""
    response = client.get(f"{path}?{query}" if query else path, follow=True)
    assert response.status_code < 500, (path, query)
    content = response.getvalue()
    if response["Content-Type"].startswith("text/html"):
        if check:
            parse(response)
    elif response["Content-Type"].startswith("application/atom"):
        ElementTree.fromstring(content)  # noqa: S314 -- our own output
    elif "json" in response["Content-Type"]:
        response.json()
    return response


@pytest.mark.parametrize("noun", LISTED)
def test_hostile_queries_break_no_list(site, noun):
    """The page and the files of one list in turn, so that all lists together see each example's share."""
    paths = [address(noun, suffix) for suffix in (None, *suffixes(noun))]

    @settings(
        max_examples=EXAMPLES // len(LISTED),
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.sampled_from(paths), queries)
    def ask(path, query):
        answer(site, path, query, check=False)

    ask()


@pytest.mark.parametrize("noun", ["company", "source"])
@pytest.mark.parametrize("suffix", [None, "json", "csv"])
def test_hostile_search_breaks_no_format(site, noun, suffix):
    for text in TEXTS + NUMBERS:
        answer(site, address(noun, suffix), f"q={quote_plus(text)}")


@pytest.mark.parametrize("path", each("/companies/ /companies.json / /checked/ /sources.csv /no/such/"))
def test_broken_encoding_breaks_nothing(site, path):
    for part in RAW:
        answer(site, path, f"q={part}&{part}={part}&{part}")


@pytest.mark.parametrize("name", ["founded_from", "page", "page_size"])
def test_hostile_number_breaks_nothing(site, name):
    for number in NUMBERS:
        answer(site, "/companies/", f"{name}={quote_plus(number)}")
        answer(site, "/companies.json", f"{name}={quote_plus(number)}")


@pytest.mark.parametrize("suffix", [None, "json", "csv"])
def test_very_many_parameters_break_nothing(site, suffix):
    many = ["&".join(f"a{n}=1" for n in range(1100)), "&".join(["q=a"] * 900), "sector=x&" * 900]
    for query in many:
        for noun in LISTED:
            assert answer(site, address(noun, suffix), query).status_code in (200, 400)


def test_hostile_queries_break_no_plain_page(site):
    for name in (*PLAIN, *EMBEDDED):
        for query in ("q=%00&page=-1", "sort=%ff&x=%ed%a0%80", "page_size=NaN&q=" + "a" * 5000, "=&&=%"):
            answer(site, reverse(name), query)


def test_hostile_path_is_not_found(site):
    paths = each("%00/ %ff/ ..%2f..%2fetc/ %E6%9D%AD/ %22%3E%3Cb%3E/ none.json%00 .json ../none/ -/")
    for path in [*(f"/companies/{path}" for path in paths), f"/companies/{'a' * 3000}/", "/companies.JSON"]:
        assert answer(site, path, "").status_code == 404, path
