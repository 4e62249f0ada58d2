"""What editors can do in the admin, what it refuses and in which words, and what a page costs."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecosystem.admin.editorial import EditorialAdmin, RecordAdmin
from ecosystem.models import (
    RECORDS,
    Breakthrough,
    Challenge,
    Change,
    Company,
    Hub,
    Place,
    Sector,
    Source,
    Statement,
)
from ecosystem.roles import CHIEF_EDITOR
from tests.admin_pages import (
    MOST_QUERIES,
    NAMESPACE,
    address,
    change_page,
    controls,
    count_queries,
    errors,
    filled,
    parts,
    save,
    tree,
    words,
)
from tests.builders import build, build_source, build_statement, build_user

MODELS = (*RECORDS, Sector, Place, Source, Statement)

pytestmark = pytest.mark.django_db
each_model = pytest.mark.parametrize("model", MODELS)
each_record = pytest.mark.parametrize("model", RECORDS)


@pytest.fixture
def staff(client):
    """Somebody who may open the admin, and nothing in it."""
    user = get_user_model().objects.create_user("staff", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def editor(client):
    """The browser of a chief editor."""
    client.force_login(build_user(CHIEF_EDITOR))
    return client


@pytest.fixture
def chief(client):
    """The browser of somebody who may do all."""
    client.force_login(get_user_model().objects.create_superuser("chief"))
    return client


@pytest.fixture
def company():
    """Published, with one source for its prose and one statement."""
    company = build(Company, "unitree", name="Unitree", many={"sources": [build_source("prose")]})
    build_statement(company, [build_source("first")], label="Employees", text="", value=1000, unit="people")
    return company


def one_of(model):
    if model is Source:
        return build_source()
    if model is Statement:
        return build_statement(build(Company))
    return build(model)


def act(client, action, *records, **more):
    """Choose an action in the list, follow where it leads."""
    data = {"action": action, "_selected_action": [record.pk for record in records], **more}
    return client.post(address(type(records[0]), "changelist"), data, follow=True)


# Every page, for those who may


@each_model
def test_model_registered(model):
    assert isinstance(admin.site.get_model_admin(model), EditorialAdmin)


@each_model
def test_page_without_permission(staff, client, model):
    for page, args in (("changelist", []), ("add", []), ("change", [one_of(model).pk])):
        assert client.get(address(model, page, *args)).status_code == 403


@each_model
def test_relations_by_autocomplete(editor, model):
    relations = {f.name for f in (*model._meta.fields, *model._meta.many_to_many) if f.is_relation}
    selects = {select.get("name"): select for select in parts(editor.get(address(model, "add")), "select")}
    assert relations <= selects.keys()
    for name in relations:
        assert "admin-autocomplete" in selects[name].get("class")


@each_model
def test_filter_over_growing_table_absent(model):
    related = [
        f for f in admin.site.get_model_admin(model).list_filter if f in ("sectors", "companies", "place")
    ]
    assert related in ([], ["sectors"])


@each_model
def test_own_inline_code_absent(editor, model):
    for page, args in (("changelist", []), ("add", []), ("change", [one_of(model).pk])):
        for element in tree(editor.get(address(model, page, *args))).iter():
            assert not {name for name in element.attrib if name.startswith("on") or name == "style"}
            assert element.tag != NAMESPACE + "style"
            assert element.tag != NAMESPACE + "script" or element.get("src")


def test_autocomplete_for_editor(editor):
    build_source("reuters", publisher="Reuters", title="Unitree plans a listing")
    build_source("other")
    url = reverse("admin:autocomplete")
    query = {"app_label": "ecosystem", "model_name": "statement", "field_name": "sources", "term": "listing"}
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(connection) as queries:
        found = editor.get(url, query).json()["results"]
    assert [row["text"] for row in found] == ["Reuters: Unitree plans a listing"]
    assert len(queries) <= MOST_QUERIES


def test_facets_counted(editor, company):
    build(Company, state="draft")
    page = words(editor.get(address(Company, "changelist")))
    assert "Draft (1)" in page
    assert "Published (1)" in page


@pytest.mark.parametrize("term", ["宇树", "Yushu", "unitree", "688"])
def test_search_by_any_name(editor, term):
    build(Company, "unitree", name="Unitree", name_zh="宇树科技", other_names="Yushu", ticker="688001")
    build(Company, "other", name="Other")
    rows = editor.get(address(Company, "changelist"), {"q": term}).context["cl"].result_list
    assert [row.slug for row in rows] == ["unitree"]


# What a page costs


def statements_of(company, number):
    for n in range(number):
        build_statement(company, label=f"Label {n}", status="reported")


@pytest.fixture
def pair():
    """Two companies that differ in the number of their statements alone."""
    pair = [build(Company, many={"sources": [build_source()], "sectors": [build(Sector)]}) for _ in range(2)]
    for company, number in zip(pair, (3, 30), strict=True):
        statements_of(company, number)
    return pair


def test_queries_flat_over_statements(editor, pair):
    few, many = (count_queries(editor, change_page(company)) for company in pair)
    assert few == many <= MOST_QUERIES


def test_queries_flat_over_untouched_statements_when_saving(editor, pair):
    few, many = (count_queries(editor, url, controls(editor.get(url))) for url in map(change_page, pair))
    assert few == many


def test_queries_of_withdrawal_page(editor):
    companies = [build(Company) for _ in range(20)]
    with CaptureQueriesContext(connection) as queries:
        act(editor, "withdraw_selected", *companies)
    assert len(queries) <= MOST_QUERIES


# Publication in the form


def test_draft_may_be_incomplete(editor):
    assert save(editor, address(Company, "add"), name="A", slug="a").status_code == 302


def test_slug_permanent_once_public_for_who_may_not_move(editor, company, monkeypatch):
    monkeypatch.setattr(RecordAdmin, "has_move_permission", lambda *args: False)
    save(editor, change_page(company), slug="other", name="New name")
    company.refresh_from_db()
    assert (company.slug, company.name) == ("unitree", "New name")


def test_slug_free_before_publication(editor):
    company = build(Company, "typo", state="draft", published_at=None)
    save(editor, change_page(company), slug="right")
    company.refresh_from_db()
    assert company.slug == "right"


def test_slug_follows_name_only_while_adding(editor, company):
    assert "data-prepopulated-fields" in editor.get(address(Company, "add")).content.decode()
    response = editor.get(change_page(company))
    assert response.context["adminform"].prepopulated_fields == []


def test_line_breaks_in_sentence_become_spaces(editor, company):
    save(editor, change_page(company), summary="Makes\r\nrobots.")
    company.refresh_from_db()
    assert company.summary == "Makes robots."


@each_record
def test_view_on_site_only_when_public(editor, model):
    public, draft = build(model), build(model, state="draft")
    ahead = build(model, published_at=timezone.now() + timedelta(days=1))
    assert public.get_absolute_url() in editor.get(change_page(public)).content.decode()
    for row in (draft, ahead):
        assert "View on site" not in words(editor.get(change_page(row)))


def test_view_on_site_of_evidence(editor, company):
    draft = build_statement(company, draft=True)
    for row, is_offered in (
        (company.statements.first(), True),
        (draft, False),
        (company.sources.get(), True),
        (draft.sources.get(), False),
    ):
        assert ("View on site" in words(editor.get(change_page(row)))) == is_offered


def test_record_as_its_own_parent_refused(editor, company):
    assert errors(save(editor, change_page(company), parent=company.pk)) == ["Nothing is its own parent."]


def test_second_home_refused(editor):
    build(Hub, is_home=True)
    other = build(Hub, many={"sources": [build_source()]})
    assert "Another hub is the home" in errors(save(editor, change_page(other), is_home="on"))[0]


# Deletion


@each_record
def test_public_record_not_deleted(chief, model):
    record = build(model)
    url = address(model, "delete", record.pk)
    assert "has been public. Withdraw it instead." in words(chief.get(url))
    chief.post(url, {"post": "yes"})
    assert model.objects.filter(pk=record.pk).exists()


@each_record
def test_draft_deleted(chief, model):
    record = build(model, state="draft", published_at=None)
    chief.post(address(model, "delete", record.pk), {"post": "yes"})
    assert not model.objects.exists()


@each_model
def test_deletion_by_the_dozen_absent(chief, model):
    one_of(model)
    assert "Delete selected" not in words(chief.get(address(model, "changelist")))


def test_cited_source_not_deleted(chief, company):
    for source, user in (
        (company.statements.get().sources.get(), "Statement: Unitree, Employees: 1,000 people"),
        (company.sources.get(), "Company: Unitree"),
    ):
        url = address(Source, "delete", source.pk)
        assert user in words(chief.get(url))
        chief.post(url, {"post": "yes"})
        assert Source.objects.filter(pk=source.pk).exists()


def test_uncited_source_deleted(chief):
    chief.post(address(Source, "delete", build_source().pk), {"post": "yes"})
    assert not Source.objects.exists()


def test_sector_in_use_not_deleted(chief):
    sector = build(Sector)
    for model in (Company, Breakthrough, Challenge):
        build(model, name=f"In {model.__name__}", state="draft", many={"sectors": [sector]})
    url = address(Sector, "delete", sector.pk)
    page = words(chief.get(url))
    for model in (Company, Breakthrough, Challenge):
        assert f"{model.__name__}: In {model.__name__}" in page
    chief.post(url, {"post": "yes"})
    assert Sector.objects.exists()


def test_sector_of_nothing_deleted(chief):
    chief.post(address(Sector, "delete", build(Sector).pk), {"post": "yes"})
    assert not Sector.objects.exists()


def test_place_in_use_not_deleted(chief):
    place = build(Place)
    build(Company, name="Unitree", place=place)
    assert "Unitree" in words(chief.get(address(Place, "delete", place.pk)))


# Sources and statements on pages of their own


def test_source_with_new_address_untried(editor):
    source = build_source(link_state="gone", link_tried_at=timezone.now())
    save(editor, change_page(source), title="Other title")
    source.refresh_from_db()
    assert source.link_state == "gone"
    save(editor, change_page(source), url="https://example.org/new")
    source.refresh_from_db()
    assert (source.link_state, source.link_tried_at) == ("untried", None)


def test_source_tells_where_it_is_cited(editor, company):
    source = company.statements.get().sources.get()
    assert "Statement: Unitree, Employees: 1,000 people" in words(editor.get(change_page(source)))
    assert "Nothing yet." in words(editor.get(change_page(build_source())))


@pytest.mark.parametrize("model", [Sector, Place, Source, Statement])
def test_permanent_name_kept(editor, model):
    row = one_of(model)
    name = model.natural_key_field
    before = getattr(row, name)
    save(editor, change_page(row), **{name: "another"})
    row.refresh_from_db()
    assert getattr(row, name) == before


@pytest.mark.parametrize(
    ("model", "changes", "link", "words"),
    [
        (Source, {"title": ""}, "#id_title", "Title: This field is required."),
        (Statement, {"text": ""}, "#id_text", "Text: Write a text, or give a value with its unit."),
        (Sector, {"definition": ""}, "#id_definition", "Definition: This field is required."),
    ],
)
def test_complaint_above_the_form_leads_to_its_field(editor, model, changes, link, words):
    response = save(editor, change_page(one_of(model)), **changes)
    links = {element.get("href"): "".join(element.itertext()) for element in parts(response, "a")}
    assert links[link] == words
    assert [element.get("id") for element in tree(response).iter() if element.get("id") == link[1:]]


def test_statement_about_two_records_refused(editor, company):
    hub = build(Hub)
    response = save(editor, change_page(company.statements.get()), hub=hub.pk)
    assert errors(response) == ["A statement is about exactly one record."]


def test_line_breaks_are_kept_as_they_were_whatever_a_browser_sends(editor, commit):
    with commit():
        record = build(Company, body="One.\n\nTwo.", other_names="A\nB", state="draft", published_at=None)
        build_statement(record, text="Three.\nFour.", note="Five.\nSix.")
    noted = Change.objects.count()
    data = filled(editor, change_page(record), row0_position="0")
    sent = {
        name: value.replace("\n", "\r\n") if isinstance(value, str) else value for name, value in data.items()
    }
    assert sent != data
    with commit():
        assert editor.post(change_page(record), sent).status_code == 302
    record.refresh_from_db()
    said = record.statements.get()
    assert (record.body, record.other_names) == ("One.\n\nTwo.", "A\nB")
    assert (said.text, said.note) == ("Three.\nFour.", "Five.\nSix.")
    # What reads as before is no change, for readers or for editors.
    assert Change.objects.count() == noted


def test_draft_statement_marked_in_list(editor, company):
    build_statement(company, draft=True)
    assert words(editor.get(address(Statement, "changelist"))).count("Reported, draft") == 1


def test_statement_found_by_its_record(editor, company):
    build_statement(build(Hub))
    rows = editor.get(address(Statement, "changelist"), {"q": "unitree"}).context["cl"].result_list
    assert [row.company for row in rows] == [company]
