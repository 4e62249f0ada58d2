"""The journal, the change log that it writes, and the version of the data."""

import contextlib
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ecosystem.changes import because, data_version, editor, redact, version_date
from ecosystem.journal import touch
from ecosystem.models import RECORDS, Breakthrough, Change, Company, Place, Sector, Source
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def made(commit, model=Company, **fields):
    """A row that is saved and logged."""
    with commit():
        return build(model, **fields)


def log_of(row):
    """The changes of a row, oldest first."""
    return list(Change.objects.filter(kind=row._meta.model_name, object_id=row.pk).order_by("pk"))


def actions(row):
    return [(change.action, change.published_at is not None) for change in log_of(row)]


def test_save_makes_one_change(commit):
    company = made(commit, name="Old")
    with commit():
        company.name = "New"
        company.save()
        company.save()
    first, second = log_of(company)
    assert (first.action, second.action) == ("published", "changed")
    assert (first.snapshot["name"], second.snapshot["name"]) == ("Old", "New")
    assert (second.summary, second.slug) == ("Name", company.slug)


def test_save_of_nothing_new_makes_none(commit):
    company = made(commit)
    with commit():
        company.save()
    assert len(log_of(company)) == 1


def test_many_to_many_is_recorded(commit):
    sector = made(commit, Sector, slug="robotics")
    company = made(commit)
    with commit():
        company.sectors.add(sector)
    assert log_of(company)[-1].snapshot["sectors"] == ["robotics"]


def test_many_to_many_cleared_from_the_other_end_is_recorded(commit):
    sector = made(commit, Sector)
    company = made(commit, many={"sectors": [sector]})
    with commit():
        sector.companies.clear()
    assert log_of(company)[-1].snapshot["sectors"] == []


def test_statement_and_its_sources_are_recorded_with_their_subject(commit):
    company = made(commit)
    with commit():
        statement = build_statement(company, sources=[])
    with commit():
        statement.sources.add(build_source("press"))
    with commit():
        statement.text = "2017"
        statement.save()
    sources = [change.snapshot["statements"] for change in log_of(company)]
    assert [[row["sources"] for row in rows] for rows in sources] == [[], [[]], [["press"]], [["press"]]]
    assert sources[-1][0]["text"] == "2017"
    assert log_of(company)[-1].summary == "Fact “Founded”, text"


def test_source_that_cites_from_its_own_end_is_recorded(commit):
    company, source = made(commit), build_source("press")
    with commit():
        statement = build_statement(company, sources=[])
    with commit():
        source.statements.add(statement)
    assert log_of(company)[-1].snapshot["statements"][0]["sources"] == ["press"]


def test_statement_that_moves_changes_both_records(commit):
    old, new = made(commit), made(commit)
    with commit():
        statement = build_statement(old)
    with commit():
        statement.company = new
        statement.save()
    assert [len(log_of(row)[-1].snapshot["statements"]) for row in (old, new)] == [0, 1]


def test_deleted_source_and_statement_change_what_cited_them(commit):
    company = made(commit)
    with commit():
        first = build_statement(company, sources=[build_source("press")])
        second = build_statement(company)
    with commit():
        Source.objects.get(key="press").delete()
    assert log_of(company)[-1].snapshot["statements"][0]["sources"] == []
    with commit():
        first.delete()
    rows = log_of(company)[-1].snapshot["statements"]
    assert [row["reference"] for row in rows] == [second.reference]


def test_statement_that_is_held_back_is_in_no_snapshot(commit):
    company = made(commit)
    with commit():
        statement = build_statement(company, text="sentinel", draft=True)
    assert [change.snapshot is not None for change in log_of(company)] == [True, False]
    with commit():
        statement.draft = False
        statement.save()
    assert [row["text"] for row in log_of(company)[-1].snapshot["statements"]] == ["sentinel"]


