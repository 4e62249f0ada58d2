"""What editors can do in the admin, what it refuses and in which words, and what a page costs."""

from datetime import timedelta

import html5lib
import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ecosystem.admin.editorial import EditorialAdmin, RecordAdmin
from ecosystem.models import RECORDS, Challenge, Company, Hub, Place, Sector, Source, Statement
from ecosystem.roles import CHIEF_EDITOR
from tests.builders import build, build_source, build_statement, build_user

MODELS = (*RECORDS, Sector, Place, Source, Statement)
MOST_QUERIES = 25
NAMESPACE = "{http://www.w3.org/1999/xhtml}"

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


def address(model, page, *args):
    return reverse(f"admin:ecosystem_{model._meta.model_name}_{page}", args=args)


def change_page(row):
    return address(type(row), "change", row.pk)


def tree(response):
    """The page, parsed once."""
    if not hasattr(response, "tree"):
        response.tree = html5lib.parse(response.content.decode())
    return response.tree


def parts(response, *names):
    return [element for name in names for element in tree(response).iter(NAMESPACE + name)]


def words(response):
    return " ".join(" ".join(tree(response).itertext()).split())


def controls(response):
    """What a browser would send for the page's forms if nothing was touched."""
    data = {}
    for field in parts(response, "input", "textarea"):
        is_idle = field.get("type") in ("checkbox", "radio") and field.get("checked") is None
        if (
            field.get("name")
            and field.get("disabled") is None
            and field.get("type") != "submit"
            and not is_idle
        ):
            # A browser drops the line break that follows the tag; html5lib does as well.
            data[field.get("name")] = field.get("value") or field.text or ""
    for select in parts(response, "select"):
        options = list(select.iter(NAMESPACE + "option"))
        chosen = [option.get("value") for option in options if option.get("selected") is not None]
        if select.get("name"):
            is_multiple = select.get("multiple") is not None
            data[select.get("name")] = chosen if is_multiple else (chosen or [options[0].get("value")])[0]
    return data


def save(client, url, /, **changes):
    """Open a form, change fields, save. `statements-0-text` is written `row0_text`."""
    data = controls(client.get(url))
    for name, value in changes.items():
        row, _, field = name.partition("_")
        data[f"statements-{row[3:]}-{field}" if row[:3] == "row" and row[3:].isdigit() else name] = value
    return client.post(url, data)


def errors(response):
    """Each complaint on the page."""
    lists = [found for found in parts(response, "ul") if "errorlist" in (found.get("class") or "")]
    return ["".join(found.itertext()).strip() for found in lists]


def count_queries(client, url, data=None):
    """How many queries a page costs; what is kept from page to page is forgotten first."""
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(
        connection,
    ) as queries:
        response = client.get(url) if data is None else client.post(url, data)
    assert response.status_code == (200 if data is None else 302), errors(response)
    return len(queries)


def act(client, action, *records, **more):
    """Choose an action in the list, follow where it leads."""
    data = {"action": action, "_selected_action": [record.pk for record in records], **more}
    return client.post(address(type(records[0]), "changelist"), data, follow=True)


# Every page, for those who may


@each_model
def test_model_registered(model):
    assert isinstance(admin.site.get_model_admin(model), EditorialAdmin)


@each_model
@pytest.mark.parametrize("page", ["changelist", "add", "change", "history"])
def test_page_for_editor(editor, model, page):
    row = one_of(model)
    url = address(model, page, *([row.pk] if page in ("change", "history") else []))
    assert count_queries(editor, url) <= MOST_QUERIES


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


def test_filter_by_last_check(editor):
    today = timezone.localdate()
    build(Company, "never", name="Never read")
    build(Company, "old", name="Read long ago", checked_on=today - timedelta(days=400))
    build(Company, "new", name="Read lately", checked_on=today)
    for value, name in (("never", "Never read"), ("old", "Read long ago"), ("recent", "Read lately")):
        rows = editor.get(address(Company, "changelist"), {"checked": value}).context["cl"].result_list
        assert [row.name for row in rows] == [name]


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


def test_queries_flat_over_rows_of_list(editor, company):
    few = count_queries(editor, address(Company, "changelist"))
    statements_of(company, 20)
    for _ in range(20):
        build(Company)
    assert count_queries(editor, address(Company, "changelist")) == few
    assert count_queries(editor, address(Statement, "changelist")) <= MOST_QUERIES


def test_queries_flat_over_uses_of_source(editor, company):
    source = build_source()
    build_statement(company, [source])
    few = count_queries(editor, change_page(source))
    for _ in range(20):
        build_statement(build(Challenge, many={"sources": [source]}), [source])
    assert count_queries(editor, change_page(source)) == few


def test_queries_of_withdrawal_page(editor):
    companies = [build(Company) for _ in range(20)]
    with CaptureQueriesContext(connection) as queries:
        act(editor, "withdraw_selected", *companies)
    assert len(queries) <= MOST_QUERIES


