"""Query strings that nobody types: none of them may break a page, a file or a feed."""

import os
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
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "2000"))

# Requests that no browser sends. With HOSTILE_EXAMPLES=20000 the lists get 20,000 queries, and this 2,000.
METHODS = each("GET HEAD POST PUT DELETE PATCH OPTIONS TRACE CONNECT PROPFIND get X")
HOSTS = ["testserver", "testserver:99999", "testserver:x", "evil.example", "", " ", "[::1]", "..", "a" * 300]
HOSTS += [
    "testserver\x00",
    "testserver/../x",
    "test server",
    "testserver,evil.example",
    "杭州.example",
    "[::1",
]
PLACES = each(
    "/ /companies/ /companies.json /companies/company-0/ /companies/company-0.json /companies.atom /search/"
    " /changes/ /data/ /data/manifest.json /api/openapi.json /sitemap.xml /robots.txt /share.png /healthz"
    " /metrics /corrections/ /embed/companies/ /admin/ /admin/login/ /admin/jsi18n/ /accounts/login/"
    " /accounts/signup/ /accounts/2fa/webauthn/login/ /accounts/2fa/authenticate/ /accounts/reauthenticate/"
    " /static/ecosystem/site.css /static/../.env /static/%2e%2e/%2e%2e/etc/passwd //evil.example/"
    " /.git/config /companies/%00/ /companies/%ff/ /%u0041 /companies;x=1/ /companies/..%5c..%5c"
)
TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "",
    "x",
]
TYPES += [
    "application/json",
    "text/xml",
    "application/x-www-form-urlencoded; charset=utf-16",
    "a/b; charset=no",
]
BODIES = [b"", b"a=1", b"[" * 5000, b"%00=%ff&=&&a", b"\xff\xfe" * 100, b"--x\r\n\r\n--x--", b"a=1&" * 3000]
BODIES += [b'--x\r\nContent-Disposition: form-data; name="login"; filename="../../x"\r\n\r\na\r\n--x--\r\n']
BODIES += [
    b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    b"csrfmiddlewaretoken=\x00&login=a&password=b",
    b"--x",
]
HEADERS = {
    "accept": ["", "*/*", "application/json", "text/html;q=nan", "," * 500, "\xff"],
    "accept-encoding": ["br", "gzip;q=0", "identity;q=0, *;q=0", "gzip;q=abc", "br;q=1e400", "," * 500],
    "accept-language": ["zh", "*", "x" * 300, "en;q=2;q=3"],
    "authorization": ["Basic ====", "Bearer \xe9", "Digest", "Bearer " + "a" * 3000],
    "cookie": [
        "session=../../etc",
        "session=" + "a" * 2000,
        "csrf=\xff",
        ";;;=",
        'a="\\',
        "sessionid=1; session=2",
    ],
    "if-modified-since": [
        "yesterday",
        "Thu, 01 Jan 99999 00:00:00 GMT",
        "0",
        "Mon, 31 Feb 2026 00:00:00 GMT",
    ],
    "if-none-match": ["*", '"', 'W/"', "," * 300, '"a", "b', "\xff"],
    "range": ["bytes=0-", "bytes=-1", "bytes=9-1", "bytes=0-0,1-1,2-2", "x", "bytes=99999999999999999999-"],
    "referer": ["javascript:alert(1)", "http://", "\xff"],
    "x-csrftoken": ["a" * 64, "\xff", ""],
    "x-forwarded-for": ["127.0.0.1", "x, y", "," * 300, "::1%eth0"],
    "x-forwarded-host": ["evil.example"],
    "x-forwarded-proto": ["https", "x"],
    "x-request-id": ["a\tb", "a" * 500],
    "x-http-method-override": ["DELETE"],
}
fields = st.lists(
    st.sampled_from(sorted(HEADERS)).flatmap(lambda n: st.tuples(st.just(n), st.sampled_from(HEADERS[n]))),
    max_size=4,
).map(dict)


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


@settings(max_examples=EXAMPLES // 10, deadline=None, database=None, suppress_health_check=list(HealthCheck))
@given(
    method=st.sampled_from(METHODS),
    place=st.sampled_from(PLACES),
    query=st.one_of(st.just(""), queries),
    host=st.one_of(st.just("testserver"), st.sampled_from(HOSTS)),
    media_type=st.sampled_from(TYPES),
    body=st.sampled_from(BODIES),
    headers=fields,
    checks=st.booleans(),
)
def test_hostile_request_breaks_nothing(site, method, place, query, host, media_type, body, headers, checks):
    # With the check of the token as in life, and past it, where more is read.
    site.handler.enforce_csrf_checks = checks
    headers = {f"HTTP_{name.replace('-', '_').upper()}": value for name, value in headers.items()}
    path = f"{place}?{query}" if query else place
    response = site.generic(method, path, body, media_type, HTTP_HOST=host, **headers)
    content = response.getvalue()
    assert response.status_code < 500
    assert response["Content-Security-Policy"]
    assert "evil.example" not in response.get("Location", "")
    assert host == "testserver" or host.encode() not in content or not host.strip("[].: ")