def test_relation_to_a_draft_is_in_no_snapshot(commit):
    draft, parent = made(commit, state="draft"), made(commit, state="draft")
    row = made(commit, Breakthrough, many={"companies": [draft]})
    child = made(commit, parent=parent)
    assert log_of(row)[-1].snapshot["companies"] == []
    assert log_of(child)[-1].snapshot["parent"] is None


def test_what_readers_do_not_see_is_noted_without_becoming_public(commit):
    company = made(commit)
    with commit():
        statement = build_statement(company, text="sentinel", draft=True)
    seen, unseen = log_of(company)
    assert (unseen.action, unseen.published_at, unseen.snapshot) == ("changed", None, None)
    assert unseen.summary == "Fact “Founded”"
    assert [row["text"] for row in unseen.whole["statements"]] == ["sentinel"]
    assert seen.whole["statements"] == []
    assert data_version() == 1
    with commit():
        statement.text = "better"
        statement.save()
        company.name = "New"
        company.save()
    assert actions(company) == [("published", True), ("changed", False), ("changed", True)]
    assert log_of(company)[-1].summary == "Name"
    assert log_of(company)[-1].whole["statements"][0]["text"] == "better"


def test_whole_snapshot_holds_relations_to_drafts(commit):
    draft = made(commit, slug="hidden", state="draft")
    row = made(commit, Breakthrough, many={"companies": [draft]})
    assert log_of(row)[-1].whole["companies"] == ["hidden"]
    assert log_of(row)[-1].snapshot["companies"] == []


def test_unseen_change_leaves_a_schedule_waiting(commit):
    company = made(commit, published_at=timezone.now() + HOUR)
    with commit():
        build_statement(company, draft=True)
    assert actions(company) == [("published", True), ("changed", False)]


def test_public_log_does_not_load_what_is_held_back(commit):
    made(commit)
    change = Change.objects.published().get()
    assert "whole" in change.get_deferred_fields()


def test_record_that_comes_back_is_created_again(commit):
    company = made(commit)
    key = company.pk
    with commit():
        company.delete()
    made(commit, pk=key, state="draft")
    assert actions(Company(pk=key)) == [("published", True), ("deleted", True), ("created", False)]


def test_redaction_empties_what_was_held_back_too(commit):
    company = made(commit)
    with commit():
        statement = build_statement(company, text="sentinel", draft=True)
    with commit():
        statement.delete()
    assert redact(Change.objects.filter(kind="company")) == 1
    unseen = log_of(company)[1]
    assert (unseen.whole, unseen.summary) == (None, "")
    assert log_of(company)[2].whole["statements"] == []
    assert data_version() == 1


def test_rollback_records_nothing(commit):
    company = made(commit)
    with commit():
        with contextlib.suppress(IntegrityError), transaction.atomic():
            build(Company, slug="half-done")
            build(Company, slug=company.slug)
        company.save()
    assert Change.objects.count() == 1


def test_draft_is_public_from_its_publication(commit):
    company = made(commit, state="draft")
    for state in ("review", "published", "published"):
        with commit():
            company.state, company.summary = state, f"{company.summary}!"
            company.save()
    assert actions(company) == [
        ("created", False),
        ("changed", False),
        ("published", True),
        ("changed", True),
    ]


def test_schedule_counts_when_its_time_comes(commit):
    company = made(commit, published_at=timezone.now() + HOUR)
    with commit():
        company.summary = "Better."
        company.save()
    assert actions(company) == [("published", False), ("published", True)]
    assert data_version() == 0
    due = timezone.now() - HOUR
    Company.objects.filter(pk=company.pk).update(published_at=due)
    Change.objects.waiting().update(published_at=due)
    assert data_version() == 1
    assert version_date() == due


def test_schedule_that_is_cancelled_never_counts(commit):
    company = made(commit, published_at=timezone.now() + HOUR)
    with commit():
        company.state = "draft"
        company.save()
    assert actions(company) == [("published", False), ("changed", False)]


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"state": "withdrawn", "withdrawal_reason": "A double."}, [("withdrawn", True)]),
        ({"state": "draft"}, [("withdrawn", True)]),
        ({"published_at": timezone.now() + HOUR}, [("withdrawn", True), ("published", True)]),
    ],
)
def test_public_record_that_goes_away_is_withdrawn(commit, fields, expected):
    company = made(commit)
    with commit():
        for name, value in fields.items():
            setattr(company, name, value)
        company.save()
    assert actions(company)[1:] == expected
    assert log_of(company)[1].reason == fields.get("withdrawal_reason", "")
    assert data_version() == 2


