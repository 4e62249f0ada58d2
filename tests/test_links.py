"""What a look at a link comes to, when a page counts as gone, and what the command does with many of them."""

import socket
import threading
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from ecosystem import fetching, links
from ecosystem.fetching import Answer, RefusalError
from ecosystem.links import Finding, Turns, due, examine, judge, note, outcome
from ecosystem.models import Change, Company, Source
from tests.builders import build, build_source, build_statement

State = Source.LinkState
MISSING = Finding(None, "status 404")
FOUND = Finding(State.OK, "status 200")
SILENT = Finding(State.TIMEOUT, "TimeoutError", is_answer=False)
NOW = timezone.now()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (Answer(200), State.OK),
        (Answer(206), State.OK),
        (Answer(200, moved_to="https://example.org/new"), State.MOVED),
        *((Answer(status), State.BLOCKED) for status in (400, 401, 403, 405, 412, 429, 451, 499)),
        (Answer(404, is_wall=True), State.BLOCKED),
        (Answer(503, is_wall=True), State.BLOCKED),
        *((Answer(status), State.TIMEOUT) for status in (500, 502, 503, 504, 520)),
        (Answer(404), None),
        (Answer(410), None),
        (Answer(404, moved_to="https://example.org/new"), None),
    ],
)
def test_answer_judged(answer, state):
    assert judge(answer).state == state


def test_move_says_where_to():
    assert "https://example.org/new" in judge(Answer(200, moved_to="https://example.org/new")).detail


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (socket.gaierror(socket.EAI_NONAME, "unknown"), None),
        (socket.gaierror(socket.EAI_AGAIN, "try again"), State.TIMEOUT),
        (TimeoutError("timed out"), State.TIMEOUT),
        (ConnectionRefusedError("refused"), State.TIMEOUT),
        (ValueError("no port"), State.TIMEOUT),
        (RefusalError("leads into a private network"), State.BLOCKED),
    ],
)
def test_fault_is_a_finding_and_no_answer(monkeypatch, fault, state):
    def look(*args):
        raise fault

    monkeypatch.setattr(links, "look", look)
    found = examine("https://example.org/", 1, None)
    assert (found.state, found.is_answer) == (state, False)
    assert str(fault.args[-1]) in found.detail


def looks(*findings):
    """The link state after each of these looks: (day, finding)."""
    source, states = Source(url="https://example.org/", link_state=State.OK), []
    for day, finding in findings:
        fields = outcome(source, finding, NOW + timedelta(days=day))
        assert all(name.startswith("link_") for name in fields)
        for name, value in fields.items():
            setattr(source, name, value)
        states.append(source.link_state)
    return states


def test_missing_page_is_gone_after_three_failures_over_seven_days():
    assert looks((0, MISSING), (3, MISSING), (7, MISSING)) == ["ok", "ok", "gone"]


def test_missing_page_is_not_gone_before_seven_days():
    assert looks((0, MISSING), (1, MISSING), (2, MISSING), (6.99, MISSING)) == ["ok"] * 4


def test_missing_page_is_not_gone_after_two_failures():
    assert looks((0, MISSING), (30, MISSING), (31, MISSING)) == ["ok", "ok", "gone"]


def test_answer_between_failures_starts_the_count_anew():
    states = looks((0, MISSING), (4, MISSING), (5, FOUND), (8, MISSING), (9, MISSING), (15, MISSING))
    assert states == ["ok", "ok", "ok", "ok", "ok", "gone"]


def test_silence_between_failures_keeps_the_count():
    assert looks((0, MISSING), (3, SILENT), (4, MISSING), (8, MISSING))[-1] == "gone"


def test_page_that_comes_back_is_not_gone():
    assert looks((0, MISSING), (4, MISSING), (8, MISSING), (9, FOUND))[-1] == "ok"


@pytest.mark.django_db
def test_note_keeps_what_was_found():
    source = build_source()
    assert note(source, Finding(State.MOVED, "moved\0 to " + "x" * 900)) == "moved"
    source.refresh_from_db()
    assert source.link_state == "moved"
    assert len(source.link_detail) == 600
    assert "\0" not in source.link_detail
    assert timezone.now() - source.link_tried_at < timedelta(minutes=1)


@pytest.mark.django_db
def test_note_about_an_address_that_was_changed_meanwhile_is_dropped():
    source = build_source()
    Source.objects.filter(pk=source.pk).update(url="https://example.org/other")
    note(source, FOUND)
    source.refresh_from_db()
    assert (source.link_state, source.link_tried_at) == ("untried", None)


