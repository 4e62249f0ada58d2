"""The way back: to an earlier version, and from a deletion. What cannot come back is named."""

from datetime import timedelta

import pytest
from django.utils import timezone

from ecosystem.models import RECORDS, Change, Company, Hub, Place, Sector, Source, Statement
from ecosystem.restoring import Restoration
from ecosystem.search import matching
from ecosystem.whole import state_of
from tests.builders import build, build_source, build_statement, populate

pytestmark = pytest.mark.django_db
CONTENT = (*RECORDS, Sector, Place, Source)


def restore(row, state):
    restoration = Restoration(type(row), row.pk, state)
    assert restoration.obstacles == []
    return restoration, restoration.apply()


def state(row):
    return state_of(type(row), row.pk)


@pytest.fixture
def company(commit):
    """Published, with two statements and a draft; each edit is a commit of its own."""
    with commit():
        company = build(
            Company,
            "unitree",
            name="Unitree",
            many={"sources": [build_source("prose")], "sectors": [build(Sector, "robotics")]},
        )
        for n, text in enumerate(("first", "second")):
            build_statement(company, [build_source(text)], label=text, text=text, position=n, reference=text)
        build_statement(company, [], label="held", text="held", position=3, draft=True, reference="held")
    return company


@pytest.mark.parametrize("model", CONTENT)
def test_deleted_record_comes_back_whole(model, commit):
    with commit():
        row = populate(2)[model._meta.model_name][1]
    before = state(row)
    key = row.pk
    if model in (Place, Source, Sector):
        for record in RECORDS:
            if hasattr(record, "place"):
                record.objects.filter(place=row.pk).delete()
    with commit():
        row.delete()
    with commit():
        restoration, row = restore(model(pk=key), before)
    assert row.pk == key
    assert state(row) == restoration.target
    back = before | ({"state": "draft"} if model in RECORDS else {})
    assert {name for name in back if back[name] != restoration.target[name]} == set()
    assert restoration.losses == []


def test_version_comes_back_with_all_that_belongs_to_it(company, commit):
    before = state(company)
    with commit():
        company.name, company.founded, company.ticker = "Other", "2016-08", "688001"
        company.save()
        company.sectors.set([build(Sector, "chips")])
        company.sources.add(build_source("more"))
        first, second, held = company.statements.all()
        first.delete()
        second.text, second.position = "changed", 0
        second.save()
        second.sources.set([build_source("other")])
        held.draft = False
        held.sources.set([build_source("third")])
        held.save()
        build_statement(company, label="added since", reference="added")
    with commit():
        restoration, row = restore(company, before)
    assert restoration.losses == []
    assert state(row) == before
    assert [statement.reference for statement in row.statements.all()] == ["first", "second", "held"]
    change = Change.objects.filter(kind="company").first()
    assert change.whole == before
    assert "Name" in change.summary
    assert list(matching(Company.objects.all(), "unitree")) == [row]
    assert list(matching(Company.objects.all(), "688001")) == []


def test_only_what_differs_is_saved(company, commit):
    before = state(company)
    with commit():
        Statement.objects.get(reference="second").delete()
    times = dict(Statement.objects.values_list("reference", "updated_at"))
    updated_at = Company.objects.get().updated_at
    restore(company, before)
    assert Company.objects.get().updated_at == updated_at
    assert times == dict(Statement.objects.exclude(reference="second").values_list("reference", "updated_at"))


def test_state_and_address_stay_as_they_are_today(company):
    before = state(company)
    company.slug, company.name, company.state = "new", "New", "withdrawn"
    company.withdrawal_reason = "A double."
    company.published_at -= timedelta(days=9)
    company.withdraw_at = timezone.now().replace(microsecond=0)
    company.save()
    _, row = restore(company, before)
    row.refresh_from_db()
    assert (row.name, row.slug, row.state) == ("Unitree", "new", "withdrawn")
    assert (row.published_at, row.withdraw_at) == (company.published_at, company.withdraw_at)


def test_what_is_gone_is_named_and_left_out(company):
    place, parent = build(Place, "binjiang"), build(Company, "mother")
    company.place, company.parent = place, parent
    company.save()
    before = state(company)
    company.place = company.parent = None
    company.name = "Other"
    company.save()
    Sector.objects.all().delete()
    place.delete()
    parent.delete()
    Source.objects.filter(key="first").delete()
    restoration, row = restore(company, before)
    assert restoration.losses == [
        "the place “binjiang” was deleted, and is left out.",
        "the company “mother” was deleted, and is left out.",
        "the sector “robotics” was deleted, and is left out.",
        "Fact “first”: the source “first” was deleted, and is left out.",
        "Fact “first” has no source left, and is held back.",
    ]
    assert state(row) == restoration.target
    assert Statement.objects.get(reference="first").draft


def test_statement_that_moved_to_another_record_stays_there(company):
    before = state(company)
    other = build(Company, name="Zhipu")
    statement = Statement.objects.get(reference="first")
    statement.company = other
    statement.save()
    restoration, row = restore(company, before | {"name": "Back"})
    assert restoration.losses == ["Fact “first” is a statement about Zhipu now, and stays there."]
    assert [statement.reference for statement in row.statements.all()] == ["second", "held"]
    assert other.statements.get().reference == "first"


def obstacles(row, data):
    return Restoration(type(row), row.pk, data).obstacles


def test_version_of_today_is_no_version_to_restore(company):
    assert obstacles(company, state(company)) == ["It says the same today."]


def test_published_record_is_not_left_without_summary_or_source(company):
    before = state(company) | {"summary": "", "sources": ["gone"]}
    assert obstacles(company, before) == [
        "It is published, and would have no summary.",
        "It is published, and would have no sources.",
    ]


def test_slug_taken_meanwhile_is_an_obstacle(company):
    before, key = state(company), company.pk
    company.delete()
    build(Company, "unitree")
    assert obstacles(Company(pk=key), before) == ["Company with this Slug already exists."]


def test_second_home_is_an_obstacle():
    hub = build(Hub, is_home=True, many={"sources": [build_source()]})
    before = state(hub)
    hub.is_home = False
    hub.save()
    build(Hub, is_home=True)
    assert obstacles(hub, before) == ["Another hub is the home of this portal already."]


def test_snapshot_from_before_and_after_other_fields_is_read(company):
    before = state(company)
    del before["ticker"]
    before["slogan"] = "A field that is gone."
    company.name, company.ticker = "Other", "688001"
    company.save()
    _, row = restore(company, before)
    assert (row.name, row.ticker) == ("Unitree", "688001")
    key = row.pk
    row.delete()
    _, row = restore(Company(pk=key), before)
    assert (row.name, row.ticker) == ("Unitree", "")
