"""Addresses that records had before: where they lead, and how an editor leaves one."""

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Change, Company, Hub, PreviousSlug
from ecosystem.roles import CHIEF_EDITOR
from tests.admin_pages import change_page, controls, errors, save, words
from tests.builders import build, build_source, build_user
from tests.pages import read_json

pytestmark = pytest.mark.django_db
each_record = pytest.mark.parametrize("model", RECORDS)
ROUTES = ("detail", "json", "history")


@pytest.fixture
def editor(client):
    client.force_login(build_user(CHIEF_EDITOR))
    return client


def moved(model=Company, old="old", new="new", **fields):
    record = build(model, new, **fields)
    PreviousSlug.objects.leave(record, old)
    return record


def page(model, route, slug):
    return reverse(f"{model._meta.model_name}-{route}", args=[slug])


# What readers find


@each_record
@pytest.mark.parametrize("route", ROUTES)
def test_old_address_redirects_for_good(client, model, route):
    moved(model)
    response = client.get(page(model, route, "old"), query_params={"page": "1", "q": "杭 州"})
    assert response.status_code == 301
    assert response["Location"] == page(model, route, "new") + "?page=1&q=%E6%9D%AD+%E5%B7%9E"
    assert client.get(page(model, route, "old"))["Location"] == page(model, route, "new")


@each_record
def test_old_address_of_share_image_redirects(client, model):
    moved(model)
    noun = model._meta.model_name
    response = client.get(reverse("share-record", args=[noun, "old"]))
    assert (response.status_code, response["Location"]) == (301, reverse("share-record", args=[noun, "new"]))


def test_old_address_of_json_may_be_followed_by_scripts_elsewhere(client):
    moved()
    response = client.get(page(Company, "json", "old"))
    assert response["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("route", ROUTES)
def test_every_old_address_leads_to_the_newest_in_one_step(client, route):
    record = moved(old="first", new="second")
    record.slug = "third"
    record.save()
    PreviousSlug.objects.leave(record, "second")
    for slug in ("first", "second"):
        assert client.get(page(Company, route, slug))["Location"] == page(Company, route, "third")


@pytest.mark.parametrize("route", ROUTES)
def test_slug_of_a_living_record_leads_nowhere_else(client, route):
    moved()
    build(Company, "old")
    assert client.get(page(Company, route, "old")).status_code == 200


@pytest.mark.parametrize("route", ROUTES)
def test_slug_of_a_withdrawn_record_leads_nowhere_else(client, route):
    moved()
    build(Company, "old", state="withdrawn")
    assert client.get(page(Company, route, "old")).status_code == 410


@pytest.mark.parametrize("route", ROUTES)
def test_old_address_of_a_withdrawn_record_leads_to_the_reason(client, route):
    moved(state="withdrawn")
    response = client.get(page(Company, route, "old"), follow=True)
    assert response.redirect_chain == [(page(Company, route, "new"), 301)]
    assert response.status_code == 410
    assert "It was a double." in response.content.decode()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "fields",
    [{"state": "draft"}, {"state": "review"}, {"published_at": timezone.now() + timedelta(days=1)}],
    ids=["draft", "review", "ahead"],
)
def test_old_address_of_a_hidden_record_does_not_tell_the_new_one(client, route, fields):
    moved(**fields)
    response = client.get(page(Company, route, "old"))
    assert response.status_code == 404
    assert page(Company, route, "new") not in response.content.decode()


@pytest.mark.parametrize("route", ROUTES)
def test_slug_is_of_its_kind_alone(client, route):
    moved()
    assert client.get(page(Hub, route, "old")).status_code == 404


def test_json_and_files_name_previous_slugs(client):
    PreviousSlug.objects.leave(moved(old="first"), "a-second")
    whole = client.get(page(Company, "json", "new")).json()
    [row] = read_json(client, "company")["records"]
    assert whole["previous_slugs"] == row["previous_slugs"] == ["a-second", "first"]


# What the database keeps


def test_slug_taken_back_leads_nowhere():
    record = moved()
    record.slug = "old"
    record.save()
    PreviousSlug.objects.leave(record, "new")
    assert [previous.slug for previous in record.previous_slugs.all()] == ["new"]