# Statements inside a record's form


def test_twelve_sourced_facts_in_one_save(editor):
    source = build_source()
    rows = {f"row{n}_{name}": value for n in range(12) for name, value in fact(n, source).items()}
    changes = {"name": "Deep Robotics", "slug": "deep-robotics", "statements-TOTAL_FORMS": 12}
    assert save(editor, address(Company, "add"), **changes, **rows).status_code == 302
    statements = Company.objects.get(slug="deep-robotics").statements.all()
    assert [statement.label for statement in statements] == [f"Label {n}" for n in range(12)]
    assert all(statement.sources.get() == source for statement in statements)
    assert len({statement.reference for statement in statements}) == 12


def fact(n, source):
    return {
        "label": f"Label {n}",
        "kind": "fact",
        "text": "2016",
        "status": "reported",
        "position": 0,
        "sources": [source.pk],
    }


def test_statement_without_source_refused(editor, company):
    response = save(editor, change_page(company), row1_label="Founded", row1_text="In August 2016.")
    assert errors(response) == ["Give at least one source, or keep the statement as a draft."]
    assert controls(response)["statements-1-text"] == "In August 2016."
    assert company.statements.count() == 1


def test_statement_without_source_kept_as_draft(editor, company):
    changes = {"row1_label": "Founded", "row1_text": "2016", "row1_draft": "on"}
    assert save(editor, change_page(company), **changes).status_code == 302
    assert company.statements.filter(draft=True).exists()


def test_number_without_unit_refused(editor, company):
    assert errors(save(editor, change_page(company), row0_unit="")) == [
        "A number needs a unit; a bare count says “none”."
    ]


def test_statement_that_says_nothing_refused(editor, company):
    response = save(editor, change_page(company), row0_value="", row0_unit="")
    assert errors(response) == ["Write a text, or give a value with its unit."]


def test_status_stronger_than_sources_refused(editor, company):
    pair = [build_source(origin="Xinhua").pk, build_source(origin="Xinhua").pk]
    response = save(editor, change_page(company), row0_status="corroborated", row0_sources=pair)
    assert errors(response) == [
        "These sources allow “reported” at most, not “corroborated”: One original publisher (Xinhua)."
    ]
    assert controls(response)["statements-0-sources"] == [str(pk) for pk in pair]


def test_own_word_of_the_subject_refused_as_report(editor, company):
    own = build_source(origin="Unitree")
    response = save(editor, change_page(company), row0_status="reported", row0_sources=[own.pk])
    assert errors(response) == [
        "These sources allow “self-reported” at most, not “reported”: "
        "Only the subject or its partners say so (Unitree)."
    ]


def test_corroboration_by_two_origins_taken(editor, company):
    pair = [build_source(origin="Xinhua").pk, build_source(origin="Reuters").pk]
    changes = {"row0_status": "corroborated", "row0_sources": pair}
    assert save(editor, change_page(company), **changes).status_code == 302
    assert company.statements.get().status == "corroborated"


def test_old_fault_in_untouched_row_does_not_stop_a_save(editor, company):
    build_statement(company, sources=[], label="Loaded without a source")
    assert save(editor, change_page(company), summary="Better.").status_code == 302
    assert save(editor, change_page(company), row1_text="Touched.").status_code == 200


def test_statement_deleted_in_its_row(editor, company):
    assert save(editor, change_page(company), **{"statements-0-DELETE": "on"}).status_code == 302
    assert not company.statements.exists()


def test_untouched_form_changes_nothing(editor, company):
    before = Statement.objects.values().get()
    save(editor, change_page(company))
    assert Statement.objects.values().get() == before
    assert LogEntry.objects.get().get_change_message() == "No fields changed."


def test_value_shown_without_empty_decimals(editor, company):
    assert controls(editor.get(change_page(company)))["statements-0-value"] == "1000"


def test_rows_that_exist_folded(editor, company):
    [details] = parts(editor.get(change_page(company)), "details")
    assert details.get("open") is None
    response = save(editor, change_page(company), row0_unit="")
    assert parts(response, "details")[0].get("open") is not None


# Publication in the form


def test_draft_may_be_incomplete(editor):
    assert save(editor, address(Company, "add"), name="A", slug="a").status_code == 302


def test_publication_fills_empty_date(editor, company):
    Company.objects.filter(pk=company.pk).update(state="draft", published_at=None)
    assert save(editor, change_page(company), state="published").status_code == 302
    assert Company.objects.published().filter(pk=company.pk).exists()


def test_publication_keeps_schedule(editor, company):
    changes = {"published_at_0": "2999-01-01", "published_at_1": "09:00"}
    assert save(editor, change_page(company), **changes).status_code == 302
    assert not Company.objects.published().exists()
    assert "Scheduled" in words(editor.get(address(Company, "changelist")))


