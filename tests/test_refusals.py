"""A row that the database refuses: its constraint in words, on both databases."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError

from ecosystem.admin.refusals import leave_to_database, refusals_in_words
from ecosystem.models import Company, Source
from tests.builders import build, build_source

pytestmark = pytest.mark.django_db


def refused(row):
    with pytest.raises(ValidationError) as refusal, refusals_in_words(row):
        row.save()
    return refusal.value.update_error_dict({})


@pytest.mark.parametrize(
    ("model", "fields", "field", "words"),
    [
        (Company, {"slug": "taken"}, "slug", "Company with this Slug already exists."),
        (
            Company,
            {"slug": "a--b"},
            "__all__",
            "The slug takes lower-case letters, digits and single hyphens",
        ),
        (
            Company,
            {"state": "withdrawn", "slug": "a"},
            "__all__",
            "A withdrawn record needs a reason that readers can see.",
        ),
        (
            Source,
            {"url": "https://example.org/taken", "key": "a"},
            "url",
            "Source with this Address already exists.",
        ),
    ],
)
def test_constraint_told_in_its_own_words(model, fields, field, words):
    build(Company, "taken")
    build_source("taken")
    [(name, errors)] = refused(model(**fields)).items()
    assert name == field
    assert errors[0].messages[0].startswith(words)


def test_refusal_leaves_the_transaction_alive():
    build(Company, "taken")
    refused(Company(slug="taken"))
    assert Company.objects.count() == 1


def test_other_refusal_is_not_hidden():
    row = Company(slug="a", name=None)
    with pytest.raises(IntegrityError), refusals_in_words(row):
        row.save()


def test_row_left_to_the_database_asks_nothing(django_assert_num_queries):
    build(Company, "taken")
    row = Company(slug="taken", name="A", state="draft", hub_link="unknown")
    leave_to_database(row)
    with django_assert_num_queries(0):
        row.full_clean()
