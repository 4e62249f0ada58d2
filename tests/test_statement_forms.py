"""Statements typed into their record's form: what is asked of them, what a row costs, how one is opened."""

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from ecosystem.models import RECORDS, Breakthrough, Company, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR
from tests.admin_pages import MOST_QUERIES, address, change_page, controls, errors, filled, parts, save, words
from tests.builders import build, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(client):
    """The browser of a chief editor."""
    client.force_login(build_user(CHIEF_EDITOR))
    return client


@pytest.fixture
def company():
    """Published, with one source for its prose and one statement."""
    company = build(Company, "unitree", name="Unitree", many={"sources": [build_source("prose")]})
    build_statement(company, [build_source("first")], label="Employees", text="", value=1000, unit="people")
    return company


def row_page(statement):
    return reverse("admin:ecosystem_statement_row", args=[statement.pk])


def test_twelve_sourced_facts_in_one_save(editor):
    source = build_source()
    rows = {f"row{n}_{name}": value for n in range(12) for name, value in fact(n, source).items()}
    changes = {"name": "Deep Robotics", "slug": "deep-robotics", "statements-TOTAL_FORMS": 12}
    assert save(editor, address(Company, "add"), **changes, **rows).status_code == 302
    statements = Company.objects.get(slug="deep-robotics").statements.all()
    assert [statement.label for statement in statements] == [f"Label {n}" for n in range(12)]
    assert all(statement.sources.get() == source for statement in statements)
    assert len({statement.reference for statement in statements}) == 12
    assert {statement.status for statement in statements} == {"reported"}


