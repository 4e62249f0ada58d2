"""What the layer around Django keeps, for how long, and what it never keeps."""

import gzip
import time
from datetime import timedelta
from itertools import permutations

import brotli
import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from ecosystem import previews
from ecosystem.models import Company
from hubportal import pagecache
from hubportal.pagecache import PageCache
from tests.builders import build, populate
from tests.pages import EMBEDDED, LISTS, MACHINES, PLAIN, address
from tests.wsgi import ask

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("one_connection")]
ROOM = 2**24


class Counting:
    """An application that counts what it is asked."""

    def __init__(self, app):
        self.app, self.asked = app, []

    def __call__(self, environ, start_response):
        self.asked.append(environ["PATH_INFO"])
        return self.app(environ, start_response)


@pytest.fixture(scope="module")
def django():
    return WSGIHandler()


@pytest.fixture
def site(django):
    """The whole site behind the layer."""
    return PageCache(Counting(django), ROOM, stale=60)


def answering(response, **options):
    """The layer around an application that always gives the response that the function makes."""

    def app(environ, start_response):
        made = response()
        headers = [
            *made.items(),
            *(("Set-Cookie", cookie.OutputString()) for cookie in made.cookies.values()),
        ]
        start_response(f"{made.status_code} {made.reason_phrase}", headers)
        return made

    return PageCache(Counting(app), **{"room": ROOM, "stale": 60} | options)


def is_kept(cache, path, **headers):
    """Whether the second of two requests is not passed on."""
    ask(cache, path, **headers)
    before = len(cache.app.asked)
    ask(cache, path, **headers)
    return len(cache.app.asked) == before


def public_addresses():
    lists = [address(*view) for view in LISTS if view[1] != "statements.csv"]
    return lists + [reverse(name) for name in (*PLAIN, *MACHINES, *EMBEDDED)]


def test_every_public_page_is_kept(site, monkeypatch):
    # Without a contact there is no security.txt.
    monkeypatch.setattr(settings, "SITE_CONTACT", "hub@example.org")
    rows = populate(2)
    details = [rows[noun][0].get_absolute_url() for noun in rows]
    history = reverse("company-history", args=["company-0"])
    paths = [
        *public_addresses(),
        *details,
        history,
        "/companies/company-0.json",
        "/companies/company-0/?version=1",
    ]
    passed_on = [path for path in paths if not is_kept(site, path)]
    # Nothing was committed here, so there is no such version.
    assert passed_on == ["/companies/company-0/?version=1"]


def test_a_hit_is_the_answer_that_the_site_gave(site):
    build(Company, "unitree")
    first, again = ask(site, "/companies/"), ask(site, "/companies/")
    assert (first.status, first.body, first.headers.items()) == (
        again.status,
        again.body,
        again.headers.items(),
    )
    assert b"Unitree" in again.body
    assert int(again["Content-Length"]) == len(again.body)
    assert len(site.app.asked) == 1


