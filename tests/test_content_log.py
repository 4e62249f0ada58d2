"""Every process hears of every commit, in a file or from Redis."""

import subprocess
import sys
import time

import pytest

from ecosystem import journal
from ecosystem.models import Company, PreviousSlug, Source
from hubportal import content_log
from hubportal.content_log import FileLog, RedisLog
from tests.builders import build


@pytest.fixture(params=["file", "redis"])
def log(request, tmp_path, monkeypatch):
    """The log that the site uses in this test."""
    if request.param == "redis":
        _, address = request.getfixturevalue("redis_server")
        made = RedisLog(address)
        made.redis.delete(RedisLog.KEY)
    else:
        made = FileLog(tmp_path / "below" / "log")
    monkeypatch.setattr(content_log, "log", lambda: made)
    return made


def test_version_moves_with_every_line_and_says_what_was_touched(log):
    content_log.append({Company: {1: None}})
    first = content_log.version()
    assert content_log.version() == first
    content_log.append({Company: {3: None, 2: None}, Source: {7: None}})
    content_log.append({Company: {2: None}})
    assert content_log.version() != first
    assert content_log.since(first) == {"company": {2, 3}, "source": {7}}
    assert content_log.since(content_log.version()) == {}


def test_what_cannot_be_told_is_read_anew(log):
    before = content_log.version()
    content_log.append({Company: dict.fromkeys(range(content_log.MOST_KEYS + 1))})
    assert before != content_log.version()
    assert content_log.since(before) is None
    before = content_log.version()
    content_log.append(None)
    assert content_log.since(before) is None


def test_lines_go_round_in_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(content_log, "ROOM", 50)
    log = FileLog(tmp_path / "log")
    for number in range(100, 140):
        before = log.end()
        log.append(number)
        log.append("a longer line")
        assert log.since(before) == [str(number), "a longer line"]
    assert log.path.stat().st_size == content_log.END + 50


def test_lines_that_others_lie_over_are_not_told(tmp_path, monkeypatch):
    monkeypatch.setattr(content_log, "ROOM", 50)
    log = FileLog(tmp_path / "log")
    before = log.end()
    for number in range(10, 26):
        log.append(number)
    assert len(log.since(before)) == 16, "48 bytes still fit"
    log.append(26)
    assert log.since(before) is None
    assert log.since(log.end() + 1) is None, "the end of some other file"


@pytest.mark.parametrize("happens", ["taken away", "replaced", "of another form"])
def test_file_of_that_name_is_the_one_that_counts(tmp_path, happens):
    log, other = FileLog(tmp_path / "log"), FileLog(tmp_path / "log")
    log.append(1)
    before = log.end(), other.end()
    log.path.unlink()
    if happens == "replaced":
        FileLog(log.path).append(1)
    elif happens == "of another form":
        log.path.write_text("null")
    log.look_at = other.look_at = 0
    assert log.end() not in before
    log.append(2)
    assert log.end() == other.end()
    assert log.since(before[0]) is None


def test_reader_need_not_wait_for_a_writer(tmp_path):
    """One that was stopped in the middle must not stop the site."""
    log = FileLog(tmp_path / "log")
    before = log.end()
    with log.opened():
        log.look_at = 0
        assert log.end() == before


def test_log_that_cannot_be_read_makes_the_version_unknown(monkeypatch, caplog):
    log = FileLog("/proc/nowhere/log")
    monkeypatch.setattr(content_log, "log", lambda: log)
    assert content_log.version() is None
    assert content_log.version() is None
    assert caplog.text.count("Cannot read what changed") == 1, "it is not told for each request"
    assert content_log.since(1) is None


def test_lines_of_processes_that_write_at_once_stay_whole(tmp_path):
    path, lines = tmp_path / "log", 300
    code = f"from hubportal.content_log import FileLog\nlog = FileLog({str(path)!r})\n"
    code += f"for number in range({lines}): log.append(number)"
    start = FileLog(path)
    start.append("start")
    before = start.end()
    writers = [subprocess.Popen([sys.executable, "-c", code]) for _ in range(2)]
    assert [writer.wait() for writer in writers] == [0, 0]
    assert sorted(map(int, FileLog(path).since(before))) == sorted([*range(lines), *range(lines)])


def test_redis_that_does_not_answer_makes_the_version_unknown(monkeypatch, caplog):
    log = RedisLog("unix:///nowhere/redis.sock")
    monkeypatch.setattr(content_log, "log", lambda: log)
    assert content_log.version() is None
    assert content_log.version() is None
    assert caplog.text.count("Redis does not answer") == 1, "it is not asked for each request"
    log.silent_until = time.monotonic() - 1
    content_log.append({Company: {1: None}})
    assert "Cannot tell other processes" in caplog.text


def test_file_that_cannot_be_written_fails_no_save(monkeypatch, caplog):
    monkeypatch.setattr(content_log, "log", lambda: FileLog("/proc/nowhere/log"))
    content_log.append({Company: {1: None}})
    assert "Cannot tell other processes" in caplog.text


@pytest.mark.django_db
@pytest.mark.parametrize("model", [Company, PreviousSlug])
def test_commit_of_any_model_moves_the_version(model, django_capture_on_commit_callbacks):
    company = build(Company)
    before = content_log.version()
    with django_capture_on_commit_callbacks(execute=True):
        row = company if model is Company else PreviousSlug(company=company, slug="before")
        row.save()
    assert content_log.since(before)[model._meta.model_name] == {row.pk}
    before = content_log.version()
    with django_capture_on_commit_callbacks(execute=True):
        row.delete()
    assert content_log.version() != before


@pytest.mark.django_db
def test_version_moves_even_where_a_listener_fails(monkeypatch, django_capture_on_commit_callbacks):
    def failing(touched):
        raise RuntimeError("the index is broken")

    monkeypatch.setattr(journal, "listeners", [failing])
    before = content_log.version()
    with pytest.raises(RuntimeError, match="broken"), django_capture_on_commit_callbacks(execute=True):
        build(Company)
    assert content_log.version() != before
