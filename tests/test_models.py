"""Constraints are in the database, where no form, import or fixture gets round them."""

import itertools
from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from ecosystem.models import RECORDS, Company, Hub, Place, Sector, Source, Statement
from ecosystem.models.record import Named, Record
from tests.builders import build, build_source, build_statement

pytestmark = pytest.mark.django_db

NAMED = [*RECORDS, Sector, Place]
NOT_SLUGS = ["Upper", "two--hyphens", "-start", "end-", "under_score", "杭州", "a b", "é", "a\n", ""]


def refused(name):
    """Expect the database itself to refuse what the block saves, by the constraint of this name."""
    return pytest.raises(IntegrityError, match=name)


def constraints(model):
    return {constraint.name for constraint in model._meta.constraints}


@pytest.mark.parametrize("slug", NOT_SLUGS)
@pytest.mark.parametrize("model", NAMED)
def test_slug_is_ascii(model, slug):
    row = build(model)
    row.slug = slug
    with refused("slug_ascii"), transaction.atomic():
        row.save()


@pytest.mark.parametrize("model", NAMED)
def test_slug_is_unique(model):
    build(model, "one")
    with pytest.raises(IntegrityError), transaction.atomic():
        build(model, "one")


@pytest.mark.parametrize("key", NOT_SLUGS)
def test_source_key_is_ascii(key):
    source = build_source()
    source.key = key
    with refused("key_ascii"), transaction.atomic():
        source.save()


@pytest.mark.parametrize("reference", NOT_SLUGS)
def test_statement_reference_is_ascii(reference):
    with refused("reference_ascii"), transaction.atomic():
        build_statement(build(Company), reference=reference)


@pytest.mark.parametrize("model", RECORDS)
def test_published_record_has_a_date(model):
    with refused("published_has_date"), transaction.atomic():
        build(model, published_at=None)


@pytest.mark.parametrize("state", ["draft", "review", "withdrawn"])
@pytest.mark.parametrize("model", RECORDS)
def test_other_states_need_no_date(model, state):
    assert build(model, state=state, published_at=None).pk


@pytest.mark.parametrize("model", RECORDS)
def test_withdrawn_record_has_a_reason(model):
    with refused("withdrawn_has_reason"), transaction.atomic():
        build(model, state="withdrawn", withdrawal_reason="")


@pytest.mark.parametrize("model", RECORDS)
def test_withdrawal_by_time_has_a_reason(model):
    with refused("withdrawal_has_reason"), transaction.atomic():
        build(model, withdraw_at=timezone.now())


@pytest.mark.parametrize("model", RECORDS)
def test_record_is_withdrawn_after_it_is_published(model):
    start, over = timezone.now(), {"withdrawal_reason": "It was for a year."}
    for moment in (start, start - timedelta(seconds=1)):
        with refused("withdrawn_after_published"), transaction.atomic():
            build(model, published_at=start, withdraw_at=moment, **over)
    assert build(model, published_at=start, withdraw_at=start + timedelta(seconds=1), **over).pk
    assert build(model, state="draft", published_at=None, withdraw_at=start, **over).pk


@pytest.mark.parametrize(
    ("fields", "standing"),
    [
        ({"state": "draft"}, "draft"),
        ({"state": "review"}, "review"),
        ({"published_at": timezone.now() + timedelta(days=1)}, "scheduled"),
        ({}, "published"),
        ({"withdraw_at": timezone.now() + timedelta(days=1)}, "published"),
        ({"withdraw_at": timezone.now()}, "withdrawn"),
        ({"state": "withdrawn"}, "withdrawn"),
    ],
)
def test_standing_is_the_state_by_the_clock(fields, standing):
    assert build(Company, **{"withdrawal_reason": "It was for a year."} | fields).standing == standing


@pytest.mark.parametrize("model", RECORDS)
def test_record_inherits_what_all_records_keep(model):
    """`class Meta:` without `(Record.Meta)` loses the constraints, the indexes and the order in silence."""
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    rules = ("slug_ascii", "published_has_date", "withdrawn_has_reason")
    rules += ("withdrawal_has_reason", "withdrawn_after_published")
    assert {f"{name}_{rule}" for rule in rules} <= constraints(model)
    assert len(model._meta.indexes) >= len(Record._meta.indexes) > 0
    assert model._meta.ordering == Named._meta.ordering


def test_every_record_model_is_among_the_records():
    assert set(Record.__subclasses__()) == set(RECORDS)
    assert set(Named.__subclasses__()) == {Record, Sector, Place}


def test_subjects_of_statements_are_the_records():
    assert [Statement._meta.get_field(name).related_model for name in Statement.SUBJECTS] == list(RECORDS)


@pytest.mark.parametrize("number", [0, 2, 3, 7])
def test_statement_is_about_exactly_one_record(number):
    """Three foreign keys are the case that a chained XOR lets through."""
    for models in itertools.combinations(RECORDS, number):
        subjects = {model._meta.model_name: build(model) for model in models}
        with refused("one_subject"), transaction.atomic():
            Statement.objects.create(label="Founded", text="2016", **subjects)