def test_incomplete_record_not_published(editor):
    company = build(Company, state="draft", summary="")
    response = save(editor, change_page(company), state="published", body="Typed.")
    assert errors(response) == [
        "A published record needs a summary.",
        "A published record needs at least one source for its summary and text.",
    ]
    assert controls(response)["body"] == "Typed."
    company.refresh_from_db()
    assert company.state == "draft"


def test_withdrawal_without_reason_refused(editor, company):
    response = save(editor, change_page(company), state="withdrawn")
    assert errors(response) == ["Say why: readers who follow an old link see it."]


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


# Publication of several


def test_publish_selected(editor, company):
    drafts = [
        build(Company, state="draft", published_at=None, many={"sources": [build_source()]}) for _ in "ab"
    ]
    bare = build(Company, name="Bare", state="draft", summary="")
    page = words(act(editor, "publish_selected", *drafts, bare, company, index=0))
    assert Company.objects.published().count() == 3
    assert "2 companies changed." in page
    assert "1 left as before: Unitree (published already)" in page
    assert "1 left as before: Bare (A published record needs a summary. A published record needs" in page
    assert [entry.object_id for entry in LogEntry.objects.order_by("pk")] == [str(row.pk) for row in drafts]


def test_publish_selected_keeps_schedule(editor):
    later = timezone.now() + timedelta(days=1)
    company = build(Company, state="draft", published_at=later, many={"sources": [build_source()]})
    act(editor, "publish_selected", company, index=0)
    company.refresh_from_db()
    assert (company.state, company.published_at) == ("published", later)


def test_withdraw_selected_asks_for_reason(editor, company):
    page = act(editor, "withdraw_selected", company, build(Company, state="draft"), index=0)
    assert "Unitree" in words(page)
    assert "not published: stays as it is" in words(page)
    assert errors(page) == []
    assert Company.objects.published().count() == 1


@pytest.mark.parametrize("reason", ["", "   ", "x" * 301])
def test_withdraw_selected_without_good_reason(editor, company, reason):
    page = act(editor, "withdraw_selected", company, reason=reason)
    assert len(errors(page)) == 1
    assert controls(page)["reason"] == reason
    assert Company.objects.published().count() == 1
    assert not LogEntry.objects.exists()


def test_withdraw_selected(editor, company):
    draft = build(Company, name="Unready", state="draft")
    page = words(act(editor, "withdraw_selected", company, draft, reason="It was a double."))
    company.refresh_from_db()
    assert (company.state, company.withdrawal_reason) == ("withdrawn", "It was a double.")
    assert "1 company changed." in page
    assert "1 left as before: Unready (not published)" in page
    assert LogEntry.objects.get().change_message == "Withdrawn: It was a double."


def test_failure_midway_undoes_all(editor, company, monkeypatch):
    other = build(Company, name="Zhipu, after the first")
    keep = Company.save

    def fail(record, *args, **kwargs):
        if record.pk == other.pk:
            raise RuntimeError("disk full")
        keep(record, *args, **kwargs)

    monkeypatch.setattr(Company, "save", fail)
    with pytest.raises(RuntimeError, match="disk full"):
        act(editor, "withdraw_selected", company, other, reason="Doubles.")
    assert Company.objects.published().count() == 2


def test_actions_without_permission_to_change(staff, client, company):
    staff.user_permissions.add(Permission.objects.get(codename="view_company"))
    act(client, "withdraw_selected", company, reason="No.")
    company.refresh_from_db()
    assert company.state == "published"


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


def test_place_in_use_not_deleted(chief):
    place = build(Place)
    build(Company, name="Unitree", place=place)
    assert "Unitree" in words(chief.get(address(Place, "delete", place.pk)))


# Sources and statements on pages of their own


def source_fields(**more):
    return {
        "url": "https://example.org/",
        "title": "T",
        "publisher": "P",
        "language": "en",
        "kind": "news",
    } | more


def test_source_without_origin_takes_publisher(editor):
    assert save(editor, address(Source, "add"), key="k", **source_fields()).status_code == 302
    assert Source.objects.get().origin == "P"


def test_source_without_publisher_asks_for_it_once(editor):
    assert len(errors(save(editor, address(Source, "add"), key="k", **source_fields(publisher="")))) == 1


def test_source_known_already_refused(editor):
    build_source(url="https://example.org/")
    assert "already exists" in errors(save(editor, address(Source, "add"), key="k", **source_fields()))[0]


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


def test_statement_about_two_records_refused(editor, company):
    hub = build(Hub)
    response = save(editor, change_page(company.statements.get()), hub=hub.pk)
    assert errors(response) == ["A statement is about exactly one record."]


def test_draft_statement_marked_in_list(editor, company):
    build_statement(company, draft=True)
    assert words(editor.get(address(Statement, "changelist"))).count("Reported, draft") == 1


def test_statement_found_by_its_record(editor, company):
    build_statement(build(Hub))
    rows = editor.get(address(Statement, "changelist"), {"q": "unitree"}).context["cl"].result_list
    assert [row.company for row in rows] == [company]