def test_slug_left_by_a_second_record_leads_to_that_one(client):
    first, second = moved(), build(Company, "second")
    PreviousSlug.objects.leave(second, "old")
    assert list(first.previous_slugs.all()) == []
    assert client.get(page(Company, "detail", "old"))["Location"] == second.get_absolute_url()


@each_record
def test_slug_twice_among_a_kind_refused(model):
    noun = model._meta.model_name
    moved(model)
    with pytest.raises(IntegrityError), transaction.atomic():
        PreviousSlug.objects.create(slug="old", **{noun: build(model)})


def test_slug_of_no_record_or_of_two_refused():
    company, hub = build(Company), build(Hub)
    for records in ({}, {"company": company, "hub": hub}):
        with pytest.raises(IntegrityError), transaction.atomic():
            PreviousSlug.objects.create(slug="old", **records)


def test_slug_with_other_signs_refused():
    with pytest.raises(IntegrityError), transaction.atomic():
        PreviousSlug.objects.create(slug="Old_", company=build(Company))


def test_previous_slugs_survive_dump_and_load(tmp_path):
    moved()
    moved(Hub)
    file = tmp_path / "content.json"
    models = ["ecosystem.previousslug", "ecosystem.company", "ecosystem.hub"]
    options = {"use_natural_primary_keys": True, "use_natural_foreign_keys": True, "output": str(file)}
    call_command("dumpdata", *models, **options)
    assert not [row for row in json.loads(file.read_text()) if "pk" in row]
    Company.objects.all().delete()
    Hub.objects.all().delete()
    assert not PreviousSlug.objects.exists()
    for _ in range(2):
        call_command("loaddata", file, verbosity=0)
    assert sorted(previous.natural_key() for previous in PreviousSlug.objects.all()) == [
        ("company", "old"),
        ("hub", "old"),
    ]


# What an editor does


@pytest.fixture
def company():
    since = timezone.now().replace(microsecond=0) - timedelta(days=1)
    return build(Company, "old", name="Unitree", published_at=since, many={"sources": [build_source()]})


def test_editor_moves_a_public_record(editor, company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        company.save()
    assert "the old one leads to the new one" in words(editor.get(change_page(company)))
    with django_capture_on_commit_callbacks(execute=True):
        response = save(editor, change_page(company), slug="new")
    assert "The address old leads to new now." in words(editor.get(response["Location"]))
    assert editor.get(page(Company, "detail", "old"))["Location"] == page(Company, "detail", "new")
    assert Change.objects.filter(kind="company").first().summary == "Slug"


def test_withdrawn_record_that_moves_leaves_its_address(editor, company):
    company.state, company.withdrawal_reason = "withdrawn", "A double."
    company.save()
    save(editor, change_page(company), slug="new")
    assert editor.get(page(Company, "detail", "old"))["Location"] == page(Company, "detail", "new")


def test_record_that_nobody_saw_leaves_no_address(editor):
    draft = build(Company, "old", state="draft", published_at=None)
    save(editor, change_page(draft), slug="new", state="draft")
    ahead = build(Company, "later", published_at=timezone.now() + timedelta(days=1))
    ahead.sources.add(build_source())
    assert save(editor, change_page(ahead), slug="other").status_code == 302
    assert not PreviousSlug.objects.exists()


def test_save_without_a_move_leaves_no_address(editor, company):
    save(editor, change_page(company), name="Other name")
    assert not PreviousSlug.objects.exists()


def test_slug_that_leads_to_another_record_refused(editor, company):
    moved(old="taken", new="elsewhere", name="Zhipu")
    response = save(editor, change_page(company), slug="taken", summary="Typed.")
    assert errors(response) == ["This was an address of “Zhipu” and leads there. Take another."]
    assert controls(response)["summary"] == "Typed."


def test_editor_takes_a_slug_back(editor, company):
    save(editor, change_page(company), slug="new")
    save(editor, change_page(company), slug="old")
    assert [previous.slug for previous in company.previous_slugs.all()] == ["new"]
    assert editor.get(page(Company, "detail", "old")).status_code == 200