@pytest.mark.django_db
def test_note_is_no_change_of_content_and_no_reading(django_capture_on_commit_callbacks):
    day = date(2026, 1, 1)
    with django_capture_on_commit_callbacks(execute=True):
        source = build_source()
        company = build(Company, checked_on=day, many={"sources": [source]})
        statement = build_statement(company, [source], checked_on=day)
    before = list(Change.objects.values())
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        note(source, FOUND)
    # A later save of the same source must not bring the note into the log either.
    with django_capture_on_commit_callbacks(execute=True):
        Source.objects.get(pk=source.pk).save()
    assert callbacks == []
    assert list(Change.objects.values()) == before
    for row in (company, statement):
        row.refresh_from_db()
        assert row.checked_on == day


@pytest.mark.django_db
def test_due_are_those_never_tried_and_then_the_oldest():
    for name, days in [("new", None), ("old", 9), ("older", 10), ("fresh", 1)]:
        build_source(name, link_tried_at=days and NOW - timedelta(days=days))
    assert [source.key for source in due(timedelta(days=3))] == ["new", "older", "old"]


def test_turns_of_one_host_come_a_pause_after_each_other(monkeypatch):
    waits = []
    monkeypatch.setattr(links.time, "monotonic", lambda: 100.0)
    monkeypatch.setattr(links.time, "sleep", waits.append)
    turns = Turns(2)
    for host in "aabab":
        turns(host)
    assert waits == [0, 2, 0, 4, 2]
    monkeypatch.setattr(links.time, "monotonic", lambda: 107.0)
    turns("a")
    assert waits[-1] == 0


class Handler(BaseHTTPRequestHandler):
    timeout = 5

    def do_HEAD(self):
        with self.server.counting:
            self.server.asked.append((self.headers["Host"].partition(":")[0], self.path))
        if self.path == "/meet":
            # Answers once three stand here at the same time.
            self.server.meeting.wait(5)
        status, headers = {
            "/moved": (301, {"Location": "/there"}),
            "/walled": (403, {}),
            "/missing": (404, {}),
        }.get(self.path, (200, {}))
        self.send_response_only(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()

    do_GET = do_HEAD  # noqa: N815 -- the names that http.server asks for

    def log_message(self, *args):
        pass


@pytest.fixture
def web(monkeypatch):
    """A server of this machine under many names; the check for private numbers lets it through."""
    monkeypatch.setattr(fetching, "is_public", lambda number: number.startswith("127."))
    # All of 127.0.0.0/8 is this machine.
    server = ThreadingHTTPServer(("0.0.0.0", 0), Handler)  # noqa: S104
    server.asked, server.counting, server.meeting = [], threading.Lock(), threading.Barrier(3)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def cite(web, host, path):
    return build_source(url=f"http://{host}:{web.server_port}{path}")


def check(**options):
    out = StringIO()
    call_command("check_links", **{"pause": 0, "timeout": 5, "stdout": out} | options)
    return out.getvalue()


def states():
    return list(Source.objects.order_by("pk").values_list("link_state", flat=True))


@pytest.mark.django_db
def test_command_notes_each_state_and_sums_up(web):
    for path in ("/there", "/moved", "/walled"):
        cite(web, "127.0.0.1", path)
    long_missing = cite(web, "127.0.0.2", "/missing")
    Source.objects.filter(pk=long_missing.pk).update(
        link_failures=2, link_failing_since=NOW - timedelta(days=8)
    )
    build_source(url="http://no-such-host.invalid/")
    out = check()
    assert "works)" not in out
    assert states() == ["ok", "moved", "blocked", "gone", "untried"]
    assert out.endswith("5 looked at: 1 not tried yet, 1 works, 1 moved, 1 blocks robots, 1 gone.\n")
    assert f"{long_missing.key}: status 404 (gone)" in out


@pytest.mark.django_db
def test_command_asks_each_host_in_a_row_and_hosts_side_by_side(web):
    for n in range(1, 4):
        for path in ("/meet", "/then", "/last"):
            cite(web, f"127.0.0.{n}", path)
    check(threads=3)
    assert states() == ["ok"] * 9
    for n in range(1, 4):
        assert [path for host, path in web.asked if host == f"127.0.0.{n}"] == ["/meet", "/then", "/last"]


@pytest.mark.django_db
def test_command_takes_so_many_as_it_is_told(web):
    for page in range(3):
        cite(web, "127.0.0.1", f"/{page}")
    assert check(limit=2).startswith("2 looked at")
    assert states() == ["ok", "ok", "untried"]
    assert check().startswith("1 looked at")
    assert check() == "0 looked at.\n"
    assert check(older_than=0).startswith("3 looked at")


@pytest.mark.django_db
def test_command_without_a_net_fails_and_notes_nothing():
    build_source(url="http://no-such-host.invalid/")
    with pytest.raises(CommandError, match="None of 1 addresses answered: is this machine online"):
        check()
    assert Source.objects.get().link_tried_at is None


@pytest.mark.django_db
@pytest.mark.parametrize(("option", "value"), [("--limit", "0"), ("--older-than", "-1"), ("--threads", "no")])
def test_command_refuses_numbers_that_make_no_sense(option, value):
    with pytest.raises(CommandError, match="whole number"):
        call_command("check_links", option, value)
