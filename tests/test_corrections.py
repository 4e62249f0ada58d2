"""Reports: what the form takes, what is kept of a sender and for how long, and what the database refuses."""

from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from ecosystem import corrections
from ecosystem.corrections import (
    MOST_REPORTS,
    ReportForm,
    may_send,
    network_of,
    purge_contacts,
    subject,
)
from ecosystem.models import Company, Correction, Sender
from ecosystem.models.correction import as_written, new_reference
from tests.builders import build, build_correction, build_statement

pytestmark = pytest.mark.django_db


def test_reference_is_long_enough_to_be_unguessable_and_can_be_typed():
    references = {new_reference() for _ in range(500)}
    assert len(references) == 500
    signs = {sign for reference in references for sign in reference.replace("-", "")[1:]}
    assert len(signs) == 32
    assert signs.isdisjoint("ILOU")
    for reference in references:
        assert as_written(reference.lower()) == reference
        assert as_written(reference.replace("0", "o").replace("1", "l")) == reference


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "accepted", "reason": ""},
        {"state": "declined", "decided_at": None},
        {"state": "open", "decided_at": timezone.now()},
    ],
)
def test_half_a_decision_refused_by_the_database(fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        build_correction(build(Company), **fields)


def test_deleted_statement_leaves_the_correction():
    company = build(Company)
    statement = build_statement(company)
    correction = build_correction(company, statement=statement)
    statement.delete()
    correction.refresh_from_db()
    assert correction.statement is None


def test_subject_is_a_public_record_and_its_public_statement():
    company, other = build(Company, "unitree"), build(Company, "other")
    said = build_statement(company, reference="said")
    build_statement(company, reference="held-back", draft=True)
    build_statement(other, reference="elsewhere")
    assert subject("company/unitree") == (company, None)
    assert subject("company/unitree", "said") == (company, said)
    for reference in ("held-back", "elsewhere", "no-such"):
        assert subject("company/unitree", reference) is None
    for record in ("company/no-such", "factor/unitree", "source/unitree", "company", "unitree", "/", "a/b/c"):
        assert subject(record) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "draft"},
        {"state": "review"},
        {"state": "withdrawn"},
        {"published_at": timezone.now() + timedelta(days=1)},
    ],
)
def test_subject_is_never_what_readers_do_not_see(fields):
    company = build(Company, "hidden", **fields)
    build_statement(company, reference="said")
    assert subject("company/hidden") is None
    assert subject("company/hidden", "said") is None


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("::ffff:203.0.113.9", "203.0.113.9/32"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1%eth0", "2001:db8:1:2::/64"),
    ],
)
def test_network_of_an_address(address, network):
    assert network_of(address) == network


def test_network_may_send_so_many_a_day():
    answers = [may_send("2001:db8::1") for _ in range(MOST_REPORTS)]
    assert answers == [True] * MOST_REPORTS
    assert not may_send("2001:db8::2")
    assert may_send("2001:db8:0:1::1")
    assert may_send("203.0.113.9")


def test_no_address_is_kept():
    may_send("203.0.113.9")
    [kept] = Sender.objects.values()
    assert "203.0.113" not in str(kept)
    assert kept["network"] != sha256(b"203.0.113.9/32").hexdigest()


def at(day):
    """Noon in Shanghai, on a day of 2026."""
    return datetime(2026, *day, 4, tzinfo=UTC)


def test_next_day_has_another_key_and_forgets_the_day_before(monkeypatch):
    kept = []
    for day in ((11, 1), (11, 2)):
        monkeypatch.setattr(corrections.timezone, "now", lambda day=day: at(day))
        may_send("203.0.113.9")
        kept.append(list(Sender.objects.values_list("day__day", "network")))
    [[(first_day, first)], [(second_day, second)]] = kept
    assert (first_day, second_day) == (1, 2)
    assert first != second


def test_purge_deletes_old_contacts_and_past_senders():
    now, company = timezone.now(), build(Company)
    ages = {"new": 89, "old": 91, "older": 400}
    for contact, days in ages.items():
        build_correction(company, "open", contact=contact, received_at=now - timedelta(days=days))
    build_correction(company, contact="", received_at=now - timedelta(days=91))
    Sender.objects.create(day=timezone.localdate() - timedelta(days=1), network="x")
    assert purge_contacts() == 2
    assert set(Correction.objects.values_list("contact", flat=True)) == {"new", ""}
    assert Correction.objects.count() == 4
    assert not Sender.objects.exists()


def test_purge_command_says_how_many(capsys):
    build_correction(build(Company), contact="me", received_at=timezone.now() - timedelta(days=31))
    call_command("purge_contacts", days=30)
    assert capsys.readouterr().out == "Contacts deleted: 1.\n"


def test_form_counts_a_line_break_as_the_browser_does():
    form = ReportForm({"wrong": "\r\n".join("x" * 1000)})
    assert form.is_valid()
    assert form.cleaned_data["wrong"] == "\n".join("x" * 1000)
    assert not ReportForm({"wrong": "x" * 2001}).is_valid()


@pytest.mark.parametrize("text", ["", "   ", "\r\n", None, "a\0b"])
def test_form_asks_what_is_wrong(text):
    form = ReportForm({"wrong": text} if text is not None else {})
    assert list(form.errors) == ["wrong"]
