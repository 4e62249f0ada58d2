"""The inbox of reports in the admin: what stands first, what stands beside it, who decides, and how."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import Company, Correction
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.admin_pages import change_page, controls, count_queries, errors, parts, words
from tests.builders import build, build_correction, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
INBOX = reverse("admin:ecosystem_correction_changelist")


@pytest.fixture
def company():
    return build(Company, "unitree", name="Unitree", many={"sources": [build_source(title="The prose's")]})


@pytest.fixture
def report(company):
    source = build_source(
        title="The register", url="https://example.org/r", archive_url="https://example.com/r"
    )
    statement = build_statement(
        company, [source], label="Founded", text="2015", note="Doubtful.", date="2020"
    )
    return build_correction(
        company, "open", statement=statement, wrong="It is 2016.", right="2016", contact="me@example.org"
    )


@pytest.fixture
def reviewer(client):
    user = build_user(REVIEWER)
    client.force_login(user)
    return user


def decide(client, correction, **changes):
    page = change_page(correction)
    return client.post(page, controls(client.get(page)) | changes)


def test_open_reports_stand_first_and_longest_waiting_on_top(client, reviewer, company):
    now, day = timezone.now(), timezone.timedelta(days=1)
    for reference, state, age in [("C-0000-0001", "accepted", 1), ("C-0000-0002", "open", 2)]:
        build_correction(company, state, reference=reference, received_at=now - age * day)
    build_correction(company, "open", reference="C-0000-0003", received_at=now - 3 * day)
    build_correction(company, "declined", reference="C-0000-0004", decided_at=now - day)
    cells = [
        cell for cell in parts(client.get(INBOX), "th") if "field-reference" in (cell.get("class") or "")
    ]
    shown = ["".join(cell.itertext())[-1] for cell in cells]
    assert shown == ["3", "2", "1", "4"]


def test_inbox_takes_few_queries_that_do_not_grow(client, reviewer, company, report):
    few = count_queries(client, INBOX)
    for _ in range(20):
        other = build(Company)
        build_correction(other, "open", statement=build_statement(other))
    assert count_queries(client, INBOX) == few <= 25


def test_form_shows_what_the_page_says_beside_the_report(client, reviewer, report):
    response = client.get(change_page(report))
    text = words(response)
    for said in ("It is 2016.", "me@example.org", "Founded: 2015", "Reported", "Doubtful.", "The register"):
        assert said in text
    found = {link.get("href") for link in parts(response, "a")}
    assert {
        "https://example.org/r",
        "https://example.com/r",
        change_page(report.statement),
        reverse("admin:ecosystem_company_change", args=[report.object_id]),
        f"/companies/unitree/#{report.statement.reference}",
    } <= found
    assert count_queries(client, change_page(report)) <= 25


def test_form_of_a_report_about_a_page_shows_its_summary_and_sources(client, reviewer, company):
    response = client.get(change_page(build_correction(company, "open")))
    assert company.summary in words(response)
    assert "The prose's" in words(response)


@pytest.mark.parametrize("state", ["draft", "withdrawn"])
def test_form_of_a_report_about_what_is_not_public_any_more(client, reviewer, company, report, state):
    company.state, company.withdrawal_reason = state, "A double."
    company.save()
    assert client.get(change_page(report)).status_code == 200
    assert client.get(INBOX).status_code == 200
    whole = words(client.get(change_page(build_correction(company, "open"))))
    assert ("Nothing that readers see." in whole) is (state == "draft")


def test_decision_is_stored_with_who_and_when(client, reviewer, report):
    before = timezone.now()
    assert decide(client, report, state="accepted", reason="The register says so.").status_code == 302
    report.refresh_from_db()
    assert (report.state, report.reason, report.decided_by) == ("accepted", "The register says so.", reviewer)
    assert before <= report.decided_at <= timezone.now()
    assert report.contact == "me@example.org"
    assert "The register says so." in client.get("/corrections/").content.decode()
    assert LogEntry.objects.get().user == reviewer


@pytest.mark.parametrize("state", ["accepted", "partly", "declined"])
def test_decision_without_a_reason_refused(client, reviewer, report, state):
    assert errors(decide(client, report, state=state)) == [
        "Say why: readers see it in the log of corrections."
    ]
    report.refresh_from_db()
    assert report.state == "open"


def test_report_can_be_opened_again(client, reviewer, report):
    decide(client, report, state="declined", reason="No.")
    assert decide(client, report, state="open").status_code == 302
    report.refresh_from_db()
    assert (report.state, report.decided_at, report.decided_by) == ("open", None, None)


def test_saving_without_a_new_decision_keeps_its_time(client, reviewer, report):
    decide(client, report, state="declined", reason="No.")
    report.refresh_from_db()
    decided_at = report.decided_at
    decide(client, report, forget="on")
    report.refresh_from_db()
    assert (report.decided_at, report.contact) == (decided_at, "")


def test_second_decision_at_the_same_time_refused_once(client, reviewer, report):
    page = change_page(report)
    mine = controls(client.get(page)) | {"state": "declined", "reason": "Mine."}
    decide(client, report, state="accepted", reason="Theirs.")
    response = client.post(page, mine)
    assert "Somebody has decided this" in errors(response)[0]
    report.refresh_from_db()
    assert report.reason == "Theirs."
    # What was typed is still there, and goes through once it has been seen.
    assert controls(response)["reason"] == "Mine."
    assert client.post(page, controls(response) | {"state": "declined"}).status_code == 302
    report.refresh_from_db()
    assert report.reason == "Mine."


def test_contact_deleted_by_form(client, reviewer, report):
    decide(client, report, forget="on")
    report.refresh_from_db()
    assert (report.contact, report.state) == ("", "open")
    assert "forget" not in controls(client.get(change_page(report)))


def test_contacts_deleted_by_action(client, reviewer, company, report):
    without = build_correction(company, "open")
    data = {"action": "delete_contacts", "_selected_action": [report.pk, without.pk]}
    assert "Contacts deleted: 1." in words(client.post(INBOX, data, follow=True))
    report.refresh_from_db()
    assert report.contact == ""
    assert LogEntry.objects.get().change_message == "Deleted the contact."


def test_author_reads_and_decides_nothing(client, report):
    client.force_login(build_user(AUTHOR))
    response = client.get(change_page(report))
    assert response.status_code == 200
    assert "It is 2016." in words(response)
    assert not {"state", "reason", "forget", "seen"} & controls(response).keys()
    assert client.post(change_page(report), {"state": "accepted", "reason": "I"}).status_code == 403
    client.post(INBOX, {"action": "delete_contacts", "_selected_action": [report.pk]})
    report.refresh_from_db()
    assert (report.state, report.contact) == ("open", "me@example.org")


def test_reviewer_deletes_no_report(client, reviewer, report):
    assert client.post(reverse("admin:ecosystem_correction_delete", args=[report.pk])).status_code == 403


def test_chief_editor_deletes_what_is_no_report(client, report):
    client.force_login(build_user(CHIEF_EDITOR))
    client.post(reverse("admin:ecosystem_correction_delete", args=[report.pk]), {"post": "yes"})
    assert not Correction.objects.exists()


def test_words_of_strangers_are_escaped(client, reviewer, company):
    correction = build_correction(company, "open", wrong="<script>alert(1)</script>", evidence="<b>x</b>")
    response = client.get(change_page(correction))
    assert "<script>alert(1)</script>" in words(response)
    assert parts(response, "b") == []
