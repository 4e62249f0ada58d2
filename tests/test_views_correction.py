"""Reporting a problem, the page of a report, and the public log of decisions."""

import re
from datetime import timedelta

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.utils import timezone

from ecosystem.corrections import MOST_REPORTS
from ecosystem.models import RECORDS, Company, Correction
from ecosystem.search import reindex
from hubportal import content_log
from hubportal.pagecache import PageCache
from tests.builders import build, build_correction, build_statement
from tests.pages import by_class, links, parse, read_atom, read_csv, read_json, words
from tests.test_urls import check
from tests.wsgi import ask

pytestmark = pytest.mark.django_db

NEW = "/corrections/new/"
ABOUT = f"{NEW}?record=company/unitree"
TEXT = {"wrong": "It was 2015.", "right": "2016", "evidence": "https://example.org/register", "contact": "me"}


@pytest.fixture
def company():
    company = build(Company, "unitree", name="Unitree", name_zh="宇树")
    build_statement(company, reference="s-founded", label="Founded", text="2015")
    return company


def send(client, address=ABOUT, follow=True, **changes):
    return client.post(address, TEXT | changes, follow=follow)


def reference_on(response):
    return re.search(r"C-[0-9A-Z]{4}-[0-9A-Z]{4}", response.content.decode())[0]


# The form


@pytest.mark.parametrize("query", ["", "&statement=s-founded"])
def test_form_is_html_without_fault(client, company, query):
    response = client.get(ABOUT + query)
    assert response.status_code == 200
    tree = parse(response)
    check(tree, ABOUT)
    labels = {label.get("for"): words(label) for label in tree.iter("label")}
    assert labels["id_wrong"] == "What is wrong?"
    assert labels["id_contact"] == "How can we reach you? (optional)"


def test_form_names_the_statement_as_it_stands(client, company):
    page = words(parse(client.get(f"{ABOUT}&statement=s-founded")))
    assert "Founded: 2015 Reported" in page


def test_form_is_kept_by_nobody_and_sets_the_one_cookie(client, company):
    response = client.get(ABOUT)
    assert "no-store" in response["Cache-Control"]
    assert list(response.cookies) == ["csrf"]
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_form_without_a_record_says_where_to_start(client):
    response = client.get(NEW)
    assert response.status_code == 400
    assert "Open the page that is wrong" in response.content.decode()
    assert not response.cookies


