"""Two editors at once: the second save is refused, shows both versions, and can be made knowingly."""

import sqlite3
import threading
from contextlib import closing
from datetime import timedelta

import pytest
from django.contrib import admin
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.formats import date_format

from ecosystem.admin.editorial import RecordAdmin
from ecosystem.models import RECORDS, Change, Company, Place, Sector, Source, Statement
from ecosystem.roles import AUTHOR, CHIEF_EDITOR
from tests.admin_pages import (
    MOST_QUERIES,
    address,
    change_page,
    controls,
    errors,
    filled,
    open_row,
    parts,
    words,
)
from tests.builders import build, build_source, build_statement, build_user
from tests.test_admin import one_of

pytestmark = pytest.mark.django_db
MODELS = (*RECORDS, Sector, Place, Source, Statement)
each_model = pytest.mark.parametrize("model", MODELS)
REFUSED = "saved this after you opened it"


@pytest.fixture
def ada(client):
    client.force_login(build_user(CHIEF_EDITOR, "ada"))
    return client


def log_in(name, role=CHIEF_EDITOR):
    client = Client()
    client.force_login(build_user(role, name))
    return client


@pytest.fixture
def company(commit):
    """In review: of what is public no column may be filled without a statement."""
    with commit():
        since = timezone.now().replace(microsecond=0) - timedelta(days=1)
        company = build(
            Company,
            "unitree",
            name="Unitree",
            state="review",
            summary="Makes robots.",
            published_at=since,
            many={"sources": [build_source("prose")], "sectors": [build(Sector, "robotics")]},
        )
        for n, text in enumerate(("first", "second")):
            build_statement(company, [build_source(text)], label=text, text=f"The {text}.", position=n)
    return company


def save(client, row, opened, commit=None, **typed):
    """Send an opened form with some fields typed into; `row0_text` is that of the first statement."""
    data = dict(opened)
    for name, value in typed.items():
        part, _, field = name.partition("_")
        data[f"statements-{part[3:]}-{field}" if part[:3] == "row" and part[3:].isdigit() else name] = value
    if commit is None:
        return client.post(change_page(row), data)
    with commit():
        return client.post(change_page(row), data)


def opened(client, row):
    """The form with all its statements open."""
    data = controls(client.get(change_page(row)))
    for number in range(int(data.get("statements-INITIAL_FORMS", 0))):
        open_row(client, data, number)
    return data


def shown(response):
    """{field: (when opened, saved, typed, in the form)} of the table of differences."""
    rivals = response.context["rivals"]
    return {rival.label: (rival.before, rival.theirs, rival.mine, rival.is_mine) for rival in rivals}


# What is refused


@each_model
def test_save_over_another_save_refused(ada, model, commit):
    with commit():
        row = one_of(model)
    form = opened(ada, row)
    name = next(name for name in ("name", "title", "label") if name in form)
    with commit():
        setattr(row, name, "Theirs")
        row.save()
    response = save(ada, row, form, **{name: "Mine"})
    assert response.status_code == 409
    assert REFUSED in " ".join(errors(response))
    assert "Theirs" in words(response)
    assert controls(response)[name] == "Mine"
    row.refresh_from_db()
    assert getattr(row, name) == "Theirs"


@pytest.mark.parametrize(
    "touch",
    [
        lambda company: company.sectors.add(build(Sector)),
        lambda company: company.sectors.clear(),
        lambda company: company.sources.add(build_source()),
        lambda company: company.statements.first().sources.clear(),
        lambda company: company.statements.first().delete(),
        lambda company: build_statement(company, draft=True),
        lambda company: Statement.objects.filter(label="first").update(note="n"),
        lambda company: Company.objects.update(ticker="688001"),
    ],
    ids=["sector", "sectors", "source", "citation", "deletion", "held back", "statement", "past signals"],
)
def test_save_over_any_kind_of_change_refused(ada, company, touch):
    form = opened(ada, company)
    touch(company)
    assert save(ada, company, form, summary="Mine.").status_code == 409
    company.refresh_from_db()
    assert company.summary == "Makes robots."