@pytest.mark.parametrize(
    ("accept", "encoding", "decode"),
    [
        ("gzip, deflate, br", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip;q=0.5", "gzip", gzip.decompress),
        ("*", "br", brotli.decompress),
        ("identity", None, bytes),
        ("", None, bytes),
    ],
)
def test_each_form_is_made_once_and_has_a_strong_tag_of_its_own(site, accept, encoding, decode):
    plain = ask(site, "/about/")
    reply = ask(site, "/about/", accept_encoding=accept)
    assert decode(reply.body) == plain.body
    assert (reply["Content-Encoding"], reply["Vary"]) == (encoding, "Accept-Encoding")
    assert reply["ETag"].startswith('"')
    assert (reply["ETag"] == plain["ETag"]) == (encoding is None)
    again = ask(site, "/about/", accept_encoding=accept)
    assert (again.body, len(site.app.asked)) == (reply.body, 1)
    known = ask(site, "/about/", accept_encoding=accept, if_none_match=reply["ETag"])
    assert (known.status, known.body, known["ETag"]) == (304, b"", reply["ETag"])


@pytest.mark.parametrize("order", list(permutations(["br", "gzip", ""])))
def test_forms_are_the_same_whichever_was_asked_for_first(order):
    text = b"long " * 1000
    cache = answering(lambda: HttpResponse(text))
    replies = {accept: ask(cache, "/", accept_encoding=accept) for accept in order}
    assert brotli.decompress(replies["br"].body) == gzip.decompress(replies["gzip"].body) == text
    assert replies["gzip"].body == gzip.compress(text, 6, mtime=0)
    assert (replies[""].body, len(cache.app.asked)) == (text, 1)


def test_text_is_not_held_beside_the_form_that_was_asked_for():
    cache = answering(lambda: HttpResponse(b"long " * 10_000))
    ask(cache, "/", accept_encoding="br")
    [page] = cache.pages.values()
    assert list(page.answer.forms) == ["br"]
    assert page.answer.held == (page.answer.forms["br"][2], "br")


def test_validators_are_answered_with_304_also_at_the_first_request(site, django):
    build(Company, "unitree")
    for path in ("/companies/", "/companies.csv", "/companies.json"):
        tag = ask(PageCache(django, ROOM, 60), path)["ETag"]
        assert ask(site, path, if_none_match=f'"other", {tag}').status == 304
        assert ask(site, path, if_none_match='"other"').status == 200


def test_head_is_get_without_its_body(site):
    head, get = ask(site, "/about/", "HEAD"), ask(site, "/about/")
    assert (head.status, head.body, head.headers.items()) == (200, b"", get.headers.items())
    assert len(site.app.asked) == 1
    assert ask(site, "/companies.csv", "HEAD").body == b""


def test_order_of_names_makes_no_second_page_but_order_of_values_does(site):
    ask(site, "/companies/?sort=name&page_size=5")
    ask(site, "/companies/?page_size=5&sort=name")
    assert len(site.app.asked) == 1
    for query in ("c=a&c=b", "c=b&c=a"):
        ask(site, f"/companies/compare/?{query}")
    assert len(site.app.asked) == 3


def test_parameter_that_the_page_does_not_know_keeps_the_request_out(site):
    assert is_kept(site, "/companies/?sort=name")
    assert not is_kept(site, "/companies/?utm_source=mail")
    assert not is_kept(site, "/about/?utm_source=mail")
    assert b"utm_source" not in ask(site, "/companies/").body


def test_saved_change_is_seen_by_the_next_request_of_every_process(
    django, django_capture_on_commit_callbacks
):
    company = build(Company, "unitree")
    processes = [PageCache(Counting(django), ROOM, 60) for _ in range(2)]
    for process in processes:
        ask(process, "/companies/unitree/")
    with django_capture_on_commit_callbacks(execute=True):
        company.name = "Renamed"
        company.save()
    for process in processes:
        assert b"Renamed" in ask(process, "/companies/unitree/").body
    assert is_kept(processes[0], "/companies/unitree/")


def test_answer_made_while_content_changed_is_not_kept(django_capture_on_commit_callbacks):
    def response():
        with django_capture_on_commit_callbacks(execute=True):
            build(Company)
        return HttpResponse("old")

    assert not is_kept(answering(response), "/")


def test_page_lasts_until_a_schedule_falls_due(site):
    build(Company, "late", published_at=timezone.now() + timedelta(seconds=0.4))
    assert b"Late" not in ask(site, "/companies/").body
    time.sleep(0.5)
    assert b"Late" in ask(site, "/companies/").body


def test_page_lasts_for_a_minute_at_most(site, monkeypatch):
    monkeypatch.setattr(pagecache, "KEPT", -1)
    assert not is_kept(site, "/about/")


def test_session_is_never_answered_from_what_others_see_nor_kept(site):
    editor = get_user_model().objects.create_superuser("editor", password="x" * 12)
    client = Client()
    client.force_login(editor)
    name = settings.SESSION_COOKIE_NAME
    cookie = f"a=b; {name}={client.cookies[name].value}"
    assert not is_kept(site, "/about/", cookie=cookie)
    assert site.pages == {}
    assert not is_kept(site, "/admin/", cookie=cookie)
    assert not is_kept(site, "/about/", authorization="Basic x")
    assert site.pages == {}
    assert is_kept(site, "/about/", cookie="theme=dark")


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/login/", "/healthz", "/nowhere/", "/companies", "/companies/?page=9"]
)
def test_admin_refusals_and_redirects_are_not_kept(site, path):
    assert not is_kept(site, path)
    assert not site.pages


def test_preview_by_its_link_is_not_kept(site):
    draft = build(Company, "secret", state="draft")
    path = reverse("preview-shared", args=[previews.token(draft, timezone.now() + previews.LASTS)])
    assert b"Secret" in ask(site, path).body
    assert not is_kept(site, path)
    assert site.pages == {}


def test_writing_is_passed_on(site):
    ask(site, "/about/")
    assert ask(site, "/about/", "POST").status in (403, 405)


def cookie_setting():
    response = HttpResponse("secret")
    response.set_cookie("a", "b")
    return response


FOR_ONE = {
    "sets a cookie": cookie_setting,
    "is private": lambda: HttpResponse("secret", headers={"Cache-Control": "private"}),
    "is not to be stored": lambda: HttpResponse("secret", headers={"Cache-Control": "no-cache, no-store"}),
    "varies by cookie": lambda: HttpResponse("secret", headers={"Vary": "Accept-Encoding, Cookie"}),
    "varies by language": lambda: HttpResponse("secret", headers={"Vary": "Accept-Language"}),
    "is not found": lambda: HttpResponse("secret", status=404),
    "failed": lambda: HttpResponse("secret", status=500),
    "is a part": lambda: HttpResponse("secret", status=206),
    "leads elsewhere": lambda: HttpResponse(status=302, headers={"Location": "/"}),
    "is long": lambda: HttpResponse(b"x" * (pagecache.LONGEST + 1)),
    "is a long stream": lambda: StreamingHttpResponse([b"x" * pagecache.LONGEST, b"x"]),
}