UNTIL = {"withdrawal_reason": "It was for a year."}


def test_withdrawal_by_time_counts_when_its_time_comes(commit):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    assert actions(company) == [("published", True), ("withdrawn", True)]
    assert log_of(company)[-1].published_at == company.withdraw_at
    assert (data_version(), list(Change.objects.newest_states())) == (1, log_of(company)[:1])
    come_due(company)
    assert data_version() == 2
    assert list(Change.objects.newest_states()) == log_of(company)[1:]


def come_due(company):
    """What the clock would do: the time of the withdrawal lies a minute back."""
    due = timezone.now() - timedelta(minutes=1)
    Company.objects.filter(pk=company.pk).update(withdraw_at=due)
    Change.objects.waiting().filter(action="withdrawn").update(published_at=due)


def test_edit_announces_the_withdrawal_anew(commit):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    with commit(), because("Typo."):
        company.summary = "Better."
        company.save()
    assert actions(company)[1:] == [("withdrawn", False), ("changed", True), ("withdrawn", True)]
    assert [change.reason for change in log_of(company)[2:]] == ["Typo.", "It was for a year."]
    assert data_version() == 2


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"withdraw_at": timezone.now() + 2 * HOUR}, UNTIL["withdrawal_reason"]),
        ({"withdrawal_reason": "Moved."}, "Moved."),
    ],
)
def test_schedule_alone_is_no_change_that_readers_see(commit, fields, reason):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    with commit():
        for name, value in fields.items():
            setattr(company, name, value)
        company.save()
    assert actions(company) == [("published", True), ("withdrawn", False), ("withdrawn", True)]
    assert (log_of(company)[-1].published_at, log_of(company)[-1].reason) == (company.withdraw_at, reason)
    with commit():
        company.withdraw_at = None
        company.save()
    gone = [("withdrawn", False), ("withdrawn", False), ("changed", False)]
    assert actions(company) == [("published", True), *gone]
    assert data_version() == 1


def test_save_of_nothing_new_keeps_the_announcement(commit):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    with commit():
        company.save()
    assert actions(company) == [("published", True), ("withdrawn", True)]
    come_due(company)
    with commit():
        Company.objects.get().save()
    # Told to editors alone, since the clock of this test moved the time of the withdrawal.
    assert actions(company) == [("published", True), ("withdrawn", True), ("changed", False)]


def test_publication_and_withdrawal_both_ahead(commit):
    company = made(commit, published_at=timezone.now() + HOUR, withdraw_at=timezone.now() + 2 * HOUR, **UNTIL)
    with commit():
        company.withdraw_at += HOUR
        company.save()
    assert actions(company) == [("published", True), ("withdrawn", False), ("withdrawn", True)]
    assert data_version() == 0


def test_record_that_comes_back_is_published_again(commit):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    come_due(company)
    company.refresh_from_db()
    with commit():
        company.withdraw_at = None
        company.save()
    assert actions(company) == [("published", True), ("withdrawn", True), ("published", True)]
    assert data_version() == 3


def test_withdrawal_set_for_the_past_is_told_at_once(commit):
    company = made(commit)
    with commit():
        company.withdraw_at, company.withdrawal_reason = timezone.now(), "Over."
        company.save()
    assert actions(company) == [("published", True), ("withdrawn", True)]
    assert (log_of(company)[-1].reason, data_version()) == ("Over.", 2)


def test_redaction_leaves_what_is_ahead(commit):
    company = made(commit, withdraw_at=timezone.now() + HOUR, **UNTIL)
    assert redact(Change.objects.all()) == 0
    assert log_of(company)[-1].reason == UNTIL["withdrawal_reason"]


