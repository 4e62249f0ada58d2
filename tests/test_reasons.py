"""Why something was changed: asked beside the change, told in its history."""

import pytest
from django.utils import timezone

from ecosystem.models import Change, Company, Source, Statement
from ecosystem.roles import AUTHOR, REVIEWER
from tests.admin_pages import address, change_page, controls, filled, save, words
from tests.builders import build, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
WHY = "The register says so."


@pytest.fixture
def commit(django_capture_on_commit_callbacks):
    return lambda: django_capture_on_commit_callbacks(execute=True)


@pytest.fixture
def company(commit):
    with commit():
        since = timezone.now().replace(microsecond=0)
        company = build(
            Company, "unitree", name="Unitree", published_at=since, many={"sources": [build_source("prose")]}
        )
        build_statement(
            company, [build_source("first")], label="Employees", key="employees", text="About 500."
        )
    return company


def log_in(client, role=REVIEWER):
    client.force_login(build_user(role, role.lower()))
    return client


@pytest.mark.parametrize(
    ("row", "typed", "kind"),
    [
        (lambda: Company.objects.get(), {"summary": "Makes robots."}, "company"),
        (lambda: Company.objects.get(), {"row0_text": "About 600."}, "company"),
        (lambda: Statement.objects.get(), {"text": "About 600."}, "company"),
        (lambda: Source.objects.get(key="prose"), {"title": "Other"}, "source"),
    ],
    ids=["record", "row", "statement", "source"],
)
def test_reason_of_a_save_stands_in_the_history_and_the_public_log(client, company, commit, row, typed, kind):
    with commit():
        assert save(log_in(client), change_page(row()), reason=WHY, **typed).status_code == 302
    change = Change.objects.filter(kind=kind).first()
    assert (change.reason, change.action) == (WHY, "changed")
    client.logout()
    assert WHY in client.get("/changes/").content.decode()


def test_reason_is_asked_anew_each_time(client, company, commit):
    with commit():
        save(log_in(client), change_page(company), reason=WHY, summary="Makes robots.")
    assert controls(client.get(change_page(company)))["reason"] == ""
    with commit():
        save(client, change_page(company), summary="Makes dogs.")
    assert Change.objects.filter(kind="company").first().reason == ""


def test_reason_alone_changes_nothing(client, company, commit):
    number = Change.objects.count()
    with commit():
        save(log_in(client), change_page(company), reason=WHY)
    assert Change.objects.count() == number


def test_reason_not_asked_of_who_may_only_look(client, company):
    page = log_in(client, AUTHOR).get(change_page(company))
    assert "This change" not in words(page)
    assert 'name="reason"' not in page.content.decode()


def test_draft_sent_back_tells_its_author_why(client, company, commit):
    company = build(Company, state="review", published_at=None)
    sent = filled(log_in(client), change_page(company), reason="Give a second source.", _step="draft")
    with commit():
        assert client.post(change_page(company), sent).status_code == 302
    page = words(log_in(client, AUTHOR).get(change_page(company)))
    assert "reviewer, " in page
    assert "Give a second source." in page
    client.logout()
    assert "second source" not in client.get("/changes/").content.decode()


def test_new_record_has_a_reason_too(client, commit):
    with commit():
        save(log_in(client, AUTHOR), address(Company, "add"), name="A", slug="a", reason=WHY)
    assert Change.objects.get().reason == WHY
