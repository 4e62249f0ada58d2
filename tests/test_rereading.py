"""The day on which a person last read the sources: what moves it, and that nothing else does."""

from datetime import date

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Change, Company, Factor, Statement
from ecosystem.restoring import Restoration
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from ecosystem.whole import state_of
from tests.admin_pages import address, change_page, controls, errors, parts, save, words
from tests.builders import build, build_source, build_statement, build_user
from tests.test_admin import act
from tests.test_importing import bring, csv_file, dry_run

pytestmark = pytest.mark.django_db
THEN, TODAY = date(2024, 2, 29), timezone.localdate()


@pytest.fixture
def reviewer(client):
    client.force_login(build_user(REVIEWER))
    return client


@pytest.fixture
def company():
    """Read long ago, with two statements of which one was never read."""
    company = build(Company, "unitree", name="Unitree", checked_on=THEN, many={"sources": [build_source()]})
    build_statement(company, label="First", checked_on=THEN, position=1)
    build_statement(company, label="Second", position=2)
    return company


def days(company):
    """The day of the record, then those of its statements."""
    company.refresh_from_db()
    return [company.checked_on, *company.statements.values_list("checked_on", flat=True)]


# What moves it


def test_box_in_the_form_moves_the_day_of_the_record_alone(reviewer, company):
    assert save(reviewer, change_page(company), reread="on").status_code == 302
    assert days(company) == [TODAY, THEN, None]


def test_second_box_moves_the_days_of_all_statements(reviewer, company):
    save(reviewer, change_page(company), reread="on", reread_statements="on")
    assert days(company) == [TODAY, TODAY, TODAY]


def test_box_beside_a_closed_row_moves_the_day_of_that_statement(reviewer, company):
    assert save(reviewer, change_page(company), row1_reread="on").status_code == 302
    assert days(company) == [THEN, THEN, TODAY]
    assert company.statements.last().label == "Second"
    entry = LogEntry.objects.filter(object_id=company.statements.last().pk).get()
    assert entry.change_message == "Re-read the sources."


def test_box_beside_a_new_row_moves_its_day(reviewer, company):
    source = build_source()
    fields = {"label": "Third", "kind": "fact", "text": "2016", "sources": source.pk, "status": "reported"}
    new = {f"row2_{name}": value for name, value in fields.items()}
    assert save(reviewer, change_page(company), row2_reread="on", **new).status_code == 302
    assert days(company) == [THEN, THEN, None, TODAY]


def test_box_beside_an_empty_row_does_nothing(reviewer, company):
    assert save(reviewer, change_page(company), row2_reread="on").status_code == 302
    assert days(company) == [THEN, THEN, None]


def test_ticked_box_stays_ticked_when_the_form_comes_back(reviewer, company):
    response = save(reviewer, change_page(company), name="", row1_reread="on", reread="on")
    assert errors(response)
    assert {"statements-1-reread", "reread"} <= controls(response).keys()
    assert days(company) == [THEN, THEN, None]


def test_box_on_the_page_of_a_statement(reviewer, company):
    statement = company.statements.first()
    save(reviewer, change_page(statement), reread="on")
    assert days(company) == [THEN, TODAY, None]


@pytest.mark.parametrize("model", RECORDS)
def test_action_moves_the_days_of_selected_records(reviewer, model):
    chosen, other = (build(model, slug, checked_on=THEN) for slug in ("chosen", "other"))
    build_statement(chosen, checked_on=THEN)
    before = chosen.updated_at
    assert "Sources read today: 1" in words(act(reviewer, "mark_reread", chosen))
    assert days(chosen) == [TODAY, THEN]
    assert days(other) == [THEN]
    # Nothing was edited.
    assert chosen.updated_at == before


def test_action_with_statements_moves_their_days_too(reviewer, company):
    act(reviewer, "mark_reread_with_statements", company)
    assert days(company) == [TODAY, TODAY, TODAY]


def test_action_in_the_list_of_statements(reviewer, company):
    act(reviewer, "mark_reread", company.statements.last())
    assert days(company) == [THEN, THEN, TODAY]
    assert LogEntry.objects.get().change_message == "Re-read the sources."