@pytest.mark.parametrize("model", RECORDS)
def test_statement_knows_its_subject(model):
    record = build(model)
    statement = build_statement(record)
    assert statement.subject == record
    assert statement.get_absolute_url() == f"{record.get_absolute_url()}#{statement.reference}"


def test_number_has_a_unit():
    company = build(Company)
    with refused("number_has_unit"), transaction.atomic():
        build_statement(company, value=3, unit="")
    assert build_statement(company, value=3, unit="none").pk


def test_statement_says_something():
    company = build(Company)
    with refused("says_something"), transaction.atomic():
        build_statement(company, text="")
    assert build_statement(company, text="", value=0, unit="none").pk


@pytest.mark.parametrize("model", [Company, Place])
def test_row_is_not_its_own_parent(model):
    row = build(model)
    row.parent = row
    with refused("parent"), transaction.atomic():
        row.save()


def test_only_one_hub_is_home():
    build(Hub, is_home=True)
    build(Hub, is_home=False)
    build(Hub, is_home=False)
    with pytest.raises(IntegrityError), transaction.atomic():
        build(Hub, is_home=True)


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(30, None), (None, 120), (91, 120), (-91, 120), (30, 181), (30, -181)],
)
def test_coordinates_come_in_pairs_and_in_degrees(latitude, longitude):
    with refused("coordinates_in_pairs"), transaction.atomic():
        build(Place, latitude=latitude, longitude=longitude)


@pytest.mark.parametrize(("latitude", "longitude"), [(None, None), (30, 120), (-90, -180), (90, 180), (0, 0)])
def test_coordinates_within_degrees_are_kept(latitude, longitude):
    assert build(Place, latitude=latitude, longitude=longitude).pk


def test_constraints_speak_to_editors():
    """The same rules answer in words in a form, before the database has to refuse."""
    row = Company(slug="Not ASCII", name="A", state="published", withdrawal_reason="")
    with pytest.raises(ValidationError) as caught:
        row.validate_constraints()
    text = " ".join(caught.value.messages)
    assert "lower-case letters" in text
    assert "publication date" in text


def test_every_constraint_is_named_after_its_model():
    for model in (*NAMED, Source, Statement):
        assert all(name.startswith(f"ecosystem_{model._meta.model_name}_") for name in constraints(model))


@pytest.mark.parametrize("model", [*NAMED, Source, Statement])
def test_natural_key_finds_the_row(model):
    if model is Statement:
        row = build_statement(build(Company))
    else:
        row = build_source() if model is Source else build(model)
    assert model.objects.get_by_natural_key(*row.natural_key()) == row


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"text": "In July"}, "In July"),
        ({"text": "", "value": 1234567, "unit": "people"}, "1,234,567 people"),
        ({"text": "", "value": "2.50", "unit": "CNY bn"}, "2.5 CNY bn"),
        ({"text": "", "value": 100, "unit": "none"}, "100"),
        ({"text": "", "value": 1000000, "unit": "none"}, "1,000,000"),
        ({"text": "about 100", "value": 100, "unit": "none"}, "about 100"),
        ({"text": "", "value": 10, "unit": "rank"}, "rank 10"),
        ({"text": "", "value": 2, "unit": "rank in China"}, "rank 2 in China"),
        ({"text": "", "value": "31.84", "unit": "New York = 100"}, "31.84 (New York = 100)"),
    ],
)
def test_statement_in_words(fields, words):
    statement = build_statement(build(Company), **fields)
    statement.refresh_from_db()
    assert statement.words == words
    assert str(statement) == f"Founded: {words}"


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("corroborated", True),
        ("reported", True),
        ("self-reported", True),
        ("disputed", False),
        ("unsupported", False),
    ],
)
def test_status_decides_what_counts_as_true(status, counts):
    assert build_statement(build(Company), status=status).counts_as_true is counts


def test_company_names_leave_out_doubles_and_its_own():
    company = build(Company, name="A", name_zh="甲", legal_name="A Ltd", other_names="甲\nA\nB\n\nA Ltd")
    assert company.names == ["甲", "A Ltd", "B"]


def test_editing_moves_the_change_date_but_not_the_check():
    company = build(Company, checked_on=datetime(2026, 1, 1).date())  # noqa: DTZ001 -- a day, not an instant
    before = company.updated_at
    company.summary = "Other"
    company.save()
    company.refresh_from_db()
    assert before < company.updated_at <= timezone.now()
    assert company.checked_on.isoformat() == "2026-01-01"


def test_rows_are_called_by_their_names():
    source = build_source(publisher="Gazette", title="A law")
    assert str(source) == "Gazette: A law"
    assert str(build(Company, name="Deep")) == "Deep"
