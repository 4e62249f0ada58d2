"""Lines of the log: for people and for machines, and what a visitor may not do to them."""

import json
import logging
import sys

import pytest

from hubportal.logs import JsonFormatter, Request, TextFormatter, configuration, current


@pytest.fixture(autouse=True)
def no_request():
    """A stream that another test left open keeps its request current."""
    token = current.set(None)
    yield
    current.reset(token)


def record(message, *arguments, **more):
    made = logging.LogRecord("a.logger", logging.WARNING, "file.py", 1, message, arguments, None)
    vars(made).update(more)
    Request().filter(made)
    return made


def test_json_line_says_when_in_utc_what_and_how_bad():
    entry = json.loads(JsonFormatter().format(record("Hello %s", "杭州", created=0.5)))
    assert entry == {
        "time": "1970-01-01T00:00:00.500+00:00",
        "level": "WARNING",
        "logger": "a.logger",
        "message": "Hello 杭州",
    }


def test_json_line_names_the_request_and_the_details():
    token = current.set({"request_id": "abc", "user": 7})
    try:
        entry = json.loads(JsonFormatter().format(record("x", details={"event": "login"})))
    finally:
        current.reset(token)
    assert (entry["request_id"], entry["user"], entry["event"]) == ("abc", 7, "login")


@pytest.mark.parametrize("formatter", [JsonFormatter(), TextFormatter()])
def test_line_breaks_of_a_visitor_begin_no_line(formatter):
    line = formatter.format(record("Not Found: %s", "/a\nWARNING forged\r\nb"))
    assert len(line.splitlines()) == 1
    assert "forged" in line


def test_text_line_keeps_the_traceback_readable():
    try:
        raise ValueError("broken")
    except ValueError:
        line = TextFormatter().format(record("x", exc_info=sys.exc_info()))
    assert line.splitlines()[-1] == "ValueError: broken"


def test_json_line_holds_the_traceback():
    try:
        raise ValueError("broken")
    except ValueError:
        line = JsonFormatter().format(record("x", exc_info=sys.exc_info()))
    assert "ValueError: broken" in json.loads(line)["traceback"]
    assert len(line.splitlines()) == 1


def test_requests_are_told_one_by_one_for_machines_alone():
    levels = [
        configuration(form, "INFO")["loggers"]["hubportal.access"]["level"] for form in ("json", "text")
    ]
    assert levels == ["INFO", "ERROR"]


def test_another_host_name_is_no_fault_of_ours(client, caplog):
    assert client.get("/", headers={"host": "evil.example"}).status_code == 400
    assert "evil.example" not in caplog.text