def test_reading_is_told_in_the_history(reviewer, company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        company.save()
    with django_capture_on_commit_callbacks(execute=True):
        act(reviewer, "mark_reread", company)
    change = Change.objects.filter(kind="company").first()
    assert (change.summary, change.reason) == ("Checked on", "The sources were read again.")


def test_page_shows_the_days(client, company):
    statement = company.statements.first()
    statement.checked_on = TODAY
    statement.save()
    page = client.get("/companies/unitree/").content.decode()
    assert 'sources last read <time datetime="2024-02-29">' in page
    assert f'read <time datetime="{TODAY}">' in page


# Who may


def test_author_reads_for_drafts_and_not_for_what_is_public(client, company):
    client.force_login(build_user(AUTHOR))
    draft = build(Company, "draft", state="draft", published_at=None)
    page = words(act(client, "mark_reread", company, draft))
    assert "Not yours to change: Unitree." in page
    assert days(company) == [THEN, THEN, None]
    assert days(draft) == [TODAY]


def test_author_has_no_box_for_what_is_public(client, company):
    client.force_login(build_user(AUTHOR))
    response = client.get(change_page(company))
    boxes = [field.get("name") for field in parts(response, "input") if "reread" in field.get("name", "")]
    assert boxes == []
    client.post(change_page(company), {"reread": "on", "statements-0-reread": "on"})
    assert days(company) == [THEN, THEN, None]


def test_who_may_not_change_statements_reads_for_the_page_alone(client, company):
    user = build_user()
    names = ["view_company", "change_company", "publish_company"]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client.force_login(user)
    sent = {"reread": "on", "reread_statements": "on", "statements-0-reread": "on"}
    assert save(client, change_page(company), **sent).status_code == 302
    act(client, "mark_reread_with_statements", company)
    assert days(company) == [TODAY, THEN, None]


# What does not


@pytest.mark.parametrize("page", ["company", "statement"])
def test_no_form_has_a_field_for_the_day(reviewer, company, page):
    row = company if page == "company" else company.statements.first()
    for url in (change_page(row), address(type(row), "add")):
        assert not [name for name in controls(reviewer.get(url)) if "checked_on" in name]


def test_day_sent_along_is_ignored(reviewer, company):
    url = change_page(company)
    sent = {"checked_on": "2026-01-01", "statements-0-checked_on": "2026-01-01"}
    reviewer.post(url, controls(reviewer.get(url)) | sent)
    assert days(company)[0] == THEN


def test_edit_leaves_the_day(reviewer, company):
    assert save(reviewer, change_page(company), summary="Another summary.").status_code == 302
    assert company.statements.count() == 2
    statement = company.statements.first()
    assert save(reviewer, change_page(statement), text="2017").status_code == 302
    assert days(company) == [THEN, THEN, None]


def test_publication_and_withdrawal_leave_the_day(reviewer):
    factor = build(
        Factor, state="draft", published_at=None, checked_on=THEN, many={"sources": [build_source()]}
    )
    build_statement(factor, checked_on=THEN)
    act(reviewer, "publish_selected", factor)
    assert (days(factor), factor.state) == ([THEN, THEN], "published")
    act(reviewer, "withdraw_selected", factor, reason="A double.")
    assert (days(factor), factor.state) == ([THEN, THEN], "withdrawn")


def test_restored_version_leaves_the_days(company):
    then = state_of(Company, company.pk)
    company.summary, company.checked_on = "Another summary.", TODAY
    company.save()
    first, second = company.statements.all()
    first.text, first.checked_on = "2017", TODAY
    first.save()
    second.delete()
    Restoration(Company, company.pk, then).apply()
    assert (days(company), company.summary) == ([TODAY, TODAY, None], "What unitree is.")
    assert company.statements.first().text == "2016"


def test_import_leaves_the_day_and_has_no_column_for_it(client, company):
    client.force_login(build_user(CHIEF_EDITOR))
    bring(client, Company, {"slug": "unitree", "summary": "From a table."})
    assert days(company) == [THEN, THEN, None]
    assert company.summary == "From a table."
    first = company.statements.first()
    bring(client, Statement, {"reference": first.reference, "text": "2017"})
    assert days(company) == [THEN, THEN, None]
    assert company.statements.first().text == "2017"
    for column in ("checked_on", "reread"):
        page = dry_run(client, Company, csv_file({"slug": "unitree", column: "2026-01-01"}))
        assert f"There is no column “{column}”" in words(page)


def test_list_of_what_to_read_grows_shorter(reviewer, company):
    listed = {"queue": "unread"}
    url = reverse("admin:ecosystem_statement_changelist")
    assert reviewer.get(url, listed).context["cl"].result_count == 2
    act(reviewer, "mark_reread", *Statement.objects.all())
    assert reviewer.get(url, listed).context["cl"].result_count == 0
