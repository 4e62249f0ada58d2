"""The shipped content: it loads, it is in the form that editors maintain, and it keeps its own rules."""

import json
import re
from collections import Counter

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction

from ecosystem.content_checks import SENTENCE_END
from ecosystem.management.commands.quickstart import FIXTURES
from ecosystem.models import Hub, Statement
from ecosystem.search import reindex
from hubportal.environment import BASE_DIR

# One load of everything serves the whole file.
pytestmark = pytest.mark.xdist_group("content")
PATHS = [BASE_DIR / "fixtures" / f"{name}.json" for name in FIXTURES]
ROWS = {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in PATHS}
# With a letter as a class, or this file would hold what it looks for.
LEFTOVERS = re.compile(
    r"\b(T[O]DO|F[I]XME|X[X]X|lorem|localhost|seed (article|text)|before publishing)\b", re.I
)


def load():
    call_command("loaddata", *FIXTURES, verbosity=0)


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """Everything shipped, loaded once for the tests of this file and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def shipped(loaded, db):
    return [apps.get_model(rows[0]["model"]) for rows in ROWS.values()]


@pytest.fixture(scope="module")
def indexed(loaded, django_db_blocker):
    """The search index of all that was loaded; what was rolled back is never committed, nor indexed."""
    with django_db_blocker.unblock():
        reindex()


def state(models):
    """Every row of these models, and every pair that they link."""
    rows = {model: list(model.objects.order_by("pk").values()) for model in models}
    links = {}
    for model in models:
        for field in model._meta.many_to_many:
            pairs = field.remote_field.through.objects.values_list(
                field.m2m_column_name(), field.m2m_reverse_name()
            )
            links[model, field.name] = sorted(pairs)
    return rows, links


def test_fixtures_load_every_row(shipped):
    counted = {model._meta.label_lower: model.objects.count() for model in shipped}
    assert counted == Counter(row["model"] for rows in ROWS.values() for row in rows)


def test_fixtures_load_twice_alike(shipped):
    before = state(shipped)
    load()
    assert state(shipped) == before


def test_fixtures_pass_full_clean(shipped):
    for model in shipped:
        for row in model.objects.all():
            row.full_clean()


def test_fixtures_pass_check_content(shipped, capsys):
    call_command("check_content")
    assert capsys.readouterr().out.endswith(": no finding\n")


def test_fixtures_show_every_claim_with_sources(shipped):
    """A claim that was looked into stays public, above all if it did not hold."""
    claims = Statement.objects.filter(kind="check")
    assert claims.filter(status="unsupported").exists()
    assert set(claims.filter(draft=True)) == set(claims.filter(sources=None))
    assert set(claims.published()) == set(claims.filter(draft=False))


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("宇树", "Unitree Robotics"),
        ("云深", "DEEP Robotics"),
        ("良渚", "Liangzhu"),
        ("群核", "Manycore Tech"),
        ("Qunhe", "Manycore Tech"),
        ("Kujiale", "Manycore Tech"),
        ("deepseek r1", "DeepSeek-R1"),
        ("Unitre", "Unitree Robotics"),
        ("Unitreee", "Unitree Robotics"),
        ("Hangzou", "Hangzhou"),
    ],
)
def test_fixtures_are_found_by_what_readers_type(shipped, indexed, client, text, name):
    """In English or Chinese, by other names, by a part, or misspelt: then as the first of the near names."""
    found = client.get("/search.json", {"q": text}).json()
    best = found["groups"][0]["records"] if found["groups"] else found["near"]
    assert best[0]["name"] == name


def test_fixtures_have_a_home_hub(shipped):
    assert "## Outlook" in Hub.objects.home().body


def test_first_page_opens_with_three_sentences(shipped):
    hub = Hub.objects.home()
    assert len(SENTENCE_END.findall(f"{hub.summary} {hub.opening}")) == 2


def test_fixtures_are_all_named():
    assert sorted(PATHS) == sorted((BASE_DIR / "fixtures").glob("*.json"))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_fixtures_read_as_diffs(path):
    """One model a file, sorted by natural key, no primary keys, one form: a change reads as a diff."""
    text, rows = path.read_text(encoding="utf-8"), ROWS[path.stem]
    assert text == json.dumps(rows, ensure_ascii=False, indent=1) + "\n"
    assert {tuple(row) for row in rows} == {("model", "fields")}
    assert len({row["model"] for row in rows}) == 1
    assert len({tuple(row["fields"]) for row in rows}) == 1
    key = apps.get_model(rows[0]["model"]).natural_key_field
    names = [row["fields"][key] for row in rows]
    assert names == sorted(set(names))


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_fixtures_have_no_leftovers(path):
    assert LEFTOVERS.search(path.read_text(encoding="utf-8")) is None
