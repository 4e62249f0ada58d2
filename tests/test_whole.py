"""Whole snapshots: they hold all that was typed, tell apart what differs, and reach no reader."""

import json
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Breakthrough, Change, Company, Place, Sector, Source, Statement
from ecosystem.versions import EDITORS, fields_of
from ecosystem.whole import fingerprint, whole_snapshots
from tests.builders import build, build_source, build_statement, populate

pytestmark = pytest.mark.django_db
SENTINEL = "zyxwv"
CONTENT = (*RECORDS, Sector, Place, Source)


def whole(row):
    return whole_snapshots(type(row), [row.pk])[row.pk]


@pytest.mark.parametrize("model", CONTENT)
def test_whole_snapshot_holds_every_field(model):
    rows = populate(1)
    data = whole(rows[model._meta.model_name][0])
    kept = {field.name for field in (*model._meta.fields, *model._meta.many_to_many)}
    kept -= {field.name for field in model._meta.fields if not field.serialize}
    kept -= {"id", "updated_at", *(name for name in kept if name.startswith("link_"))}
    assert kept <= data.keys()
    for statement in data.get("statements", ()):
        own = {field.name for field in (*Statement._meta.fields, *Statement._meta.many_to_many)}
        assert own - {"id", "updated_at", *Statement.SUBJECTS} == statement.keys()


def test_whole_snapshot_holds_what_is_held_back():
    draft = build(Company, "hidden", state="draft")
    company = build(Company, parent=draft)
    build_statement(company, [build_source("press")], draft=True, text="held back", position=3)
    data = whole(company)
    [statement] = data["statements"]
    assert (data["parent"], data["state"]) == ("hidden", "published")
    assert (statement["draft"], statement["position"], statement["sources"]) == (True, 3, ["press"])


def test_fingerprint_follows_every_kind_of_change():
    company, sector, source = build(Company), build(Sector), build_source()
    statement = build_statement(company, [])
    found = [fingerprint(whole(company))]
    for change in (
        lambda: company.sectors.add(sector),
        lambda: company.sources.add(source),
        lambda: statement.sources.add(source),
        lambda: Statement.objects.filter(pk=statement.pk).update(note="n"),
        lambda: Company.objects.filter(pk=company.pk).update(ticker="688001"),
        lambda: build_statement(company, draft=True),
        lambda: statement.delete(),
    ):
        change()
        found.append(fingerprint(whole(company)))
    assert len(set(found)) == len(found)


def test_fingerprint_ignores_a_save_of_nothing_new():
    company = build(Company, many={"sectors": [build(Sector), build(Sector)]})
    before = fingerprint(whole(company))
    company.save()
    company.sectors.set(reversed(company.sectors.all()))
    assert fingerprint(whole(Company.objects.get())) == before


def test_fingerprint_survives_the_change_log(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        company = build(Company, founded="2016-08", many={"sectors": [build(Sector)]})
        build_statement(company, value="12.5", unit="people", checked_on="2026-01-01")
    company.refresh_from_db()
    assert fingerprint(Change.objects.filter(kind="company").first().whole) == fingerprint(whole(company))


@pytest.mark.parametrize("model", CONTENT)
def test_whole_snapshots_of_many_take_no_more_queries(model):
    counts = []
    for number in (1, 3):
        with transaction.atomic():
            keys = [row.pk for row in populate(number)[model._meta.model_name]]
            with CaptureQueriesContext(connection) as queries:
                whole_snapshots(model, keys)
            counts.append(len(queries))
            transaction.set_rollback(True)
    assert counts[0] == counts[1]


def test_extent_of_editors_is_that_of_the_forms():
    assert {"draft", "position"} <= {field.name for field in fields_of(Statement, EDITORS)}


# What readers can look up of the log


def public_log(client, *records):
    """{address: what it shows} of every page and file that tells of changes."""
    paths = ["/changes/", "/changes.json", "/changes.csv", "/changes.atom"]
    paths += [change.get_absolute_url() for change in Change.objects.all()]
    for record in records:
        noun = record._meta.model_name
        paths += [reverse(f"{noun}-{page}", args=[record.slug]) for page in ("detail", "json", "history")]
        paths += [f"{path}?version={n}" for path in paths[-3:-1] for n in range(1, 9)]
    return {path: client.get(path).getvalue().decode() for path in paths}


def test_nothing_held_back_reaches_the_public_log(client, django_capture_on_commit_callbacks):
    def commit():
        return django_capture_on_commit_callbacks(execute=True)

    with commit():
        hidden = build(Company, SENTINEL, name=SENTINEL, state="draft")
        later = build(Company, f"{SENTINEL}-2", published_at=timezone.now() + timedelta(days=1))
        company = build(Company, "unitree", parent=hidden)
        other = build(Breakthrough, "g1", many={"companies": [hidden, later]})
    for record in (company, other):
        for text in ("first", "second"):
            with commit():
                source = build_source(f"{SENTINEL}-{record.slug}-{text}", title=SENTINEL)
                statement = build_statement(record, [source], draft=True, label=SENTINEL, text=SENTINEL)
            with commit():
                statement.note = SENTINEL
                statement.save()
                record.summary = f"Summary of {text}."
                record.save()
        with commit():
            statement.delete()
    held = [change for change in Change.objects.all() if SENTINEL in json.dumps(change.whole)]
    assert len(held) > 8
    pages = public_log(client, company, other)
    assert [path for path, text in pages.items() if SENTINEL in text] == []
    assert "Summary of second." in pages["/companies/unitree/history/"]
