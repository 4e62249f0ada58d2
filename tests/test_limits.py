"""Every bound on what one request may ask, reached; the server's own by a real server."""

import json
import socket
import time

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError

from ecosystem import listing
from ecosystem.highlight import prose
from ecosystem.models import Company
from ecosystem.templatetags.portal import markdown
from hubportal.limits import LARGEST_BODY, LONGEST_ADDRESS
from tests.builders import build, populate
from tests.pages import parse, words
from tests.servers import serving


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "media"), [("/companies/", "text/html"), ("/companies.csv", "application/problem")]
)
def test_address_has_a_longest_length(client, path, media):
    room = LONGEST_ADDRESS - len(path) - len("q=")
    allowed = client.get(f"{path}?q={'a' * room}").content.decode()
    assert "An address has" not in allowed
    response = client.get(f"{path}?q={'a' * (room + 1)}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith(media)
    assert "An address has at most 4,000 characters here." in response.content.decode()


def test_body_has_a_largest_size(client):
    response = client.post("/accounts/login/", b"a" * (LARGEST_BODY + 1), content_type="text/plain")
    assert response.status_code == 413
    assert "at most 5 megabytes" in words(parse(response))


@pytest.mark.django_db
def test_form_has_a_largest_size_below_that(client, settings):
    """Files may be larger: they go to the disk."""
    body = b"login=" + b"a" * settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/accounts/login/", body, **form).status_code == 400


@pytest.mark.django_db
def test_form_has_a_largest_number_of_fields(client, settings):
    body = "&".join(["a=1"] * (settings.DATA_UPLOAD_MAX_NUMBER_FIELDS + 1))
    form = {"content_type": "application/x-www-form-urlencoded"}
    assert client.post("/accounts/login/", body, **form).status_code == 400


@pytest.mark.django_db
def test_login_form_is_taken_so_many_times_a_minute(client, settings):
    """Whatever is in it: what guesses at random fills the lock of no account."""
    cache.clear()
    settings.ACCOUNT_RATE_LIMITS = {"login": "1/m/ip"}
    for status in (200, 429):
        response = client.post("/accounts/login/", {})
        assert response.status_code == status
    assert response["Retry-After"] == "60"
    assert "Too many attempts came from your network" in words(parse(response))


@pytest.mark.django_db
def test_login_form_is_not_taken_while_it_cannot_be_counted(client, monkeypatch):
    """The cache in the database takes an entry that could not be written for one that is there."""
    cache.clear()
    monkeypatch.setattr("allauth.core.internal.ratelimit.CACHE_LOCK_WAIT_TIMEOUT", 0)
    monkeypatch.setattr(type(cache._connections[cache._alias]), "add", lambda *args, **options: False)
    assert client.post("/accounts/login/", {}).status_code == 429


@pytest.mark.django_db
def test_search_has_a_longest_text(client):
    for path in ("/companies/", "/companies.json", "/search/", "/search.json"):
        assert client.get(path, {"q": "a" * 200}).status_code == 200
        assert client.get(path, {"q": "a" * 201}).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/companies/", "/companies.json", "/sources/", "/timeline/", "/changes/"])
def test_page_far_behind_the_last_reads_no_rows(client, path, django_assert_max_num_queries):
    populate(2)
    with django_assert_max_num_queries(25):
        assert client.get(path, {"page": 999_999_999}).status_code in (400, 404)


@pytest.mark.django_db
def test_as_many_filter_values_as_an_address_holds_are_answered(client, django_assert_max_num_queries):
    populate(2)
    many = "&".join(f"sector={n}" for n in range(360))
    with django_assert_max_num_queries(25):
        assert client.get(f"/companies.json?{many}").status_code == 400
        assert client.get("/companies.json?" + "sector=sector-0&" * 200).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("suffix", ["csv", "statements.csv"])
def test_file_has_a_largest_number_of_records(client, monkeypatch, suffix):
    populate(2)
    monkeypatch.setattr(listing, "LONGEST_FILE", 2)
    assert client.get(f"/companies.{suffix}").status_code == 200
    build(Company, "third")
    response = client.get(f"/companies.{suffix}")
    assert response.status_code == 400
    assert response.json()["detail"].startswith("This view has 3 records, a file at most 2. Narrow it")


@pytest.mark.django_db
def test_text_has_a_longest_length():
    company = Company(slug="a", name="A", body="a" * 20_001)
    with pytest.raises(ValidationError, match="at most 20000 characters"):
        company._meta.get_field("body").formfield().clean(company.body)


BOMBS = [
    "[",
    "![",
    "> ",
    "*a_",
    "*a **a",
    "`",
    "](",
    "[a](<b",
    "\\[",
    "- ",
    "&",
    "<",
    "|a",
    "[a](",
    "a**b",
    "~~~\n",
]


@pytest.mark.parametrize("unit", BOMBS)
def test_nested_text_of_the_longest_length_is_soon_done(unit):
    """A bound against squares and powers of the length, ten times and more above what is measured."""
    text = unit * (20_000 // len(unit))
    began = time.process_time()
    markdown(text)
    prose(text)
    assert time.process_time() - began < 5


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    """The portal as it is shipped; what is asked here needs no database."""
    with serving(tmp_path_factory.mktemp("served"), WEB_CONCURRENCY="1", LOG_FORMAT="json") as server:
        yield server


def ask(server, *lines):
    """The status of an answer to these lines of a request's head."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(20)
        connection.connect(str(server.socket))
        connection.sendall("\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1"))
        return int(connection.makefile("rb").readline().split()[1])


HEAD = ("GET /healthz HTTP/1.1", "Host: testserver")


def test_server_bounds_the_line_of_a_request(served):
    assert ask(served, f"GET /healthz?{'a' * 3900} HTTP/1.1", HEAD[1]) == 200
    assert ask(served, f"GET /companies/?{'a' * 5000} HTTP/1.1", HEAD[1]) == 400
    assert ask(served, f"GET /healthz?{'a' * 9000} HTTP/1.1", HEAD[1]) in (400, 414)


def test_server_bounds_number_and_size_of_headers(served):
    assert ask(served, *HEAD, *(f"X-{n}: 1" for n in range(90))) == 200
    assert ask(served, *HEAD, *(f"X-{n}: 1" for n in range(110))) in (400, 431)
    assert ask(served, *HEAD, f"X-Long: {'a' * 9000}") in (400, 431)


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Content-Length: -1",),
        ("Content-Length: 5 5",),
        ("Transfer-Encoding: gzip, chunked, chunked",),
        ("Transfer-Encoding: xchunked",),
        ("Bad Header: 1",),
        (" Folded: 1",),
        ("X: a\0b",),
    ],
)
def test_server_refuses_a_body_of_uncertain_end(served, lines):
    status = ask(served, "POST /healthz HTTP/1.1", HEAD[1], *lines)
    assert 400 <= status <= 501
    assert status not in (404, 405, 500)


def test_refusal_of_the_server_is_a_line_of_the_log_like_others(served):
    assert ask(served, "GET / XTTP/1.1", HEAD[1]) == 400
    told = [line for line in served.log.read_text().splitlines() if "XTTP" in line]
    assert [json.loads(line)["logger"] for line in told] == ["gunicorn.error"]
