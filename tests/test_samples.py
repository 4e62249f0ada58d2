"""An invented hub: always the same for one seed, complete, and nowhere near real content."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.core.serializers import serialize
from django.db import transaction

from ecosystem.journal import CONTENT
from ecosystem.models import RECORDS, Change, Company, SearchEntry, Statement
from tests.builders import build
from tests.pages import read_json

pytestmark = pytest.mark.django_db


def made(**options):
    """What the command writes, as data without clock and keys; undone before this returns."""
    with transaction.atomic():
        call_command("make_sample", stdout=StringIO(), **options)
        data = {model: as_data(model) for model in CONTENT}
        transaction.set_rollback(True)
    return data


def as_data(model):
    rows = serialize("python", model.objects.order_by("pk"), use_natural_foreign_keys=True)
    return [{name: value for name, value in row["fields"].items() if name != "updated_at"} for row in rows]


def test_one_seed_makes_one_hub():
    first = made(companies=20, seed=3)
    assert first == made(companies=20, seed=3)
    assert first != made(companies=20, seed=4)
    assert len(first[Company]) == 20
    assert all(first[model] for model in CONTENT)


def test_sample_is_public_named_as_such_searched_and_logged(client):
    call_command("make_sample", companies=20, stdout=StringIO())
    data = read_json(
        client, "company", "q=sample&page_size=50&hub_link=linked&hub_link=unknown&hub_link=office"
    )
    names = [record["name"] for record in data["records"]]
    assert names
    assert all(
        name.startswith("Sample ")
        for model in RECORDS
        for name in model.objects.values_list("name", flat=True)
    )
    assert not Statement.objects.filter(sources=None).exists()
    logged = Change.objects.filter(kind="company", action=Change.Action.PUBLISHED)
    assert logged.count() == SearchEntry.objects.filter(kind="company").count() == 20


def test_company_of_a_sample_has_a_page(client):
    call_command("make_sample", companies=5, stdout=StringIO())
    response = client.get(Company.objects.first().get_absolute_url())
    assert response.status_code == 200
    assert "Nothing here is true" in response.content.decode()


def test_database_with_content_gets_no_sample_unless_told():
    build(Company, state="draft")
    with pytest.raises(CommandError, match="has content"):
        call_command("make_sample", companies=1)
    call_command("make_sample", companies=1, beside_content=True, stdout=StringIO())
    assert Company.objects.count() == 2


def test_second_sample_is_refused_in_words():
    call_command("make_sample", companies=1, stdout=StringIO())
    with pytest.raises(CommandError, match="a sample in this database already"):
        call_command("make_sample", companies=1, beside_content=True)


@pytest.mark.parametrize("number", [0, -3])
def test_number_of_companies_starts_at_one(number):
    with pytest.raises(CommandError, match=f"--companies is {number}"):
        call_command("make_sample", companies=number)