def test_save_over_bulk_action_refused(ada, company):
    Company.objects.update(state="draft")
    form = opened(ada, company)
    data = {"action": "review_selected", "_selected_action": [company.pk]}
    log_in("bob").post(address(Company, "changelist"), data)
    assert save(ada, company, form, summary="Mine.").status_code == 409


def test_step_and_reading_of_a_colleague_shown(ada, company, commit):
    """They stand in no field of the form."""
    with commit():
        Company.objects.update(state="draft")
        company.refresh_from_db()
        company.save()
    form, today = opened(ada, company), date_format(timezone.localdate(), "j F Y")
    for action in ("review_selected", "mark_reread"):
        data = {"action": action, "_selected_action": [company.pk]}
        with commit():
            log_in(action).post(address(Company, "changelist"), data)
    assert shown(save(ada, company, form, summary="Mine.")) == {
        "State": ("Draft", "In review", "", False),
        "Checked on": ("", today, "", False),
    }


def test_save_over_loaddata_refused(ada, company, tmp_path):
    file = tmp_path / "companies.json"
    call_command("dumpdata", "ecosystem.company", use_natural_foreign_keys=True, output=str(file))
    form = opened(ada, company)
    file.write_text(file.read_text().replace("Makes robots.", "Builds robots."))
    call_command("loaddata", file, verbosity=0)
    assert save(ada, company, form, summary="Mine.").status_code == 409


def test_save_over_a_statement_saved_on_its_own_page_refused(ada, company):
    form, statement = opened(ada, company), company.statements.first()
    assert save(ada, statement, opened(ada, statement), text="Theirs.").status_code == 302
    assert save(ada, company, form, summary="Mine.").status_code == 409


def test_statement_that_moved_meanwhile_refused(ada, company):
    statement = company.statements.first()
    form = opened(ada, statement)
    statement.company = build(Company)
    statement.save()
    assert save(ada, statement, form, text="Mine.").status_code == 409


@pytest.mark.parametrize("token", ["", "x" * 5000, None])
def test_save_of_a_form_of_unknown_age_refused(ada, company, token):
    form = opened(ada, company)
    form.pop("_opened_as")
    typed = {} if token is None else {"_opened_as": token}
    response = save(ada, company, form, summary="Mine.", **typed)
    assert (response.status_code, controls(response)["summary"]) == (409, "Mine.")


# What is taken


def test_save_after_a_save_of_nothing_new_taken(ada, company):
    form = opened(ada, company)
    company.save()
    assert save(ada, company, form, summary="Mine.").status_code == 302


def test_save_beside_a_change_of_another_record_taken(ada, company):
    form = opened(ada, company)
    build_statement(build(Company), company.sources.all())
    assert save(ada, company, form, summary="Mine.").status_code == 302


def test_second_save_after_own_first_taken(ada, company):
    assert save(ada, company, opened(ada, company), summary="First.").status_code == 302
    assert save(ada, company, opened(ada, company), summary="Second.").status_code == 302


def test_save_knowing_both_versions_taken(ada, company, commit):
    form = opened(ada, company)
    save(log_in("bob"), company, form, commit, summary="Bob's.", ticker="688001", row1_text="Bob's too.")
    refused = save(ada, company, form, summary="Ada's.", website="https://example.org/", row0_text="Ada's.")
    assert refused.status_code == 409
    assert save(ada, company, controls(refused), commit).status_code == 302
    company.refresh_from_db()
    assert (company.summary, company.ticker) == ("Ada's.", "688001")
    assert company.website == "https://example.org/"
    assert [row.text for row in company.statements.all()] == ["Ada's.", "Bob's too."]