@pytest.mark.parametrize(
    "query",
    [
        "record=company/no-such",
        "record=company/draft",
        "record=company/withdrawn",
        "record=company/later",
        "record=company/unitree&statement=no-such",
        "record=company/unitree&statement=s-draft",
        "record=company/draft&statement=s-of-draft",
        "record=source/unitree",
        "record=%00",
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_form_about_what_readers_do_not_see_is_not_there(client, company, query, method):
    build_statement(company, reference="s-draft", draft=True)
    build_statement(build(Company, "draft", state="draft"), reference="s-of-draft")
    build(Company, "withdrawn", state="withdrawn")
    build(Company, "later", published_at=timezone.now() + timedelta(days=1))
    assert getattr(client, method)(f"{NEW}?{query}", TEXT if method == "post" else None).status_code == 404
    assert not Correction.objects.exists()


@pytest.mark.parametrize("model", RECORDS)
def test_every_record_and_statement_leads_to_the_form(client, model):
    record = build(model, "one")
    build_statement(record, reference="a-fact", kind="fact")
    build_statement(record, reference="an-event", kind="event", key="")
    noun = model._meta.model_name
    found = links(parse(client.get(record.get_absolute_url())))
    about = f"{NEW}?record={noun}/one"
    assert found[about] == "Report a problem"
    for reference in ("a-fact", "an-event"):
        assert found[f"{about}&statement={reference}"] == "Report a problem with: Founded"
        assert client.get(f"{about}&statement={reference}").status_code == 200


def test_old_version_leads_to_no_form(client, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        build_statement(build(Company, "unitree"))
    page = client.get("/companies/unitree/?version=1")
    assert page.status_code == 200
    assert NEW not in page.content.decode()


# Sending


def test_report_is_stored_as_it_was_typed(client, company):
    response = send(client, f"{ABOUT}&statement=s-founded")
    correction = Correction.objects.get()
    assert response.redirect_chain == [(f"/corrections/sent/{correction.reference}/", 302)]
    assert correction.reference in words(parse(response))
    assert {name: getattr(correction, name) for name in TEXT} == TEXT
    assert (correction.kind, correction.object_id) == ("company", company.pk)
    assert correction.statement.reference == "s-founded"
    assert (correction.state, correction.decided_at) == ("open", None)


def test_report_sent_twice_is_one(client, company):
    first, again, other = send(client), send(client), send(client, contact="somebody else")
    assert reference_on(first) == reference_on(again) != reference_on(other)
    assert Correction.objects.count() == 2


def test_report_can_be_looked_up(client, company):
    page = client.get(f"/corrections/{reference_on(send(client))}/")
    assert "Received, not decided yet" in words(parse(page))


def test_what_is_missing_is_said_in_a_summary_and_beside_its_field(client, company):
    response = send(client, wrong="", right="<b>2016</b>")
    assert response.status_code == 200
    tree = parse(response)
    check(tree, ABOUT)
    assert next(tree.iter("title")).text.startswith("Error: ")
    [summary] = by_class(tree, "error")
    assert links(summary) == {"#id_wrong": "Say what is wrong, in a few words."}
    [area] = [element for element in tree.iter("textarea") if element.get("id") == "id_wrong"]
    assert area.get("aria-invalid") == "true"
    assert area.get("aria-describedby") == "id_wrong_error"
    assert not Correction.objects.exists()


def test_what_was_typed_is_kept(client, company):
    page = send(client, wrong="").content.decode()
    for text in ("2016", "https://example.org/register", 'value="me"'):
        assert text in page


@pytest.mark.parametrize(
    ("name", "most"), [("wrong", 2000), ("right", 2000), ("evidence", 1000), ("contact", 200)]
)
def test_texts_have_a_length(client, company, name, most):
    response = send(client, **{name: "x" * (most + 1)})
    assert f"at most {most} characters" in response.content.decode()
    assert not Correction.objects.exists()
    assert f'maxlength="{most}"' in response.content.decode()


def test_robot_is_told_that_it_was_sent_and_nothing_is_stored(client, company):
    person, robot = send(client), send(client, homepage="https://spam.example/")
    assert Correction.objects.count() == 1
    forms = [re.sub(r"C-\w{4}-\w{4}", "C", response.content.decode()) for response in (person, robot)]
    assert forms[0] == forms[1]
    assert client.get(f"/corrections/{reference_on(robot)}/").status_code == 404


def test_trap_is_seen_by_no_person(client, company):
    tree = parse(client.get(ABOUT))
    [trap] = [
        element
        for element in tree.iter("p")
        if any(field.get("name") == "homepage" for field in element.iter("input"))
    ]
    assert trap.get("hidden") is not None


def test_network_that_sends_too_many_is_told_and_keeps_its_text(client, company, settings):
    settings.SITE_CONTACT = "hub@example.org"
    for n in range(MOST_REPORTS):
        assert send(client, right=str(n)).status_code == 200
    response = send(client)
    assert response.status_code == 429
    page = response.content.decode()
    assert "hub@example.org" in page
    assert "It was 2015." in page
    assert Correction.objects.count() == MOST_REPORTS
    assert client.post(ABOUT, TEXT, REMOTE_ADDR="203.0.113.9").status_code == 302


def test_network_is_that_which_our_own_proxy_saw(client, company, settings):
    """What stands before the last address of X-Forwarded-For was written by the sender."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for n in range(MOST_REPORTS + 1):
        forwarded = {"X-Forwarded-For": f"203.0.113.{n}, 198.51.100.1"}
        response = client.post(ABOUT, TEXT, headers=forwarded)
    assert response.status_code == 429
    assert client.post(ABOUT, TEXT, headers={"X-Forwarded-For": "198.51.100.2"}).status_code == 302


def test_report_without_token_is_not_sent_and_keeps_its_text(company):
    client = Client(enforce_csrf_checks=True)
    response = send(client)
    assert response.status_code == 403
    page = response.content.decode()
    assert "Send it again" in page
    assert "It was 2015." in page
    assert not Correction.objects.exists()
    # The answer brings the token with it.
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    assert send(client, csrfmiddlewaretoken=token).status_code == 200
    assert Correction.objects.count() == 1


def test_other_form_without_token_has_the_page_for_it():
    response = Client(enforce_csrf_checks=True).post(f"{NEW}?record=company/no-such", TEXT)
    assert response.status_code == 403
    assert "The form was not accepted" in response.content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_not_allowed(client, company, method):
    assert getattr(client, method)(ABOUT).status_code == 405


def test_sent_page_sets_no_cookie_and_is_not_indexed(client):
    response = client.get("/corrections/sent/C-ABCD-EFGH/")
    assert not response.cookies
    check(parse(response), "sent")
    assert '<meta name="robots" content="noindex">' in response.content.decode()


# The page of a report


def test_report_page_shows_the_decision_and_not_the_report(client, company):
    correction = build_correction(
        company,
        statement=company.statements.get(),
        reason="The register says 2016.",
        wrong="SECRET-WORDS",
        right="SECRET-RIGHT",
        evidence="SECRET-EVIDENCE",
        contact="SECRET-CONTACT",
    )
    response = client.get(correction.get_absolute_url())
    assert not response.cookies
    tree = parse(response)
    check(tree, "report")
    page = words(tree)
    assert "Accepted About Unitree: Founded" in page
    assert "The register says 2016." in page
    assert "SECRET" not in response.content.decode()
    assert "/companies/unitree/#s-founded" in links(tree)
    assert '<meta name="robots" content="noindex">' in response.content.decode()


def test_report_page_found_by_what_people_type(client, company):
    build_correction(company, reference="C-01AB-CDEF")
    response = client.get("/corrections/c-olab-cdef/")
    assert (response.status_code, response["Location"]) == (302, "/corrections/C-01AB-CDEF/")


@pytest.mark.parametrize("path", ["C-ABCD-EFGH", "C-ABCD", "new-one", "C-ABCD-EFGH-1234"])
def test_report_page_that_is_not_there(client, path):
    assert client.get(f"/corrections/{path}/").status_code == 404


@pytest.mark.parametrize("state", ["draft", "review"])
def test_report_page_names_no_record_that_readers_never_saw(client, state):
    hidden = build(Company, "hidden", name="SENTINEL", state=state)
    correction = build_correction(
        hidden, statement=build_statement(hidden, label="SENTINEL"), reason="SENTINEL"
    )
    response = client.get(correction.get_absolute_url())
    assert response.status_code == 200
    assert "SENTINEL" not in response.content.decode()
    assert "A record that is not public now" in response.content.decode()


def test_report_page_of_a_withdrawn_record_keeps_the_reason(client):
    gone = build(Company, "gone", name="Gone", state="withdrawn")
    said = build_statement(gone, label="SENTINEL")
    page = client.get(
        build_correction(gone, statement=said, reason="A double.").get_absolute_url()
    ).content.decode()
    assert "A double." in page
    assert "/companies/gone/" in page
    assert "SENTINEL" not in page


# The log


def test_log_lists_decisions_newest_first(client, company):
    now = timezone.now()
    for n, state in enumerate(["accepted", "partly", "declined"]):
        build_correction(company, state, reason=f"Reason {n}", decided_at=now - timedelta(days=n))
    build_correction(company, "open", wrong="OPEN")
    response = client.get("/corrections/")
    tree = parse(response)
    assert [words(card.find("div/p")) for card in by_class(tree, "card")] == [
        "Accepted: Reason 0",
        "Partly accepted: Reason 1",
        "Declined: Reason 2",
    ]
    assert not response.cookies


def test_log_tells_nothing_of_the_reporter_in_any_format(client, company):
    secret = dict.fromkeys(["wrong", "right", "evidence", "contact"], "SECRET")
    build_correction(company, reason="Told.", **secret)
    for suffix in ("/", ".json", ".csv", ".atom"):
        text = client.get(f"/corrections{suffix}").getvalue().decode()
        assert "Told." in text
        assert "SECRET" not in text


def test_log_as_data(client, company):
    statement = company.statements.get()
    first = build_correction(company, statement=statement, reason="=1+1")
    build_correction(build(Company, "other"), "declined", reason="No.")
    assert read_csv(client, "correction", "state=accepted")[1][:7] == [
        first.reference,
        "company",
        "unitree",
        "Unitree",
        "s-founded",
        "accepted",
        "Accepted",
    ]
    assert read_csv(client, "correction", "state=accepted")[1][7] == "'=1+1"
    data = read_json(client, "correction", "kind=company&sort=date")
    assert [row["reason"] for row in data["records"]] == ["=1+1", "No."]
    assert data["facets"]["state"][0]["count"] == 1
    titles = [
        entry.text for entry in read_atom(client, "correction").iter("{http://www.w3.org/2005/Atom}title")
    ]
    assert titles[1:] == ["Other: declined", "Unitree, Founded: accepted"]


def test_log_is_searched_by_the_records(client, company):
    build_correction(company)
    build_correction(build(Company, "other", name="Else"))
    reindex()
    assert [row["record"] for row in read_json(client, "correction", "q=宇树")["records"]] == ["unitree"]


@pytest.mark.parametrize("suffix", ["/", ".json", ".csv", ".atom"])
def test_log_is_sent_anew_after_a_decision(client, company, suffix):
    """Decisions do not move the version of the data, on which other lists rely."""
    build_correction(company)
    first = client.get(f"/corrections{suffix}")
    assert "Last-Modified" not in first
    headers = {"If-None-Match": first["ETag"]}
    assert client.get(f"/corrections{suffix}", headers=headers).status_code == 304
    build_correction(company, "declined")
    assert client.get(f"/corrections{suffix}", headers=headers).status_code == 200


def test_log_leaves_out_the_statement_that_was_held_back(client, company):
    held = build_statement(company, label="SENTINEL", draft=True)
    build_correction(company, statement=held, reason="Taken back.")
    for suffix in ("/", ".json", ".csv", ".atom"):
        text = client.get(f"/corrections{suffix}").getvalue().decode()
        assert "Taken back." in text
        assert "SENTINEL" not in text


# Behind the layer that keeps pages


@pytest.fixture
def kept(one_connection):
    """The whole site behind the layer that keeps finished pages."""
    return PageCache(WSGIHandler(), room=2**24, stale=60)


def test_decision_shows_at_once_where_pages_are_kept(kept, company, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        correction = build_correction(company, "open")
    paths = ["/corrections/", correction.get_absolute_url()]
    for path in paths:
        assert b"Now it is right." not in ask(kept, path).body
    correction.state, correction.reason, correction.decided_at = (
        "accepted",
        "Now it is right.",
        timezone.now(),
    )
    with django_capture_on_commit_callbacks(execute=True):
        correction.save()
    for path in paths:
        assert b"Now it is right." in ask(kept, path).body


def test_report_leaves_what_is_kept_and_its_decision_does_not(client, company, commit):
    before = content_log.version()
    with commit():
        send(client)
    assert content_log.version() == before
    correction = Correction.objects.get()
    correction.state, correction.reason, correction.decided_at = "declined", "It was 2015.", timezone.now()
    with commit():
        correction.save()
    decided = content_log.version()
    assert decided != before
    with commit():
        build_correction(company, "accepted")
    assert content_log.version() != decided


def test_form_is_made_for_each_reader(kept, company):
    """A kept form would hand the token of one reader to all others."""
    tokens = {
        re.search(rb'name="csrfmiddlewaretoken" value="(\w+)"', ask(kept, ABOUT).body)[1] for _ in range(2)
    }
    assert len(tokens) == 2