def fact(n, source):
    return {
        "label": f"Label {n}",
        "kind": "fact",
        "text": "2016",
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


def test_twelve_rows_refused_cost_no_query_each(editor):
    source = build_source()
    costs = []
    for number in (2, 12):
        rows = {f"row{n}_{name}": value for n in range(number) for name, value in fact(n, source).items()}
        changes = {"slug": "no-name", "statements-TOTAL_FORMS": number, **rows}
        data = filled(editor, address(Company, "add"), **changes)
        ContentType.objects.clear_cache()
        with CaptureQueriesContext(connection) as queries:
            assert errors(editor.post(address(Company, "add"), data)) == ["This field is required."]
        costs.append(sum("SAVEPOINT" not in query["sql"] for query in queries))
    assert costs[0] == costs[1] <= MOST_QUERIES


def test_new_rows_stand_last_in_the_order_of_typing(editor, company):
    company.statements.update(position=7)
    source = build_source()
    rows = {f"row{n}_{name}": value for n in (1, 2) for name, value in fact(n, source).items()}
    save(editor, change_page(company), **{"statements-TOTAL_FORMS": 3}, **rows)
    assert [row.position for row in company.statements.all()] == [7, 8, 9]


def test_typed_position_kept_and_emptied_one_too(editor, company):
    assert save(editor, change_page(company), row0_position=3).status_code == 302
    assert save(editor, change_page(company), row0_position="").status_code == 302
    assert company.statements.get().position == 3


def test_status_left_open_becomes_what_sources_allow(editor, company):
    pair = [build_source(origin="Xinhua").pk, build_source(origin="Reuters").pk]
    for status, sources in (("corroborated", pair), ("self-reported", [build_source(origin="Unitree").pk])):
        changes = {"row0_status": "", "row0_sources": sources}
        assert save(editor, change_page(company), **changes).status_code == 302
        assert company.statements.get().status == status


@pytest.mark.parametrize("status", ["reported", "self-reported"])
def test_weaker_status_taken(editor, company, status):
    pair = [build_source(origin="Xinhua").pk, build_source(origin="Reuters").pk]
    changes = {"row0_status": status, "row0_sources": pair}
    assert save(editor, change_page(company), **changes).status_code == 302


def test_makers_typed_in_the_same_form_speak_for_it(editor):
    firm = build(Company, name="Unitree")
    source = build_source(origin="Unitree")
    changes = {"name": "R1", "slug": "r1", "kind": "milestone", "companies": [firm.pk]}
    rows = {f"row0_{name}": value for name, value in fact(0, source).items()}
    assert save(editor, address(Breakthrough, "add"), **changes, **rows).status_code == 302
    assert Statement.objects.get().status == "self-reported"


@pytest.mark.parametrize("status", ["disputed", "unsupported"])
def test_doubt_without_a_note_refused(editor, company, status):
    [complaint] = errors(save(editor, change_page(company), row0_status=status))
    assert complaint.startswith("Say ")
    assert (
        save(editor, change_page(company), row0_status=status, row0_note="2,000, says A.").status_code == 302
    )


def test_rival_of_a_closed_row_needs_no_note(editor, company):
    Statement.objects.get(label="Employees").delete()
    source = build_source()
    build_statement(company, [source], key="employees", text="500")
    changes = {f"row1_{name}": value for name, value in fact(1, source).items()}
    changes |= {"row1_status": "disputed"}
    assert len(errors(save(editor, change_page(company), **changes))) == 1
    assert save(editor, change_page(company), **changes, row1_key="employees").status_code == 302
    # Nor does a rival on the statement's own page.
    second = company.statements.last()
    assert save(editor, change_page(second), text="700").status_code == 302


def test_status_of_statement_on_its_own_page_held_against_sources(editor, company):
    said = company.statements.get()
    assert "at most" in errors(save(editor, change_page(said), status="corroborated"))[0]
    assert save(editor, change_page(said), status="").status_code == 302


# Rows that are closed


def test_closed_row_sends_its_key_alone(editor, company):
    sent = controls(editor.get(change_page(company)))
    of_row = {name for name in sent if name.startswith("statements-0-")}
    assert of_row == {"statements-0-id"}
    page = words(editor.get(change_page(company)))
    assert "Employees: 1,000 people Reported, 1 source" in page


def test_row_opened_with_what_its_sources_allow(editor, company):
    said = company.statements.get()
    response = editor.get(row_page(said), {"row": 4})
    sent = controls(response)
    assert sent["statements-4-value"] == "1000"
    assert sent["statements-4-sources"] == [str(said.sources.get().pk)]
    assert "These sources allow “Reported”. One original publisher (Publisher of first)." in words(response)


def test_row_escapes_what_others_wrote(editor, company):
    said = company.statements.get()
    said.sources.set([build_source(origin="<img src=x onerror=alert(1)>")])
    assert "<img src=x" not in editor.get(row_page(said)).content.decode()


def test_row_with_an_error_stays_open(editor, company):
    build_statement(company, label="Other")
    response = save(editor, change_page(company), row0_unit="")
    assert controls(response)["statements-0-unit"] == ""
    assert "statements-1-label" not in controls(response)


def test_row_that_a_colleague_deleted_stays_deleted(editor, company):
    data = filled(editor, change_page(company), summary="Better.")
    Statement.objects.all().delete()
    editor.post(change_page(company), data)
    assert not company.statements.exists()


def test_row_leads_to_its_own_page_without_script(editor, company):
    links = {
        link.get("href"): link.get("data-fields") for link in parts(editor.get(change_page(company)), "a")
    }
    assert links[change_page(company.statements.get())] == row_page(company.statements.get())


def test_row_of_public_record_closed_to_author(client, company):
    client.force_login(build_user(AUTHOR))
    said = company.statements.get()
    assert client.get(row_page(said)).status_code == 403
    page = client.get(change_page(company))
    assert "Employees: 1,000 people" in words(page)
    assert not [link for link in parts(page, "a") if link.get("data-fields")]
    company.state = "draft"
    company.save()
    assert client.get(row_page(said)).status_code == 200


@pytest.mark.parametrize("model", RECORDS)
def test_row_of_each_kind_of_record(editor, model):
    assert "statements-0-label" in controls(editor.get(row_page(build_statement(build(model)))))


def test_row_costs_few_queries(editor, company):
    ContentType.objects.clear_cache()
    with CaptureQueriesContext(connection) as queries:
        editor.get(row_page(company.statements.get()))
    assert len(queries) <= MOST_QUERIES


# What the form asks while it is typed


def allowed_status(client, model, **query):
    return client.get(address(model, "allowed_status"), query).json()["text"]


def test_allowed_status_of_typed_company(editor):
    sources = [build_source(origin="Unitree").pk]
    assert "Only the subject" in allowed_status(editor, Company, sources=sources, name="Unitree")
    assert "Only the subject" in allowed_status(
        editor, Company, sources=sources, other_names="Yushu\nUnitree"
    )
    owner = build(Company, name="Unitree")
    assert "Only the subject" in allowed_status(editor, Company, sources=sources, name="A", parent=owner.pk)
    assert "One original publisher (Unitree)" in allowed_status(editor, Company, sources=sources, name="A")


def test_allowed_status_of_typed_breakthrough(editor):
    sources, firm = [build_source(origin="Unitree").pk], build(Company, name="Unitree")
    text = allowed_status(editor, Breakthrough, sources=sources, companies=[firm.pk])
    assert "“Self-reported”" in text


@pytest.mark.parametrize("sources", ["", "x", "9" * 30, "-1"])
def test_allowed_status_of_no_source(editor, sources):
    assert allowed_status(editor, Company, sources=sources) == "No source yet."