def test_save_knowing_two_versions_refused_over_a_third(ada, company, commit):
    form = opened(ada, company)
    save(log_in("bob"), company, form, commit, summary="Bob's.")
    refused = save(ada, company, form, summary="Ada's.")
    save(log_in("eve"), company, opened(ada, company), commit, summary="Eve's.")
    again = save(ada, company, controls(refused))
    assert again.status_code == 409
    assert shown(again)["Summary"] == ("Bob's.", "Eve's.", "Ada's.", True)
    assert "eve saved this after" in words(again)


# What both versions look like


def test_both_versions_shown_field_by_field(ada, company, commit):
    form = opened(ada, company)
    sector = build(Sector, "chips", name="Chips")
    typed = {"summary": "Bob's.", "sectors": [sector.pk], "founded": "2016-08", "open_source": "true"}
    save(log_in("bob"), company, form, commit, **typed, row0_status="disputed")
    response = save(ada, company, form, summary="Ada's.", row0_text="Ada's row.")
    assert shown(response) == {
        "Summary": ("Makes robots.", "Bob's.", "Ada's.", True),
        "Sectors": ("Robotics", "Chips", "Robotics", False),
        "Founded": ("", "August 2016", "", False),
        "Open source": ("", "yes", "", False),
        "Fact “first”, status": ("Reported", "Disputed", "Reported", False),
    }
    page = words(response)
    assert "bob saved this after you opened it" in page
    form = controls(response)
    assert (form["summary"], form["sectors"], form["founded"]) == ("Ada's.", [str(sector.pk)], "2016-08")
    assert (form["statements-0-text"], form["statements-0-status"]) == ("Ada's row.", "disputed")


def test_statements_that_nobody_opened_here_shown_and_left_as_saved(ada, company, commit):
    form, closed = opened(ada, company), controls(ada.get(change_page(company)))
    save(log_in("bob"), company, form, commit, row0_text="Bob's.")
    response = save(ada, company, closed, summary="Mine.")
    assert shown(response) == {"Fact “first”, text": ("The first.", "Bob's.", "", False)}
    assert save(ada, company, controls(response)).status_code == 302
    assert company.statements.first().text == "Bob's."


def test_deletion_of_a_statement_changed_meanwhile_asks_again(ada, company, commit):
    form, closed = opened(ada, company), controls(ada.get(change_page(company)))
    save(log_in("bob"), company, form, commit, row0_text="Bob's.")
    response = save(ada, company, closed | {"statements-0-DELETE": "on"})
    assert shown(response) == {"Fact “first”": ("The first.", "Bob's.", "delete", True)}
    again = controls(response)
    assert "statements-0-DELETE" in again
    assert save(ada, company, again | {"statements-0-DELETE": "on"}).status_code == 302
    assert company.statements.get().label == "second"


def test_closed_statement_deleted_meanwhile_stays_deleted(ada, company, commit):
    closed = controls(ada.get(change_page(company)))
    with commit():
        company.statements.first().delete()
    response = save(ada, company, closed, summary="Mine.")
    assert shown(response) == {"Fact “first”": ("The first.", "deleted", "", False)}
    assert save(ada, company, controls(response)).status_code == 302
    assert company.statements.get().label == "second"


def test_field_with_an_error_shown_as_typed(ada, company, commit):
    form = opened(ada, company)
    save(log_in("bob"), company, form, commit, founded="2016", name="Bob's")
    response = save(ada, company, form, founded="last year", name="")
    assert shown(response)["Founded"] == ("", "2016", "last year", True)
    assert shown(response)["Name"] == ("Unitree", "Bob's", "", True)
    assert controls(response)["founded"] == "last year"


def test_line_breaks_of_the_browser_are_no_change(ada, company, commit):
    with commit():
        company.body = "One.\n\nTwo."
        company.save()
    form = opened(ada, company)
    with commit():
        company.body = "One.\n\nThree."
        company.save()
    response = save(ada, company, form, body="One.\r\n\r\nTwo.", summary="Mine.")
    assert shown(response)["Body"] == ("One.\n\nTwo.", "One.\n\nThree.", "One.\n\nTwo.", False)
    assert controls(response)["body"] == "One.\n\nThree."


