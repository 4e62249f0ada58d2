"""Partial dates: kept, shown and sorted as exactly as they are known."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from ecosystem.fields import PartialDate, PartialDateField, PartialDateFormField, parse_partial_date
from ecosystem.models import Company
from tests.builders import build

VALID = ["2016", "2016-07", "2016-07-09", "1978-12-31", "2024-02-29"]
INVALID = [
    "16",
    "20160",
    "2016-7",
    "2016-13",
    "2016-00",
    "2016-02-30",
    "2023-02-29",
    "2016-07-9",
    "2016-07-09-01",
    "2016/07",
    "-2016",
    "2016-",
    "0000",
    "２０１６",
    "July 2016",
    "2016-07\n",
]


@pytest.mark.parametrize("text", VALID)
def test_partial_date_is_kept_as_written(text):
    assert PartialDate(text) == text


@pytest.mark.parametrize("text", INVALID)
def test_partial_date_refuses_other_forms(text):
    with pytest.raises(ValueError, match=r"date|month|day|year"):
        PartialDate(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [("2016", "2016"), ("2016-07", "July 2016"), ("2016-07-09", "9 July 2016")],
)
def test_readable_says_no_more_than_is_known(text, words):
    assert PartialDate(text).readable == words
    assert PartialDate(text).year == 2016


def test_partial_dates_sort_by_calendar():
    dates = ["2017", "2016-07-09", "2016", "2016-12", "2016-07", "2015-12-31"]
    expected = ["2015-12-31", "2016", "2016-07", "2016-07-09", "2016-12", "2017"]
    assert sorted(map(PartialDate, dates)) == expected


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2016", "2016-07", True),
        ("2016-07-09", "2016-07", True),
        ("2016", "2016", True),
        ("2016", "2017", False),
        ("2016-07", "2016-08-01", False),
    ],
)
def test_dates_agree_where_one_only_says_less(one, other, agree):
    assert PartialDate(one).agrees_with(PartialDate(other)) is agree
    assert PartialDate(other).agrees_with(PartialDate(one)) is agree


@pytest.mark.parametrize("nothing", [None, ""])
def test_parse_turns_nothing_into_none(nothing):
    assert parse_partial_date(nothing) is None


def test_parse_advises_on_the_form():
    with pytest.raises(ValidationError, match="2016, 2016-07 or 2016-07-09"):
        parse_partial_date("last summer")


def test_form_field_cleans_to_a_partial_date():
    field = PartialDateFormField(required=False)
    assert field.clean(" 2016-07 ").readable == "July 2016"
    assert field.clean("  ") is None
    with pytest.raises(ValidationError):
        field.clean("2016-7")


def test_model_field_offers_the_form_field():
    assert isinstance(Company._meta.get_field("founded").formfield(), PartialDateFormField)


def test_migrations_write_the_field_without_its_fixed_arguments():
    _, path, args, kwargs = PartialDateField(help_text="As of").deconstruct()
    assert (path, args, kwargs) == ("ecosystem.fields.PartialDateField", [], {"help_text": "As of"})


@pytest.mark.django_db
@pytest.mark.parametrize("text", [*VALID, None])
def test_database_gives_back_what_was_written(text):
    company = build(Company, founded=text)
    company.refresh_from_db()
    assert company.founded == text
    assert text is None or isinstance(company.founded, PartialDate)


@pytest.mark.django_db
def test_blank_is_stored_as_not_known():
    company = build(Company, founded="")
    assert Company.objects.filter(founded=None).get() == company


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["2016-7", "July", "2016-07\n", "20160709", "2016-07-0Z", "-", ""])
def test_database_refuses_other_forms(text):
    company = build(Company)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE ecosystem_company SET founded = %s WHERE id = %s", [text, company.pk])