def test_deletion_is_recorded(commit):
    public, draft = made(commit), made(commit, state="draft")
    keys = public.pk, draft.pk
    with commit():
        public.delete()
        draft.delete()
    with commit():
        touch("default", Company, *keys)
    rows = Change.objects.filter(action="deleted").order_by("pk")
    assert [(row.object_id, row.published_at is not None) for row in rows] == [
        (keys[0], True),
        (keys[1], False),
    ]


def test_source_is_public_once_something_public_cites_it(commit):
    with commit():
        source = build_source()
    with commit():
        build_statement(made(commit), sources=[source])
    assert actions(source) == [("created", False), ("published", True)]


def test_places_and_sectors_are_recorded(commit):
    for model in (Place, Sector):
        row = made(commit, model)
        with commit():
            row.definition = "Another."
            row.save()
        assert actions(row) == [("published", True), ("changed", True)]


def test_loaddata_twice_adds_nothing(commit, tmp_path):
    company = made(commit, published_at=timezone.now().replace(microsecond=0) - HOUR)
    with commit():
        build_statement(company)
    file = tmp_path / "content.json"
    models = ["sector", "place", "source", "company", "statement"]
    options = {"use_natural_primary_keys": True, "use_natural_foreign_keys": True, "output": str(file)}
    call_command("dumpdata", *(f"ecosystem.{name}" for name in models), **options)
    company.delete()
    Source.objects.all().delete()
    Change.objects.all().delete()
    for _ in range(2):
        with commit():
            call_command("loaddata", file, verbosity=0)
        assert [(row.kind, row.action) for row in Change.objects.order_by("kind")] == [
            ("company", "published"),
            ("source", "published"),
        ]


def test_commit_of_thirty_takes_no_more_queries_than_of_three(commit):
    def queries(number):
        with commit() as callbacks:
            for _ in range(number):
                row = build(Breakthrough, many={"companies": [build(Company)]})
                build_statement(row)
        del callbacks[:]
        with CaptureQueriesContext(connection) as captured, commit():
            for row in Breakthrough.objects.all():
                row.summary += "!"
                row.save()
            saves = len(captured)
        return len(captured) - saves

    assert queries(3) == queries(27)


def test_reason_and_user_are_kept_for_the_commit(commit, django_user_model):
    user = django_user_model.objects.create(username="ada")
    company = made(commit)
    with commit():
        with because("The filing says so.", user=user):
            company.name = "New"
            company.save()
        build(Company, slug="other")
    change = log_of(company)[-1]
    assert (change.reason, change.user) == ("The filing says so.", user)
    assert Change.objects.get(slug="other").user is None
    user.delete()
    assert log_of(company)[-1].user is None


def test_middleware_names_the_editor_of_a_request(commit, rf, django_user_model):
    request = rf.post("/")
    request.user = django_user_model.objects.create(username="ada")

    def view(request):
        with because("x" * 400):
            return build(Company)

    with commit():
        company = editor(view)(request)
        other = build(Company)
    assert (log_of(company)[0].user, log_of(company)[0].reason) == (request.user, "x" * 300)
    assert log_of(other)[0].user is None


def test_data_version_grows_with_every_public_change(commit):
    versions = [(data_version(), version_date())]
    company = made(commit)
    versions.append((data_version(), version_date()))
    made(commit, state="draft")
    with commit():
        company.name = "New"
        company.save()
    versions.append((data_version(), version_date()))
    with commit():
        company.delete()
    versions.append((data_version(), version_date()))
    assert [number for number, _ in versions] == [0, 1, 2, 3]
    assert versions[0][1] is None
    assert versions[1][1] <= versions[2][1] <= versions[3][1]


def test_every_kind_of_content_is_recorded(commit):
    for model in (*RECORDS, Place, Sector):
        assert len(log_of(made(commit, model))) == 1
    assert {*Change.KINDS} == {model._meta.model_name for model in (*RECORDS, Place, Sector, Source)}