@pytest.mark.parametrize("response", FOR_ONE.values(), ids=FOR_ONE)
def test_answer_is_not_kept_that(response):
    cache = answering(response)
    assert not is_kept(cache, "/")
    assert (cache.pages, cache.size) == ({}, 0)


def test_short_stream_is_kept_once_it_was_read_to_its_end():
    cache = answering(lambda: StreamingHttpResponse([b"a" * 400, b"b" * 400], content_type="text/csv"))
    assert gzip.decompress(ask(cache, "/", accept_encoding="gzip").body) == b"a" * 400 + b"b" * 400
    assert ask(cache, "/").body == b"a" * 400 + b"b" * 400
    assert len(cache.app.asked) == 1


def test_stream_is_closed_when_the_reader_goes_early():
    closed = []
    response = StreamingHttpResponse([b"a", b"b"])
    response.close = lambda: closed.append(True)
    cache = answering(lambda: response)
    ask(cache, "/", "HEAD")
    assert closed == [True]


def test_pages_that_nobody_asks_for_make_room():
    cache = answering(lambda: HttpResponse(b"x" * 1000), room=3 * (2000 + 2048))
    for path in ("/1", "/2", "/3", "/1", "/4"):
        ask(cache, path)
    assert [path for _, _, path, _ in cache.pages] == ["/3", "/1", "/4"]
    assert cache.size == sum(page.answer.size for page in cache.pages.values()) <= cache.room


def test_without_room_nothing_is_kept_but_answers_are_compressed():
    cache = answering(lambda: HttpResponse("long " * 1000), room=0)
    assert not is_kept(cache, "/")
    assert brotli.decompress(ask(cache, "/", accept_encoding="br").body) == b"long " * 1000


def test_host_and_scheme_have_pages_of_their_own(site):
    ask(site, "/about/")
    ask(site, "/about/", host="localhost")
    assert len(site.app.asked) == 2


def test_answer_for_one_reader_has_a_length_that_tells_nothing(site):
    cookie = f"{settings.SESSION_COOKIE_NAME}=unknown"
    replies = [ask(site, "/about/", cookie=cookie, accept_encoding="br, gzip") for _ in range(8)]
    assert {reply["Content-Encoding"] for reply in replies} == {"gzip"}
    assert len({gzip.decompress(reply.body) for reply in replies}) == 1
    assert len({len(reply.body) for reply in replies}) > 1
    assert all(reply["ETag"].startswith("W/") for reply in replies)


def failing(good, *faults):
    """An application that answers well once, and then as the faults say: a status, or an exception."""
    answers = iter([good, *faults])

    def response():
        answer = next(answers)
        if isinstance(answer, Exception):
            raise answer
        return answer if isinstance(answer, HttpResponse) else HttpResponse("down", status=answer)

    return response


@pytest.mark.parametrize("fault", [503, OperationalError("no such host")])
def test_page_stands_in_for_a_database_that_does_not_answer_and_says_so(monkeypatch, fault):
    monkeypatch.setattr(pagecache, "KEPT", -1)
    cache = answering(failing(HttpResponse("good"), fault, HttpResponse("better")))
    ask(cache, "/")
    # The second is not asked again at once: a database that is down takes long to say so.
    for _ in range(2):
        reply = ask(cache, "/")
        assert (reply.status, reply.body) == (200, b"good")
        assert reply["Warning"] == '110 - "Response is Stale"'
        assert reply["Age"] == "0"
    assert len(cache.app.asked) == 2
    cache.pages[next(iter(cache.pages))].until = 0
    reply = ask(cache, "/")
    assert (reply.body, reply["Warning"]) == (b"better", None)


def test_page_does_not_stand_in_for_longer_than_allowed_nor_for_another_fault(monkeypatch):
    monkeypatch.setattr(pagecache, "KEPT", -1)
    too_old = answering(failing(HttpResponse("good"), 503), stale=-1)
    assert [ask(too_old, "/").status for _ in range(2)] == [200, 503]
    broken = answering(failing(HttpResponse("good"), 500))
    assert [ask(broken, "/").status for _ in range(2)] == [200, 500]
    never_kept = answering(failing(OperationalError("no such host")))
    with pytest.raises(OperationalError):
        ask(never_kept, "/")


def test_nothing_is_kept_while_the_version_is_not_known(site, monkeypatch):
    ask(site, "/about/")
    monkeypatch.setattr(pagecache.content_log, "version", lambda: None)
    assert not is_kept(site, "/about/")
    assert site.pages == {}