def test_state_that_the_log_does_not_hold_keeps_all_that_was_typed(ada, company):
    form = opened(ada, company)
    Change.objects.all().delete()
    Company.objects.update(summary="Theirs.", ticker="688001")
    response = save(ada, company, form, summary="Mine.")
    assert shown(response) == {"Summary": ("", "Theirs.", "Mine.", True), "Ticker": ("", "688001", "", True)}
    assert "somebody else saved this" in words(response)


def test_statement_added_meanwhile_shown_and_kept(ada, company, commit):
    form = opened(ada, company)
    with commit():
        build_statement(company, label="Theirs", text="New.", position=0)
    response = save(ada, company, form, row1_text="Mine.")
    assert shown(response) == {"Fact “Theirs”": ("", "New.", "", False)}
    assert save(ada, company, controls(response)).status_code == 302
    assert {row.text for row in company.statements.all()} == {"The first.", "Mine.", "New."}


def test_untouched_statement_deleted_meanwhile_stays_deleted(ada, company, commit):
    form = opened(ada, company)
    with commit():
        company.statements.first().delete()
    response = save(ada, company, form, row1_text="Mine.")
    assert shown(response) == {"Fact “first”": ("The first.", "deleted", "", False)}
    assert save(ada, company, controls(response)).status_code == 302
    assert [row.text for row in company.statements.all()] == ["Mine."]


def test_text_typed_into_a_statement_deleted_meanwhile_kept(ada, company, commit):
    form = opened(ada, company)
    with commit():
        company.statements.first().delete()
    response = save(ada, company, form, row0_text="Mine.")
    assert shown(response) == {"Fact “first”": ("The first.", "deleted", "", False)}
    data = controls(response)
    assert data["statements-1-text"] == "Mine."
    assert save(ada, company, data).status_code == 302
    assert {row.text for row in company.statements.all()} == {"The second.", "Mine."}


def test_rows_keep_their_titles_where_the_order_changed(ada, company, commit):
    form = opened(ada, company)
    with commit():
        Statement.objects.filter(label="first").update(position=9)
        company.save()
    response = save(ada, company, form, row0_text="Mine.")
    rows = list(response.context["inline_admin_formsets"][0])
    assert [row.original.pk for row in rows[:2]] == [row.form.instance.pk for row in rows[:2]]
    assert save(ada, company, controls(response)).status_code == 302
    assert Statement.objects.get(label="first").text == "Mine."


def test_two_statements_swapped_by_id_not_by_place(ada, company):
    """What a form with an error shows beside a row is the statement of that row."""
    form = opened(ada, company)
    response = save(ada, company, form, row0_text="", row1_text="Mine.")
    assert response.status_code == 200
    assert [row.original.label for row in list(response.context["inline_admin_formsets"][0])[:2]] == [
        "first",
        "second",
    ]


@pytest.mark.parametrize("total", ["", "x", "-1", "1"])
def test_formset_of_wrong_size_answered(ada, company, total):
    form = opened(ada, company) | {"statements-TOTAL_FORMS": total}
    assert save(ada, company, form, summary="Mine.").status_code in (200, 302)


@pytest.mark.parametrize("total", ["501", "99999"])
def test_number_of_rows_makes_none_and_is_capped(ada, company, total):
    """A number alone would cost half a minute of rows that nobody sent."""
    form = opened(ada, company) | {"statements-TOTAL_FORMS": total, "statements-2-label": "Typed"}
    response = save(ada, company, form, summary="Mine.")
    formset = response.context["inline_admin_formsets"][0].formset
    assert len(formset.forms) == 3
    assert formset.forms[2]["label"].value() == "Typed"
    links = {link.get("href"): "".join(link.itertext()) for link in parts(response, "a")}
    assert "takes 500 statements" in links["#statements-group"]


