"""The editors' history: who changed what, any two versions side by side, restoring, what was deleted."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from ecosystem.models import RECORDS, Change, Company, Place, Sector, Source, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR, REVIEWER
from tests.admin_pages import MOST_QUERIES, address, controls, count_queries, errors, parts, save, words
from tests.builders import build, build_source, build_statement, build_user

pytestmark = pytest.mark.django_db
CONTENT = (*RECORDS, Sector, Place, Source)


@pytest.fixture
def chief(client):
    client.force_login(build_user(CHIEF_EDITOR, "ada"))
    return client


@pytest.fixture
def company(commit):
    with commit():
        since = timezone.now().replace(microsecond=0) - timedelta(days=1)
        sources, sectors = [build_source("prose")], [build(Sector, "robotics")]
        many = {"sources": sources, "sectors": sectors}
        company = build(Company, "unitree", name="Unitree", published_at=since, many=many)
        build_statement(company, [build_source("first")], text="Old text.", reference="first")
    return company


def history(row):
    return address(type(row), "history", row.pk)


def restore_page(change):
    return reverse("admin:ecosystem_change_restore", args=[change.pk])


def log_of(row):
    return Change.objects.filter(kind=row._meta.model_name, object_id=row.pk).order_by("pk")


def change_page(row):
    return address(type(row), "change", row.pk)


def told(response):
    """Of each entry, newest first: the differences as (field, before, after), None for the first state."""
    return [
        entry.differences and [(item.label, item.before, item.after) for item in entry.differences]
        for entry in response.context["entries"]
    ]


def edited(commit, client, row, **changes):
    with commit():
        response = save(client, change_page(row), **changes)
    assert response.status_code == 302, errors(response)


def withdraw(commit, record):
    with commit():
        record.state, record.withdrawal_reason = "withdrawn", "A double."
        record.save()


# The list


def test_history_tells_who_changed_what_field_by_field(chief, company, commit):
    sector = build(Sector, "chips", name="Chips")
    edited(commit, chief, company, summary="Better.", sectors=[sector.pk], row0_text="New text.")
    with commit():
        build_statement(company, [], text="Held back.", draft=True, label="Rumour")
    page = chief.get(history(company))
    assert told(page) == [
        [("Fact “Rumour”", "", "Held back. (reported, held back)")],
        [
            ("Summary", "What unitree is.", "Better."),
            ("Sectors", "Robotics", "Chips"),
            ("Fact “Founded”, text", "Old text.", "New text."),
        ],
        None,
    ]
    assert "by ada, readers see it since" in words(page)
    assert "by no editor (a command or a load), not for readers" in words(page)
    assert "The first state that was kept." in words(page)


def test_history_tells_of_state_and_reason(chief, company, commit):
    withdraw(commit, company)
    page = chief.get(history(company))
    assert ("State", "Published", "Withdrawn") in told(page)[0]
    assert "Reason: A double." in words(page)


def test_history_names_drafts_and_what_was_deleted(chief, company, commit):
    with commit():
        hidden = build(Company, "hidden", name="Hidden", state="draft")
        company.parent = hidden
        company.save()
    with commit():
        company.parent = None
        company.save()
    assert told(chief.get(history(company)))[:2] == [
        [("Parent", "Hidden", "")],
        [("Parent", "", "Hidden")],
    ]
    hidden.delete()
    assert told(chief.get(history(company)))[0] == [("Parent", "hidden (deleted since)", "")]


def test_history_of_statement_is_that_of_its_record(chief, company):
    page = chief.get(history(company.statements.get()))
    assert (page.context["original"], told(page)) == (company, [None])


@pytest.mark.parametrize("model", CONTENT)
def test_history_of_every_kind(chief, model, commit):
    with commit():
        row = build_source() if model is Source else build(model)
    name = "title" if model is Source else "name"
    with commit():
        setattr(row, name, "Better")
        row.save()
    assert [item[2] for item in told(chief.get(history(row)))[0]] == ["Better"]


def test_history_has_pages(chief, company, commit):
    for n in range(21):
        with commit():
            company.summary = f"Summary {n}."
            company.save()
    first, second = (chief.get(history(company), {"page": n}) for n in (1, 2))
    assert told(first)[-1] == [("Summary", "Summary 0.", "Summary 1.")]
    assert told(second) == [[("Summary", "What unitree is.", "Summary 0.")], None]
    assert "Page 2 of 2" in words(second)


def test_history_costs_the_same_for_many_changes(chief, company, commit):
    few = count_queries(chief, history(company))
    for n in range(10):
        edited(commit, chief, company, summary=f"Summary {n}.", sectors=[build(Sector).pk])
    assert few <= count_queries(chief, history(company)) <= min(few + 3, MOST_QUERIES)


def test_history_of_a_redacted_change_says_so(chief, company, commit):
    edited(commit, chief, company, summary="Better.")
    Change.objects.filter(pk=log_of(company)[0].pk).update(snapshot=None, whole=None)
    page = chief.get(history(company))
    assert told(page) == [None, None]
    assert "was removed from the history" in words(page)


@pytest.mark.parametrize("key", ["0", "9" * 18])
def test_history_of_nothing_leads_away(chief, key):
    assert chief.get(address(Company, "history", key)).status_code == 302


@pytest.mark.parametrize("key", ["x", "9" * 30, "1.5"])
def test_history_of_no_number_is_not_found(chief, key):
    assert chief.get(address(Company, "history", key)).status_code == 404


# Any two


def test_any_two_versions_compared(chief, company, commit):
    for n in range(3):
        edited(commit, chief, company, summary=f"Summary {n}.")
    first, *_, last = log_of(company)
    for a, b in ((first, last), (last, first)):
        found = chief.get(history(company), {"a": a.pk, "b": b.pk}).context["comparison"]
        assert [(item.before, item.after) for item in found["differences"]] == [
            ("What unitree is.", "Summary 2.")
        ]


@pytest.mark.parametrize("query", [{"a": "1"}, {"a": "x", "b": "y"}, {"a": "9" * 30, "b": "1"}])
def test_comparison_of_less_than_two_asks_for_two(chief, company, query):
    assert "Choose two different versions" in words(chief.get(history(company), query))


def test_versions_of_another_record_not_compared(chief, company, commit):
    with commit():
        other = build(Company)
    query = {"a": log_of(company).first().pk, "b": log_of(other).first().pk}
    assert "Choose two different versions" in words(chief.get(history(company), query))


# Restoring


def test_version_restored_after_a_look(chief, company, commit):
    edited(commit, chief, company, summary="Worse.", row0_text="Worse text.")
    with commit():
        build_statement(company, [build_source()], label="Added")
    change = log_of(company)[0]
    page = chief.get(restore_page(change))
    assert [(item.label, item.before, item.after) for item in page.context["differences"]] == [
        ("Summary", "Worse.", "What unitree is."),
        ("Fact “Founded”, text", "Worse text.", "Old text."),
        ("Fact “Added”", page.context["differences"][2].before, ""),
    ]
    with commit():
        response = chief.post(restore_page(change), controls(page) | {"reason": "A mistake."})
    assert response["Location"] == change_page(company)
    company.refresh_from_db()
    assert (company.summary, company.statements.get().text) == ("What unitree is.", "Old text.")
    newest = log_of(company).last()
    assert (newest.user.username, newest.whole) == ("ada", change.whole)
    assert newest.reason.startswith("Restored the version of ")
    assert newest.reason.endswith(": A mistake.")
    assert "readers see it since" in words(chief.get(history(company)))


def test_restoring_asks_for_a_reason(chief, company, commit):
    edited(commit, chief, company, summary="Worse.")
    page = chief.get(restore_page(log_of(company)[0]))
    again = chief.post(restore_page(log_of(company)[0]), controls(page))
    assert len(errors(again)) == 1
    company.refresh_from_db()
    assert company.summary == "Worse."


def test_restoring_over_a_save_meanwhile_asks_again(chief, company, commit):
    edited(commit, chief, company, summary="Worse.")
    change = log_of(company)[0]
    form = controls(chief.get(restore_page(change))) | {"reason": "A mistake."}
    edited(commit, chief, company, summary="Another.")
    again = chief.post(restore_page(change), form)
    assert "Somebody saved this record after you opened the page" in errors(again)[0]
    company.refresh_from_db()
    assert company.summary == "Another."
    assert chief.post(restore_page(change), controls(again)).status_code == 302
    company.refresh_from_db()
    assert company.summary == "What unitree is."


def test_version_with_an_obstacle_has_no_button(chief, company):
    page = chief.get(restore_page(log_of(company).last()))
    assert errors(page) == ["It says the same today."]
    assert "Restore" not in [field.get("value") for field in parts(page, "input")]
    form = {"reason": "No.", "seen": "x"}
    assert chief.post(restore_page(log_of(company).last()), form).status_code == 200


def test_version_that_breaks_a_rule_of_published_records_refused(chief, company, commit):
    """As a save of the form would be: the founding year of that version has lost its statement."""
    with commit():
        company.founded = "2016"
        company.save()
    with commit():
        company.founded = ""
        company.save()
        company.statements.all().delete()
    change = log_of(company)[1]
    Change.objects.filter(pk=change.pk).update(whole=change.whole | {"statements": []})
    form = controls(chief.get(restore_page(change))) | {"reason": "A mistake."}
    again = chief.post(restore_page(change), form)
    [complaint] = errors(again)
    assert complaint.startswith("Unitree: founded is filled, but no statement supports it")
    company.refresh_from_db()
    assert company.founded is None or company.founded == ""


def test_version_that_was_not_kept_is_not_found(chief, company):
    change = log_of(company)[0]
    Change.objects.filter(pk=change.pk).update(whole=None)
    assert chief.get(restore_page(change)).status_code == 404
    assert "Restore this version" not in words(chief.get(history(company)))


def test_page_of_restoring_costs_the_same_for_many_statements(chief, company, commit):
    def cost():
        edited(commit, chief, company, summary=f"Summary {company.statements.count()}.")
        return count_queries(chief, restore_page(log_of(company).reverse()[1]))

    few = cost()
    with commit():
        for _ in range(20):
            build_statement(company, [build_source()])
    assert cost() == few <= MOST_QUERIES


# What was deleted


def test_deleted_record_listed_and_brought_back(chief, commit):
    with commit():
        draft = build(Company, "lost", name="Lost", state="draft", published_at=None)
        build_statement(draft, [build_source()], text="Kept.", reference="kept")
    change, key = log_of(draft)[0], draft.pk
    with commit():
        chief.post(address(Company, "delete", key), {"post": "yes"})
    listed = chief.get(reverse("admin:ecosystem_change_deleted"))
    assert "Lost company" in words(listed)
    page = chief.get(address(Company, "history", key))
    assert "This company was deleted." in words(page)
    form = controls(chief.get(restore_page(change))) | {"reason": "Wrongly deleted."}
    with commit():
        assert chief.post(restore_page(change), form).status_code == 302
    back = Company.objects.get(pk=key)
    assert (back.name, back.state, back.statements.get().text) == ("Lost", "draft", "Kept.")
    assert "Nothing was deleted." in words(chief.get(reverse("admin:ecosystem_change_deleted")))
    assert log_of(back).last().action == "created"


def test_withdrawn_record_brought_back_by_its_state(chief, company, commit):
    company.hub_link = "unknown"
    withdraw(commit, company)
    assert chief.get(company.get_absolute_url()).status_code == 410
    edited(commit, chief, company, _step="publish")
    assert chief.get(company.get_absolute_url()).status_code == 200


def test_list_of_deleted_records_costs_the_same_for_many(chief, commit):
    def cost(number):
        with commit():
            rows = [build(Company, state="draft") for _ in range(number)]
        with commit():
            for row in rows:
                row.delete()
        return count_queries(chief, reverse("admin:ecosystem_change_deleted"))

    assert cost(1) == cost(10) <= MOST_QUERIES


# Who may


@pytest.mark.parametrize(
    ("role", "status"), [(None, 403), (AUTHOR, 403), (REVIEWER, 200), (CHIEF_EDITOR, 200)]
)
def test_public_record_restored_by_who_may_change_it(client, company, commit, role, status):
    with commit():
        company.summary = "Worse."
        company.save()
    client.force_login(build_user(role))
    change = log_of(company)[0]
    assert client.get(restore_page(change)).status_code == status
    assert client.post(restore_page(change), {"reason": "No.", "seen": "x"}).status_code == status
    assert client.get(history(company)).status_code == (403 if role is None else 200)
    offered = "Restore this version" in client.get(history(company)).content.decode()
    assert offered == (status == 200)


@pytest.mark.parametrize(
    ("role", "status"), [(None, 403), (AUTHOR, 403), (REVIEWER, 403), (CHIEF_EDITOR, 200)]
)
def test_deleted_record_brought_back_by_who_may_delete(client, commit, role, status):
    with commit():
        draft = build(Company, state="draft", published_at=None)
    change, key = log_of(draft)[0], draft.pk
    with commit():
        draft.delete()
    client.force_login(build_user(role))
    assert client.get(restore_page(change)).status_code == status
    assert client.post(restore_page(change), {"reason": "No."}).status_code == status
    listed = client.get(reverse("admin:ecosystem_change_deleted"))
    assert listed.status_code == (403 if role is None else 200)
    assert not Company.objects.filter(pk=key).exists()


def test_author_restores_a_draft(client, commit):
    with commit():
        draft = build(Company, state="draft", published_at=None)
        build_statement(draft, [], draft=True, text="Old.")
    with commit():
        Statement.objects.get().delete()
    client.force_login(build_user(AUTHOR))
    change = log_of(draft)[0]
    form = controls(client.get(restore_page(change))) | {"reason": "Needed after all."}
    assert client.post(restore_page(change), form).status_code == 302
    assert Statement.objects.get().text == "Old."
