"""What is public: one condition, in SQL, against the database's clock."""

from datetime import timedelta

import pytest
from django.db.models import F, Prefetch
from django.utils import timezone

from ecosystem.models import RECORDS, Breakthrough, Challenge, Company, Factor, Hub, Place, Source, Statement
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db


REASON = {"withdrawal_reason": "It was for a year."}


def from_now(**duration):
    return timezone.now() + timedelta(**duration)


def build_in_every_state(model):
    """{what the name says: record}; `future` and `never` have no publication date in the past."""
    return {
        "draft": build(model, state="draft"),
        "review": build(model, state="review"),
        "scheduled": build(model, published_at=from_now(hours=1)),
        "published": build(model),
        "withdrawn": build(model, state="withdrawn"),
        "withdrawn early": build(model, state="withdrawn", published_at=from_now(hours=1)),
        "withdrawn before": build(model, state="withdrawn", published_at=None),
        "until later": build(model, withdraw_at=from_now(hours=1), **REASON),
        "until now": build(model, withdraw_at=from_now(seconds=-1), **REASON),
        "never seen": build(model, published_at=from_now(hours=1), withdraw_at=from_now(hours=2), **REASON),
        "back to draft": build(model, state="draft", withdraw_at=from_now(hours=1), **REASON),
    }


@pytest.mark.parametrize("model", RECORDS)
def test_published_holds_only_what_readers_may_see(model):
    rows = build_in_every_state(model)
    assert set(model.objects.published()) == {rows["published"], rows["until later"]}


@pytest.mark.parametrize("model", RECORDS)
def test_withdrawn_holds_only_what_readers_once_saw(model):
    rows = build_in_every_state(model)
    assert set(model.objects.withdrawn()) == {rows["withdrawn"], rows["until now"]}


@pytest.mark.parametrize("model", RECORDS)
def test_scheduled_holds_what_waits_for_its_time(model):
    rows = build_in_every_state(model)
    assert set(model.objects.scheduled()) == {rows["scheduled"], rows["never seen"]}


@pytest.mark.parametrize("model", RECORDS)
def test_statements_are_public_where_their_record_is(model):
    rows = build_in_every_state(model)
    shown = {name: build_statement(row) for name, row in rows.items()}
    for row in rows.values():
        build_statement(row, draft=True)
    assert set(Statement.objects.published()) == {shown["published"], shown["until later"]}


@pytest.mark.parametrize("model", RECORDS)
def test_sources_are_public_where_a_public_text_cites_them(model):
    for row in build_in_every_state(model).values():
        row.sources.set([build_source(f"of-{row.slug}")])
    expected = {f"of-{record.slug}" for record in model.objects.published()}
    assert {source.key for source in Source.objects.published()} == expected


@pytest.mark.parametrize("model", RECORDS)
def test_sources_are_public_where_a_public_statement_cites_them(model):
    rows = build_in_every_state(model)
    for row in rows.values():
        build_statement(row, sources=[build_source(f"of-{row.slug}")])
    build_statement(rows["published"], sources=[build_source("of-a-draft-statement")], draft=True)
    expected = {f"of-{record.slug}" for record in model.objects.published()}
    assert {source.key for source in Source.objects.published()} == expected


def test_source_cited_twice_is_listed_once():
    source = build_source()
    for _ in range(2):
        build_statement(build(Company, many={"sources": [source]}), sources=[source])
    build(Place).sources.set([source])
    build_source("cited-by-nobody")
    assert list(Source.objects.published()) == [source]


def test_schedule_comes_due_without_a_job():
    """The rows stay as they are; only the clock moves on, here by a second either way."""
    due, later = (
        build(Company, published_at=from_now(seconds=-1)),
        build(Company, published_at=from_now(hours=1)),
    )
    assert list(Company.objects.published()) == [due]
    later.published_at = from_now(seconds=-1)
    later.save()
    assert list(Company.objects.published().order_by("pk")) == [due, later]


def test_detail_of_a_company_holds_only_public_relatives():
    company = build(Company)
    for model, name in [(Company, "parent"), (Breakthrough, "companies"), (Challenge, "companies")]:
        for row in build_in_every_state(model).values():
            if name == "parent":
                row.parent = company
                row.save()
            else:
                getattr(row, name).set([company])
    read = Company.objects.for_detail().get(pk=company.pk)
    for relation in ("subsidiaries", "breakthroughs", "challenges"):
        assert [row.standing for row in getattr(read, relation).all()] == ["published"] * 2, relation


def test_unpublished_parent_is_not_named():
    for state in ("draft", "withdrawn"):
        company = build(Company, parent=build(Company, state=state))
        assert Company.objects.for_listing().get(pk=company.pk).parent is None


def test_response_count_leaves_drafts_out():
    challenge = build(Challenge)
    for kind, draft in [("response", False), ("response", True), ("update", False)]:
        build_statement(challenge, kind=kind, draft=draft)
    build(Challenge, "without")
    counts = {row.slug: row.response_count for row in Challenge.objects.with_response_count()}
    assert counts == {challenge.slug: 1, "without": 0}


def test_newest_first_puts_unknown_dates_last():
    for slug, date in [("b", "2020"), ("a", "2020"), ("c", None), ("d", "2020-05")]:
        build(Breakthrough, slug, date=date, name=slug)
    assert [row.slug for row in Breakthrough.objects.newest_first()] == ["d", "a", "b", "c"]


def test_home_is_the_published_home_hub():
    build(Hub)
    assert Hub.objects.home() is None
    home = build(Hub, is_home=True, state="draft")
    assert Hub.objects.home() is None
    home.state = "published"
    home.save()
    assert Hub.objects.home() == home


def test_statements_come_in_the_editors_order():
    factor = build(Factor)
    for reference, position in [("c", 2), ("a", 0), ("b", 1), ("d", 2)]:
        build_statement(factor, reference=reference, position=position)
    read = Factor.objects.prefetch_related(Prefetch("statements", Statement.objects.shown())).get()
    assert [row.reference for row in read.statements.all()] == ["a", "b", "c", "d"]


def test_did_not_hold_is_disputed_or_unsupported():
    company = build(Company)
    for status in Statement.Status:
        build_statement(company, status=status)
    assert {row.status for row in Statement.objects.did_not_hold()} == {"disputed", "unsupported"}


def test_page_of_statements_keeps_its_rows_in_order():
    company = build(Company)
    for year in ("2011", "2013", None, "2010", "2012"):
        build_statement(company, date=year, draft=year == "2013")
    rows = Statement.objects.published().order_by(F("date").desc(nulls_last=True), "pk")
    assert [row.date for row in rows[1:4].for_listing()] == ["2011", "2010", None]
    assert list(rows[:1].for_listing()) == list(rows.for_listing())[:1]