def test_author_is_given_no_token_for_what_they_may_not_change(company):
    Company.objects.update(state="published")
    author = log_in("author", AUTHOR)
    assert "_opened_as" not in opened(author, company)


@each_model
def test_queries_of_a_refused_save(ada, model, commit):
    with commit():
        row = one_of(model)
    form = opened(ada, row)
    model.objects.update(**{"note" if model in (Source, Statement) else "name_zh": "他"})
    with CaptureQueriesContext(connection) as queries:
        assert ada.post(change_page(row), form).status_code == 409
    # Without the savepoints around each constraint, in which no table is read.
    assert len([query for query in queries if " FROM " in query["sql"]]) <= MOST_QUERIES


# Truly at once


@pytest.fixture
def database(tmp_path, monkeypatch):
    """The database for threads: of SQLite a file, since a database in memory knows no second writer."""
    if connection.vendor == "sqlite":
        path = tmp_path / "hub.sqlite3"
        with closing(sqlite3.connect(path)) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        monkeypatch.setitem(connections.databases["default"], "NAME", str(path))


def in_threads(*functions):
    """Run functions at once, each on a connection of its own; return what they return."""
    results = [None] * len(functions)

    def run(n, function):
        try:
            results[n] = function()
        except Exception as error:  # noqa: BLE001 -- told by the test that looks at the results
            results[n] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(functions)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_one_of_two_saves_at_once_refused(database, monkeypatch):
    def prepare():
        company = build(Company, "unitree", state="draft", published_at=None)
        build_statement(company, [build_source()], text="Old.")
        clients = [log_in(name) for name in ("ada", "bob")]
        return company, [(client, opened(client, company)) for client in clients]

    [(company, editors)] = in_threads(prepare)
    is_inside = threading.Event()
    save_model = RecordAdmin.save_model

    def slow(*args):
        is_inside.set()
        is_inside.wait()
        # The other is on its way by now; without a lock it would look at the old state in this time.
        threading.Event().wait(0.4)
        save_model(*args)

    def first():
        return save(*(editors[0][0], company, editors[0][1]), row0_text="First.", name="First")

    def second():
        is_inside.wait(10)
        return save(*(editors[1][0], company, editors[1][1]), row0_text="Second.", name="Second")

    monkeypatch.setattr(RecordAdmin, "save_model", slow)
    responses = in_threads(first, second)
    assert [response.status_code for response in responses] == [302, 409]
    [(name, text)] = in_threads(lambda: (Company.objects.get().name, Statement.objects.get().text))
    assert (name, text) == ("First", "First.")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("model", [Company, Source])
def test_one_of_two_that_add_the_same_at_once_is_told(database, monkeypatch, model):
    """Both find the address free; the database takes the first, and the second keeps what was typed."""
    key, both = model.natural_key_field, threading.Barrier(2, timeout=20)
    fields = {"name": "Unitree", "definition": "Robots."}
    if model is Source:
        fields = {
            "url": "https://example.org/a",
            "title": "T",
            "publisher": "P",
            "language": "en",
            "kind": "news",
        }
    editor_admin, names = admin.site.get_model_admin(model), iter(("ada", "bob"))
    save_model = editor_admin.save_model

    def slow(request, *args):
        if not hasattr(request, "has_waited"):
            request.has_waited = True
            if connection.vendor == "postgresql":
                # SQLite lets nobody look while another one writes.
                both.wait()
        save_model(request, *args)

    def add():
        client = log_in(next(names))
        return client.post(
            address(model, "add"), filled(client, address(model, "add"), **fields, **{key: "same"})
        )

    monkeypatch.setattr(editor_admin, "save_model", slow)
    responses = in_threads(add, add)
    told = next(response for response in responses if response.status_code == 200)
    assert sorted(response.status_code for response in responses) == [200, 302]
    assert any(
        f"with this {model._meta.get_field(key).verbose_name.capitalize()} already exists" in each
        for each in errors(told)
    )
    assert controls(told)[key] == "same"
    assert "was added successfully" not in words(told)
