"""The outermost layer: what it says of each request, and what it leaves out."""

import logging
from wsgiref.util import FileWrapper

import pytest

from hubportal.access import AccessLog
from hubportal.logs import current

SECRET = "q=a+secret"  # noqa: S105


@pytest.fixture(autouse=True)
def no_request():
    """A stream that another test left open keeps its request current."""
    token = current.set(None)
    yield
    current.reset(token)


@pytest.fixture
def lines(caplog):
    caplog.set_level(logging.INFO, "hubportal.access")
    return lambda: [record.details for record in caplog.records if record.name == "hubportal.access"]


def ask(app, observe=None, **environ):
    """(status, headers, body) of a request that is read to its end."""
    started = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/companies/", "QUERY_STRING": SECRET, **environ}
    parts = AccessLog(app, observe)(environ, lambda *arguments: started.extend(arguments))
    body = b"".join(parts)
    if hasattr(parts, "close"):
        parts.close()
    return started[0], dict(started[1]), body


def plain(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"hello"]


def streamed(environ, start_response):
    start_response("200 OK", [])
    return (part for part in (b"a", b"b"))


def broken(environ, start_response):
    raise ValueError


def test_request_is_told_once_without_its_query(lines):
    ask(plain)
    [line] = lines()
    assert line.pop("milliseconds") >= 0
    assert line == {"method": "GET", "path": "/companies/", "status": 200}


def test_stream_is_told_at_its_end(lines):
    parts = AccessLog(streamed)({"REQUEST_METHOD": "GET", "PATH_INFO": "/x"}, lambda *arguments: None)
    assert list(parts) == [b"a", b"b"]
    assert lines() == []
    parts.close()
    assert len(lines()) == 1


def test_file_goes_to_the_server_as_one(tmp_path):
    (tmp_path / "file").write_bytes(b"x")
    with (tmp_path / "file").open("rb") as file:
        given = FileWrapper(file)
        environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/x", "wsgi.file_wrapper": FileWrapper}
        assert AccessLog(lambda environ, start: given)(environ, None) is given


def test_failure_is_told_and_goes_on(lines):
    with pytest.raises(ValueError, match=r"^$"):
        ask(broken)
    assert [line["status"] for line in lines()] == [500]
    assert current.get() is None


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_probes_are_not_told(lines, path):
    counted = []
    ask(plain, lambda *seen: counted.append(seen), PATH_INFO=path)
    assert lines() == counted == []


def test_every_answer_is_counted():
    counted = []
    ask(plain, lambda *seen: counted.append(seen))
    [(status, seconds)] = counted
    assert status == 200
    assert 0 < seconds < 10


def test_path_that_is_no_text_is_told_all_the_same(lines):
    ask(plain, PATH_INFO="/\xff\xfe" + "a" * 5000)
    [line] = lines()
    assert line["path"].startswith("/\ufffd\ufffdaaa")
    assert len(line["path"]) == 500


@pytest.mark.parametrize(
    ("behind_proxy", "given", "kept"),
    [
        (True, "3f2a-77.b_c1", True),
        (False, "3f2a-77.b_c1", False),
        (True, "short", False),
        (True, "a" * 65, False),
        (True, 'two words" x', False),
        (True, "", False),
    ],
)
def test_id_of_the_proxy_is_kept_if_it_is_one(settings, behind_proxy, given, kept):
    settings.BEHIND_PROXY = behind_proxy
    inside = []

    def app(environ, start_response):
        inside.append(current.get()["request_id"])
        return plain(environ, start_response)

    _, headers, _ = ask(app, HTTP_X_REQUEST_ID=given)
    assert headers["X-Request-ID"] == inside[0]
    assert (inside[0] == given) == kept
    assert kept or len(inside[0]) == 32
